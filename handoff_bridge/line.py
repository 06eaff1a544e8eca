"""The line in front of the agents: who is there, where a customer stands, how long it may take."""

import math
from dataclasses import dataclass
from datetime import datetime

from business.clock import Clock
from business.hours import is_open, next_open
from business.model import Business
from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.model import Conversation, State
from handoff_bridge.people import ABSENT_AFTER
from handoff_bridge.ports import QueueNumbers, Store, Transaction

_ENOUGH = 10  # finished conversations below which a number would be a guess
_SPREAD = 1.5


@dataclass(frozen=True)
class Wait:
    """An honest range, in seconds, whole minutes."""

    low: int
    high: int


@dataclass(frozen=True)
class Status:
    """What a customer is told about their conversation; `position` and `wait` only while waiting."""

    state: State
    agent: str | None
    position: int | None
    wait: Wait | None
    assistant_is_slow: bool


@dataclass(frozen=True)
class Availability:
    """A department now; `next_open` is set while it is closed."""

    open: bool
    next_open: datetime | None
    agents_online: int
    agents_free: int
    queue_length: int
    wait: Wait | None


def estimate(position: int, numbers: QueueNumbers) -> Wait | None:
    """How long the one at `position` will wait: `max(0, position - free) * mean / slots` (an M/M/c line draining),
    divided and multiplied by 1.5. None with nobody there, or with fewer than ten finished conversations to go by.
    """
    if numbers.finished < _ENOUGH or numbers.mean_seconds is None or numbers.slots == 0:
        return None
    expected = max(0, position - numbers.slots_free) * numbers.mean_seconds / numbers.slots
    return Wait(low=math.floor(expected / _SPREAD / 60) * 60, high=math.ceil(expected * _SPREAD / 60) * 60)


class Line:
    """Answers questions about the line; changes nothing."""

    def __init__(self, store: Store, clock: Clock, business: Business) -> None:
        self._store = store
        self._clock = clock
        self._business = business

    def availability(self, department: str | None) -> Availability:
        """A department now, the default one if none is named. Raises `FieldInvalidError` for one that is unknown."""
        department = department or self._business.handoff.default_department
        if department not in self._business.departments:
            raise FieldInvalidError("department", "one of " + ", ".join(self._business.departments))
        now = self._clock()
        is_open_now = is_open(self._business, now, department=department)
        with self._store.begin() as t:
            numbers = self._numbers(t, department)
        return Availability(
            open=is_open_now,
            next_open=None if is_open_now else next_open(self._business, now, department=department),
            agents_online=numbers.agents_online,
            agents_free=numbers.agents_free,
            queue_length=numbers.waiting,
            wait=estimate(numbers.waiting + 1, numbers),
        )

    def status(self, conversation_id: str) -> Status | None:
        """The conversation as its customer sees it; None when there is no such one."""
        with self._store.begin() as t:
            conversation = t.conversations.find(conversation_id)
            return self.status_in(t, conversation) if conversation else None

    def status_in(self, t: Transaction, conversation: Conversation) -> Status:
        agent = t.agents.get(conversation.agent_id) if conversation.agent_id else None
        position = wait = None
        if conversation.state is State.WAITING and conversation.handoff:
            position = t.queues.position(conversation)
            wait = estimate(position, self._numbers(t, conversation.handoff.department))
        return Status(
            state=conversation.state,
            agent=agent.name if agent else None,
            position=position,
            wait=wait,
            assistant_is_slow=conversation.noticed_at is not None,
        )

    def lengths(self) -> dict[str, int]:
        """How many conversations wait for a person and how many turns are open."""
        with self._store.begin() as t:
            return dict(t.queues.lengths())

    def _numbers(self, t: Transaction, department: str) -> QueueNumbers:
        return t.queues.numbers(department, self._clock() - ABSENT_AFTER)
