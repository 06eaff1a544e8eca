"""Works a turn: asks the assistant, and lets the customer hear the answer if the assistant still has the voice."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from handoff_bridge.answers import Answers
from handoff_bridge.assistant import AssistantConfusedError, AssistantUnavailableError
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.messages import Message
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation
from handoff_bridge.ports import Store
from handoff_bridge.turns import Answer, Turn, TurnState

log = structlog.get_logger(__name__)

LEASE = 15.0  # seconds; renewed while the process lives, so this is how long a killed one holds a turn
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between attempts; the last one stays
_CONFUSED_ATTEMPTS = 3
_STORE_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between attempts to write down an outcome


class Assistant(Protocol):
    """Whoever answers customers before a person does."""

    def ask(self, conversation: Conversation, message: Message) -> Answer: ...
    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None: ...


class Delivery:
    """The worker's use case; `name` tells this process's leases from those of others."""

    def __init__(
        self, store: Store, assistant: Assistant, answers: Answers, metrics: Metrics, *, name: str, lease: float = LEASE
    ) -> None:
        self._store = store
        self._assistant = assistant
        self._answers = answers
        self._metrics = metrics
        self._name = name
        self._numbers = itertools.count(1)
        self._leases: set[str] = set()
        self.lease = lease

    def claim(self) -> Turn | None:
        """The next turn that is due, to be worked by this process; None when there is none."""
        lease = f"{self._name}:{next(self._numbers)}:"
        with self._store.begin() as t:
            turn = t.turns.claim(lease, self.lease)
        if turn is not None:
            self._leases.add(lease)
        return turn

    def work(self, turn: Turn) -> None:
        """Works a claimed turn. Raises `StoreUnavailableError` when its outcome could not be written down.

        Then its lease runs out, and the turn is taken again.
        """
        try:
            with structlog.contextvars.bound_contextvars(conversation_id=turn.conversation.id, turn_id=turn.id):
                self._work(turn)
        finally:
            self._leases.discard(turn.lease)

    def renew(self) -> None:
        """Holds on to what this process is working on, and to nothing that it only seems to: a claim whose commit was
        cut off, a turn whose outcome was lost.
        """
        if leases := sorted(self._leases.copy()):
            with self._store.begin() as t:
                for lease in leases:
                    t.turns.renew(lease, self.lease)

    def _work(self, turn: Turn) -> None:
        try:
            self._written(self._outcome(turn))
        except StoreUnavailableError:
            raise
        except Exception as error:
            log.exception("A turn could not be worked.", action="turn_broken")
            self._written(partial(self._again_or_fail, turn, type(error).__name__))

    def _outcome(self, turn: Turn) -> Callable[[], None]:
        """Asks the assistant; what is to be written down then."""
        try:
            if turn.message is None:
                self._assistant.tell(turn.conversation, turn.events)
                return partial(self._end, turn, TurnState.DONE)
            if not _has_the_voice(turn):
                return partial(self._end, turn, TurnState.DROPPED)
            return partial(self._deliver, turn, turn.message, self._assistant.ask(turn.conversation, turn.message))
        except AssistantUnavailableError as error:
            return partial(self._again, turn, str(error))
        except AssistantConfusedError as error:
            return partial(self._again_or_fail, turn, str(error))

    def _written(self, write: Callable[[], None]) -> None:
        """Waits for a database that is away for a moment: the answer is there, and nobody need be asked again."""
        for pause in _STORE_PAUSES:
            try:
                return write()
            except StoreUnavailableError:
                log.warning("The outcome of a turn waits for the database.", action="turn_unwritten")
                time.sleep(pause)
        return write()

    def _deliver(self, turn: Turn, message: Message, answer: Answer) -> None:
        with self._store.begin() as t:
            conversation = t.conversations.lock(turn.conversation.id)
            epoch = t.turns.hold(turn)
            if conversation is None or epoch is None:
                t.turns.note_late(turn, _note("late", answer))
                outcome = "late"
            elif epoch != conversation.epoch:
                t.turns.finish(turn, TurnState.DROPPED, _note("moved", answer))
                outcome = TurnState.DROPPED.value
            else:
                self._answers.say(t, conversation, message, answer, moved=epoch != turn.epoch)
                t.turns.finish(turn, TurnState.DONE)
                outcome = answer.error or TurnState.DONE.value
        self._count(outcome)

    def _end(self, turn: Turn, state: TurnState) -> None:
        with self._store.begin() as t:
            if t.turns.hold(turn) is not None:
                t.turns.finish(turn, state)
        self._count(state.value)

    def _again(self, turn: Turn, seen: str) -> None:
        with self._store.begin() as t:
            if t.turns.hold(turn) is not None:
                t.turns.retry(turn, _PAUSES[min(turn.attempts, len(_PAUSES)) - 1])
        log.warning("The assistant did not answer.", action="turn_retry", seen=seen, attempts=turn.attempts)
        self._metrics.turns.labels("retry").inc()

    def _again_or_fail(self, turn: Turn, seen: str) -> None:
        if turn.attempts < _CONFUSED_ATTEMPTS:
            self._again(turn, seen)
            return
        with self._store.begin() as t:
            conversation = t.conversations.lock(turn.conversation.id)
            epoch = t.turns.hold(turn)
            if conversation is None or epoch is None:
                return
            t.turns.finish(turn, TurnState.FAILED, {"error": seen})
            if turn.message is not None and epoch == conversation.epoch:
                self._answers.say_failed(t, conversation, turn.message)
        log.error("A turn failed.", action="turn_failed", seen=seen)
        self._count(TurnState.FAILED.value)

    def _count(self, outcome: str) -> None:
        log.info("A turn ended.", action="turn_end", outcome=outcome)
        self._metrics.turns.labels(outcome).inc()


def _has_the_voice(turn: Turn) -> bool:
    return turn.epoch == turn.conversation.epoch and turn.conversation.state in ASSISTANT_SPEAKS


def _note(reason: str, answer: Answer) -> dict[str, Any]:
    return {"reason": reason, "answer": [utterance.text for utterance in answer.utterances]}
