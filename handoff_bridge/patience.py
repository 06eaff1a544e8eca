"""What happens when the assistant is slow or gone: one sentence to the customer, and after a while a person."""

from dataclasses import replace

from business.clock import Clock
from business.model import Business
from handoff_bridge.announcer import Announcer
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.model import ASSISTANT_SPEAKS, Handoff, Move, Mover, State, Urgency, Who
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.triggers.service import Triggers
from handoff_bridge.turns import TurnState

_REASON = "assistant_unavailable"


class Patience:
    """Its limits are those of `handoff` in business.yml, in seconds of the database's clock."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        business: Business,
        announcer: Announcer,
        handover: Handover,
        *,
        triggers: Triggers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = business.handoff
        self._announcer = announcer
        self._handover = handover
        self._triggers = triggers

    def notice(self) -> None:
        """Tells each customer who waits for the assistant, once until it answers again; who asked for a person, or for
        what cannot wait, is put in line for one instead.
        """
        with self._store.look() as t:
            late = t.turns.overdue(self._rules.notice_seconds, unnoticed=True)
        for conversation_id in late:
            with self._store.begin() as t:
                self._notice(t, conversation_id)

    def give_up(self) -> None:
        """Offers to a person each conversation that the assistant has left without an answer."""
        with self._store.look() as t:
            late = t.turns.overdue(self._rules.give_up_seconds, unnoticed=False)
        for conversation_id in late:
            with self._store.begin() as t:
                self._give_up(t, conversation_id)

    def _notice(self, t: Transaction, conversation_id: str) -> None:
        conversation = t.conversations.lock(conversation_id)
        if conversation is None or conversation.noticed_at or conversation.state not in ASSISTANT_SPEAKS:
            return
        if not t.turns.is_overdue(conversation_id, self._rules.notice_seconds):
            return
        now = self._clock()
        t.conversations.notice(conversation_id, now)
        if not self._triggers.overdue(t, replace(conversation, noticed_at=now), now):
            self._announcer.say(t, conversation, "one_moment", now, once=now.isoformat())
        t.tell(Event(Kind.CONVERSATION, conversation_id))

    def _give_up(self, t: Transaction, conversation_id: str) -> None:
        conversation = t.conversations.lock(conversation_id)
        if conversation is None or not t.turns.is_overdue(conversation_id, self._rules.give_up_seconds):
            return
        t.turns.settle_open(conversation_id, TurnState.GIVEN_UP, taken=True)
        if conversation.state is State.WITH_ASSISTANT:
            now = self._clock()
            self._triggers.given_up(t, conversation, _REASON, self._rules.give_up_seconds, now)
            handoff, who = Handoff(self._rules.default_department, Urgency.HIGH, _REASON), Who(Mover.TRIGGER)
            waiting = self._handover.make(
                t, conversation, Move.REQUEST, who, now, handoff=handoff, reason=_REASON, phrase=_REASON
            )
            self._announcer.say_where_in_line(t, waiting, now)  # at night nobody comes, and that is said
        elif conversation.state is State.WAITING:  # perhaps by the very turn whose words about it are lost
            self._announcer.say(t, conversation, _REASON, self._clock())
