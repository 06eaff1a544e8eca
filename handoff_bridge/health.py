"""Whether everything the bridge needs is there."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

import requests

from handoff_bridge.ports import Store
from handoff_bridge.shard import Shard, ShardState
from handoff_bridge.shards import Shards

_PATIENCE = 2.0  # seconds


class ActionsUnavailableError(Exception):
    """The actions do not answer."""


class Health:
    """Asks the database and the actions, and tells what is known of each Rasa."""

    def __init__(self, store: Store, shards: Shards, actions_url: str) -> None:
        self._shards = shards
        self._actions_url = actions_url
        self._database = _Question(store.ping)
        self._actions = _Question(self._ask_actions)

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Whether customers can be served, if only in part, and the state of each part with what was seen.

        The answer comes within about two seconds, whatever hangs.
        """
        asked = self._database.ask(), self._actions.ask()
        wait(asked, _PATIENCE)
        database, actions = map(_state, asked)
        rasa = [_of_rasa(shard) for shard in self._shards.all]
        if database["state"] == "down" or not any(shard.is_alive for shard in self._shards.all):
            status = "not_ready"
        else:
            status = "ready" if all(part["state"] == "up" for part in (*rasa, actions)) else "degraded"
        return status != "not_ready", {"status": status, "database": database, "rasa": rasa, "actions": actions}

    def _ask_actions(self) -> None:
        try:
            response = requests.get(f"{self._actions_url}/health", timeout=_PATIENCE)
        except requests.RequestException as error:
            raise ActionsUnavailableError(type(error).__name__) from error
        if response.status_code != 200:
            raise ActionsUnavailableError(f"status {response.status_code}")


class _Question:
    """Asked in a thread of its own, once at a time: what does not answer holds up nobody, and one thread at most."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._asked: Future[None] | None = None

    def ask(self) -> Future[None]:
        """The answer to come; that of an earlier call if it is still to come."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._ask)
            return self._asked


def _state(asked: Future[None]) -> dict[str, str]:
    if not asked.done():
        return _down(f"no answer in {_PATIENCE:g} s")
    error = asked.exception()
    return _down(str(error)) if error else {"state": "up"}


def _of_rasa(shard: Shard) -> dict[str, str]:
    state = {"url": shard.assistant.url, "state": shard.state.value}
    return state if shard.state is ShardState.UP else {**state, "seen": shard.seen}


def _down(seen: str) -> dict[str, str]:
    return {"state": "down", "seen": seen}
