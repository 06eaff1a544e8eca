"""Several Rasas as one assistant: each conversation has its own, the same for every bridge process.

Rendezvous hashing (Thaler and Ravishankar, 1998): the address with the highest hash wins, so that a Rasa more or
less moves only the conversations that it takes or leaves. A Rasa that refuses connections is passed over until it
answers a check again; then its conversations come back to it.

A conversation may change its Rasa between any two turns: trackers are rows that all of them read anew for each turn, a
repeated message is answered from those rows, and of two Rasas that work on one conversation the second cannot save. But
actions would run twice, so whatever may still be under way (a time-out, a cut connection) stays where it is.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from handoff_bridge.assistant import AssistantError, AssistantRefusedError, AssistantUnavailableError, RasaAssistant
from handoff_bridge.messages import Message
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation
from handoff_bridge.shard import Shard, ShardState
from handoff_bridge.turns import Answer

log = structlog.get_logger(__name__)

_CHECK_EVERY = 1.0  # seconds
_STOP_WITHIN = 2.0  # seconds
_LONGEST_TURN = 600.0  # seconds after which no turn is under way any more; Rasa's channel ends it by then


class Shards:
    """Sends each conversation to its own Rasa, or while that is down to the next one."""

    def __init__(self, assistants: Sequence[RasaAssistant], metrics: Metrics) -> None:
        self.all = tuple(Shard(assistant, metrics) for assistant in assistants)
        self._failures = metrics.assistant_failures
        self._busy = _Busy()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, args=(shard,), name=f"rasa-{number}", daemon=True)
            for number, shard in enumerate(self.all)
        ]

    def start(self) -> None:
        """Begins to look after each Rasa."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(_STOP_WITHIN)

    def ask(self, conversation: Conversation, message: Message) -> Answer:
        """The assistant's answer. Raises what `RasaAssistant.ask` raises; `AssistantRefusedError` if all are down."""
        return self._try_each(conversation, lambda assistant: assistant.ask(conversation, message))

    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        """Echoes events to the tracker. Raises what `ask` raises."""
        self._try_each(conversation, lambda assistant: assistant.tell(conversation, events))

    def line(self, conversation: Conversation) -> list[Shard]:
        """The Rasas in the order in which the conversation asks them: those that are alive, or all if none is."""
        ranked = sorted(self.all, key=lambda shard: _weight(shard.assistant.url, conversation.id), reverse=True)
        alive = [shard for shard in ranked if shard.is_alive]
        busy = self._busy.get(conversation.id)
        return sorted(alive, key=lambda shard: shard is not busy) or ranked

    def _try_each[T](self, conversation: Conversation, call: Callable[[RasaAssistant], T]) -> T:
        refused = AssistantRefusedError("there is no Rasa")
        for shard in self.line(conversation):
            try:
                answer = call(shard.assistant)
            except AssistantRefusedError as error:
                self._failures.labels(error.kind).inc()
                shard.note(ShardState.DOWN, str(error))
                refused = error
            except AssistantError as error:
                self._failures.labels(error.kind).inc()
                if isinstance(error, AssistantUnavailableError):
                    self._busy.put(conversation.id, shard)
                else:
                    self._busy.remove(conversation.id)
                raise
            else:
                if not shard.is_alive:
                    shard.note(ShardState.UP)
                self._busy.remove(conversation.id)
                return answer
        raise refused

    def _watch(self, shard: Shard) -> None:
        while not self._stopping.is_set():
            try:
                shard.look()
            except Exception:  # the edge of the thread
                log.exception("A Rasa could not be checked.", action="rasa_check_failed")
            self._stopping.wait(_CHECK_EVERY)


class _Busy:
    """Where a turn may still be under way, by conversation. A restart forgets it; the tracker's rows still guard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, tuple[Shard, float]] = {}

    def get(self, conversation_id: str) -> Shard | None:
        shard, until = self._entries.get(conversation_id, (None, 0.0))
        return shard if time.monotonic() < until else None

    def put(self, conversation_id: str, shard: Shard) -> None:
        now = time.monotonic()
        with self._lock:
            fresh = ((key, entry) for key, entry in self._entries.items() if now < entry[1])
            self._entries = {**dict(fresh), conversation_id: (shard, now + _LONGEST_TURN)}

    def remove(self, conversation_id: str) -> None:
        with self._lock:
            self._entries.pop(conversation_id, None)


def _weight(url: str, conversation_id: str) -> bytes:
    return hashlib.sha256(f"{url} {conversation_id}".encode()).digest()
