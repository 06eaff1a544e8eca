"""Whether everything the bridge needs is there."""

from collections.abc import Sequence
from typing import Any

import requests

from handoff_bridge.assistant import AssistantUnavailableError, RasaAssistant
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.ports import Store

_PATIENCE = 2.0  # seconds


class Health:
    """Asks the database, each Rasa and the actions."""

    def __init__(self, store: Store, assistants: Sequence[RasaAssistant], actions_url: str) -> None:
        self._store = store
        self._assistants = assistants
        self._actions_url = actions_url

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Whether all of it is up, and the state of each part: `up`, or `down` with what was seen."""
        database = self._database()
        rasa = [{"url": assistant.url, **self._rasa(assistant)} for assistant in self._assistants]
        actions = self._actions()
        is_ready = all(part["state"] == "up" for part in (database, *rasa, actions))
        status = "ready" if is_ready else "not_ready"
        return is_ready, {"status": status, "database": database, "rasa": rasa, "actions": actions}

    def _database(self) -> dict[str, str]:
        try:
            self._store.ping()
        except StoreUnavailableError as error:
            return _down(str(error))
        return {"state": "up"}

    def _rasa(self, assistant: RasaAssistant) -> dict[str, str]:
        try:
            assistant.check()
        except AssistantUnavailableError as error:
            return _down(str(error))
        return {"state": "up"}

    def _actions(self) -> dict[str, str]:
        try:
            response = requests.get(f"{self._actions_url}/health", timeout=_PATIENCE)
        except requests.RequestException as error:
            return _down(type(error).__name__)
        return {"state": "up"} if response.status_code == 200 else _down(f"status {response.status_code}")


def _down(seen: str) -> dict[str, str]:
    return {"state": "down", "seen": seen}
