"""What falls due with time: slow assistants, long waits, agents who vanished. Rows are asked, no timers are kept."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from business.clock import Clock
from business.hours import open_time_ago
from business.model import Business
from handoff_bridge.handover import Handover
from handoff_bridge.model import Conversation, Handoff, Move, Mover, State, Who
from handoff_bridge.patience import Patience
from handoff_bridge.people import ABSENT_AFTER, Agent
from handoff_bridge.ports import Store

_LOGIN_MEMORY = timedelta(minutes=15)


class Job(Protocol):
    """What one part of the front desk does when the clock strikes, about twice a second; it asks rows what is due."""

    def tick(self) -> None: ...


class Clockwork:
    """The clock's use cases; several processes may run them side by side."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        business: Business,
        handover: Handover,
        patience: Patience,
        *,
        jobs: Sequence[Job] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._longest_wait = timedelta(minutes=business.handoff.waiting_minutes)
        self._handover = handover
        self._patience = patience
        self._jobs = jobs

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        """All that may be due; one that fails must not keep the others from being done."""
        jobs = (job.tick for job in self._jobs)
        return (self._patience.notice, self._patience.give_up, self.expire, self.requeue, *jobs)

    def tick(self) -> None:
        """Does all that is due now."""
        for step in self.steps:
            step()

    def expire(self) -> None:
        """Gives conversations that nobody took in time back to the assistant.

        The time counts while the department is open, so that nobody's runs out over night.
        """
        with self._store.look() as t:
            if not t.routing.is_anybody_waiting():
                return
        for department in self._business.departments:
            limit = open_time_ago(self._business, self._clock(), self._longest_wait, department=department)
            if limit is not None:
                self._expire(department, limit)

    def _expire(self, department: str, limit: datetime) -> None:
        with self._store.look() as t:
            due = t.conversations.waiting_since_before(limit, (department,))
        for conversation_id in due:
            with self._store.begin() as t:
                conversation = t.conversations.lock(conversation_id)
                if conversation and _waits_since_before(conversation, limit, department):
                    self._handover.make(t, conversation, Move.EXPIRE, Who(Mover.CLOCK), self._clock())

    def requeue(self) -> None:
        """Puts the conversations of agents who are gone back in line."""
        limit = self._clock() - ABSENT_AFTER
        with self._store.look() as t:
            due = t.conversations.held_by_absent(limit)
        for conversation_id in due:
            with self._store.begin() as t:
                conversation = t.conversations.lock(conversation_id)
                if conversation is None or conversation.state is not State.WITH_AGENT:
                    continue
                agent = t.agents.get(conversation.agent_id or 0)
                if agent is None or not agent.is_present(self._clock()):
                    handoff = conversation.handoff or self._handoff_of(agent)
                    who = Who(Mover.CLOCK)
                    self._handover.make(t, conversation, Move.REQUEUE, who, self._clock(), handoff=handoff)

    def _handoff_of(self, agent: Agent | None) -> Handoff:
        """For whom a conversation waits that nobody had asked a person for: the colleagues of who took it over."""
        departments = agent.departments if agent else ()
        return Handoff(departments[0] if departments else self._business.handoff.default_department)

    def tidy(self) -> None:
        """Forgets logins that no longer count."""
        now = self._clock()
        with self._store.begin() as t:
            t.sessions.clear_expired(now)
            t.sessions.clear_failures(now - _LOGIN_MEMORY)


def _waits_since_before(conversation: Conversation, limit: datetime, department: str) -> bool:
    since, handoff = conversation.waiting_since, conversation.handoff
    return since is not None and since < limit and handoff is not None and handoff.department == department
