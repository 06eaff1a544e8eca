"""What follows from a decision: the customer is put in line for a person, or asked whether they want one."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from business.model import Business
from business.triggers import AnyRule
from handoff_bridge.announcer import Announcer
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.model import Conversation, Handoff, Move, Mover, State, Urgency, Who
from handoff_bridge.ports import Transaction

log = structlog.get_logger(__name__)

VERB = "bridge:person"
"""What the buttons of an offer mean: `bridge:person:yes:<decision id>` and `bridge:person:no:<decision id>`."""


class Usher:
    """Makes the moves and says the words of the triggers, in a conversation that is locked in the transaction."""

    def __init__(self, business: Business, announcer: Announcer, handover: Handover) -> None:
        self._business = business
        self._announcer = announcer
        self._handover = handover

    def connect(self, t: Transaction, conversation: Conversation, rule: AnyRule | None, now: datetime) -> Conversation:
        """The conversation in line for a person; a resolved one is opened for it, one that waits stays where it is.

        Without a `rule`, since the business has it no more, the default department gets it.
        """
        if conversation.state is State.RESOLVED:
            conversation = self._handover.make(t, conversation, Move.REOPEN, Who(Mover.CUSTOMER), now)
        if conversation.state is not State.WITH_ASSISTANT:
            return conversation
        handoff = self._handoff(t, conversation, rule)
        phrase = rule.phrase if rule and rule.then == "connect" and rule.phrase else "connecting"
        moved = self._handover.make(
            t,
            conversation,
            Move.REQUEST,
            Who(Mover.TRIGGER),
            now,
            handoff=handoff,
            reason=handoff.reason,
            phrase=phrase,
        )
        self._announcer.say_where_in_line(t, moved, now)
        return moved

    def offer(self, t: Transaction, conversation: Conversation, rule: AnyRule, decision_id: int, now: datetime) -> None:
        """Asks the customer, with a button for each answer."""
        phrases = self._business.phrases_in(conversation.language)
        buttons = (
            (phrases.offer_yes, f"{VERB}:yes:{decision_id}"),
            (phrases.offer_no, f"{VERB}:no:{decision_id}"),
        )
        self._announcer.say(t, conversation, rule.said, now, once=str(decision_id), buttons=buttons)

    def say_declined(self, t: Transaction, conversation: Conversation, once: str, now: datetime) -> None:
        """Says that it goes on without a person; `once` is the occasion."""
        self._announcer.say(t, conversation, "offer_declined", now, once=once)

    def say_where_in_line(self, t: Transaction, conversation: Conversation, once: str, now: datetime) -> None:
        """Says it once more to somebody who waits; `once` is the occasion."""
        if conversation.state is State.WAITING:
            self._announcer.say_where_in_line(t, conversation, now, once=once)

    def hurry(self, t: Transaction, conversation: Conversation, rules: Sequence[AnyRule], now: datetime) -> None:
        """Who waits goes ahead of others if one of the rules is more urgent than what they wait for."""
        handoff, ranks = conversation.handoff, list(Urgency)
        if handoff is None or not rules:
            return
        highest = max((Urgency(rule.urgency) for rule in rules), key=ranks.index)
        if ranks.index(highest) <= ranks.index(handoff.urgency):
            return
        t.conversations.hurry(conversation.id, highest, now)
        t.tell(Event(Kind.CONVERSATION, conversation.id))
        t.tell(Event(Kind.QUEUE, conversation.id))
        log.info("A wait became urgent.", action="hurry", conversation_id=conversation.id, urgency=highest.value)

    def _handoff(self, t: Transaction, conversation: Conversation, rule: AnyRule | None) -> Handoff:
        """The rule's department, or that of the service spoken of."""
        service = self._business.services.get(str(t.conversations.facts(conversation.id).get("service")))
        spoken_of = service.department if service else self._business.handoff.default_department
        if rule is None:
            return Handoff(spoken_of, reason="asked")
        return Handoff(rule.department or spoken_of, Urgency(rule.urgency), reason=rule.name)
