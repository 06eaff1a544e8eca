"""Offers and the moves that end them: what agents answer, and that nobody holds more than they have room for."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from business.clock import Clock
from handoff_bridge.candidates import absence
from handoff_bridge.errors import AtCapacityError, NotFoundError, OfferOverError, SetOfflineError
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.model import Conversation, Move, Mover, State, Transition
from handoff_bridge.offers import Offer, OfferState
from handoff_bridge.people import Agent, Availability, Place
from handoff_bridge.ports import Overview, Store, Transaction

log = structlog.get_logger(__name__)


class OfferKeeper:
    """Follows every move: ends the offer that it settles, and refuses what an agent has no room for."""

    def moved(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None:
        """Raises `AtCapacityError` or `SetOfflineError` when the conversation cannot be with this agent."""
        if after.state is State.WITH_AGENT and after.agent_id is not None:
            _check_room(t, after.agent_id, done)
        if before.state is State.WAITING and (offer := t.offers.open_of(after.id)):
            is_theirs = after.agent_id == offer.agent_id
            end_offer(t, offer, OfferState.ACCEPTED if is_theirs else OfferState.RESCINDED, done.at)
        hands_changed = State.WITH_AGENT in (before.state, after.state)
        if hands_changed and State.WAITING not in (before.state, after.state) and t.routing.is_anybody_waiting():
            t.tell(Event(Kind.QUEUE))  # somebody has more room now, or less, which changes how long the others wait


class Offering:
    """What an agent is offered, and their answers."""

    def __init__(self, store: Store, clock: Clock, handover: Handover) -> None:
        self._store = store
        self._clock = clock
        self._handover = handover

    def open_to(self, agent: Agent) -> Sequence[tuple[Overview, Offer]]:
        """The agent's open offers, oldest first, each with its conversation."""
        with self._store.begin() as t:
            offers = [offer for offer in t.offers.open_to(agent.id) if offer.until > self._clock()]
            found = t.queues.overviews_of([offer.conversation_id for offer in offers])
        overviews = {overview.conversation.id: overview for overview in found}
        return [(overviews[offer.conversation_id], offer) for offer in offers if offer.conversation_id in overviews]

    def accept(self, agent: Agent, conversation_id: str) -> None:
        """Takes the conversation; a repeat changes nothing.

        Raises `NotFoundError`, `OfferOverError`, `AtCapacityError`, `SetOfflineError`.
        """
        with self._store.begin() as t:
            conversation = _lock(t, conversation_id)
            if conversation.agent_id != agent.id:
                self._check_open(t, conversation_id, agent)
                self._handover.make(t, conversation, Move.ACCEPT, agent.who, self._clock())
            self._seen(t, agent)

    def decline(self, agent: Agent, conversation_id: str) -> None:
        """Leaves the conversation to the next agent; a repeat changes nothing.

        Raises `NotFoundError`, `OfferOverError`.
        """
        with self._store.begin() as t:
            _lock(t, conversation_id)
            last = t.offers.last(conversation_id, agent.id)
            if last is None or last.state is not OfferState.DECLINED:
                offer = self._check_open(t, conversation_id, agent)
                end_offer(t, offer, OfferState.DECLINED, self._clock())
            self._seen(t, agent)

    def _check_open(self, t: Transaction, conversation_id: str, agent: Agent) -> Offer:
        offer = t.offers.open_of(conversation_id)
        if offer is None or offer.agent_id != agent.id or offer.until <= self._clock():
            raise OfferOverError
        return offer

    def _seen(self, t: Transaction, agent: Agent) -> None:
        if t.agents.seen(agent.id, self._clock()):
            t.tell(Event(Kind.AGENTS))


def end_offer(t: Transaction, offer: Offer, state: OfferState, now: datetime) -> None:
    """Ends an open offer, whose conversation is locked in `t`, and tells the agent's pages."""
    t.offers.end(offer, state, now)
    t.tell(Event(Kind.OFFER, agent_id=offer.agent_id))
    log.info(
        "An offer ended.",
        action=f"offer_{state.value}",
        conversation_id=offer.conversation_id,
        agent_id=offer.agent_id,
        offer_id=offer.id,
    )


def _check_room(t: Transaction, agent_id: int, done: Transition) -> None:
    """Looks once the agent is locked and the conversation counted in, so that of two at once one sees the other.

    A hand that takes goes before an offer that is still open; the router counts offers too, and asks nobody who is not
    there.
    """
    agent, is_unasked = t.agents.lock(agent_id), done.who.kind is Mover.ROUTER
    colleague = t.routing.colleague(agent_id)
    if agent is None or colleague is None:
        raise NotFoundError
    if agent.place is Place.OUTSIDE:
        return  # whoever that is; nobody can count what they have in hand
    if agent.availability is Availability.OFFLINE or (is_unasked and absence(agent, done.at)):
        raise SetOfflineError
    if colleague.held + (colleague.offered if is_unasked else 0) > agent.capacity:
        raise AtCapacityError


def _lock(t: Transaction, conversation_id: str) -> Conversation:
    conversation = t.conversations.lock(conversation_id)
    if conversation is None:
        raise NotFoundError
    return conversation
