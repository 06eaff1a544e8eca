"""Offers and escalations in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from handoff_bridge import ports_routing
from handoff_bridge.model import Conversation, State, Urgency
from handoff_bridge.offers import Escalation, Offer, OfferState
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.work import Work

_AT_ONCE = 100


class FakeOffers(ports_routing.Offers):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.offers

    def add(self, conversation: Conversation, agent_id: int, now: datetime, until: datetime) -> Offer:
        self._work.locks.require(Kind.CONVERSATION, conversation.id)
        if self.open_of(conversation.id) is not None or until <= now or agent_id not in self._work.tables.agents:
            raise LawBrokenError("a conversation has one open offer at most, to an agent, until later")
        number = next(self._work.ids)
        offer = Offer(number, conversation.id, conversation.epoch, agent_id, OfferState.OPEN, now, until, None)
        self._rows[offer.id] = offer
        return offer

    def end(self, offer: Offer, state: OfferState, now: datetime) -> None:
        self._work.locks.require(Kind.CONVERSATION, offer.conversation_id)
        if state is OfferState.OPEN:
            raise LawBrokenError("an offer that has ended is not open")
        self._rows[offer.id] = replace(self._rows[offer.id], state=state, ended_at=now)

    def open(self) -> Sequence[Offer]:
        return [offer for offer in self._rows.values() if offer.state is OfferState.OPEN]

    def open_of(self, conversation_id: str) -> Offer | None:
        return next((offer for offer in self.open() if offer.conversation_id == conversation_id), None)

    def open_to(self, agent_id: int) -> Sequence[Offer]:
        return [offer for offer in self.open() if offer.agent_id == agent_id]

    def last(self, conversation_id: str, agent_id: int) -> Offer | None:
        theirs = (conversation_id, agent_id)
        return next((o for o in reversed(self._rows.values()) if (o.conversation_id, o.agent_id) == theirs), None)


class FakeEscalations(ports_routing.Escalations):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.escalations

    def due(self, urgency: Urgency, tier: int, departments: Collection[str], waiting_before: datetime) -> Sequence[str]:
        overdue = [
            (conversation.waiting_since, conversation.id)
            for conversation in self._work.tables.conversations.values()
            if conversation.state is State.WAITING
            and conversation.waiting_since is not None
            and conversation.waiting_since < waiting_before
            and conversation.handoff is not None
            and conversation.handoff.urgency is urgency
            and conversation.handoff.department in departments
            and (conversation.id, conversation.epoch, tier) not in self._rows
        ]
        return [conversation_id for _, conversation_id in sorted(overdue)][:_AT_ONCE]

    def add(self, conversation: Conversation, escalation: Escalation) -> bool:
        self._work.locks.require(Kind.CONVERSATION, conversation.id)
        key = (conversation.id, conversation.epoch, escalation.tier)
        if key in self._rows:
            return False
        self._rows[key] = escalation
        return True

    def refer(self, conversation_id: str, department: str, now: datetime) -> None:
        self._work.locks.require(Kind.CONVERSATION, conversation_id)
        conversation = self._work.tables.conversations[conversation_id]
        if conversation.handoff is None:
            raise LawBrokenError("who waits for nobody cannot wait for another department")
        handoff = replace(conversation.handoff, department=department)
        self._work.tables.conversations[conversation_id] = replace(conversation, handoff=handoff, updated_at=now)

    def of(self, conversation_id: str) -> Sequence[Escalation]:
        return [escalation for (of, _, _), escalation in self._rows.items() if of == conversation_id]
