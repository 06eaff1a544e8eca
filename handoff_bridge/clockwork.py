"""What falls due with time: slow assistants, long waits, agents who vanished. Rows are asked, no timers are kept."""

from datetime import timedelta

from business.clock import Clock
from business.model import Business
from handoff_bridge.handover import Handover
from handoff_bridge.model import Move, Mover, State, Who
from handoff_bridge.patience import Patience
from handoff_bridge.people import ABSENT_AFTER
from handoff_bridge.ports import Store

_LOGIN_MEMORY = timedelta(minutes=15)


class Clockwork:
    """The clock's use cases; several processes may run them side by side."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover, patience: Patience) -> None:
        self._store = store
        self._clock = clock
        self._longest_wait = timedelta(minutes=business.handoff.waiting_minutes)
        self._handover = handover
        self._patience = patience

    def tick(self) -> None:
        """Does all that is due now."""
        self._patience.notice()
        self._patience.give_up()
        self.expire()
        self.requeue()

    def expire(self) -> None:
        """Gives conversations that nobody took in time back to the assistant."""
        limit = self._clock() - self._longest_wait
        with self._store.begin() as t:
            due = t.conversations.waiting_since_before(limit)
        for conversation_id in due:
            with self._store.begin() as t:
                conversation = t.conversations.lock(conversation_id)
                if conversation and conversation.waiting_since and conversation.waiting_since < limit:
                    self._handover.make(t, conversation, Move.EXPIRE, Who(Mover.CLOCK), self._clock())

    def requeue(self) -> None:
        """Puts the conversations of agents who are gone back in line."""
        limit = self._clock() - ABSENT_AFTER
        with self._store.begin() as t:
            due = t.conversations.held_by_absent(limit)
        for conversation_id in due:
            with self._store.begin() as t:
                conversation = t.conversations.lock(conversation_id)
                if conversation is None or conversation.state is not State.WITH_AGENT:
                    continue
                agent = t.agents.get(conversation.agent_id or 0)
                if agent is None or not agent.is_present(self._clock()):
                    self._handover.make(t, conversation, Move.REQUEUE, Who(Mover.CLOCK), self._clock())

    def tidy(self) -> None:
        """Forgets logins that no longer count."""
        now = self._clock()
        with self._store.begin() as t:
            t.sessions.clear_expired(now)
            t.sessions.clear_failures(now - _LOGIN_MEMORY)
