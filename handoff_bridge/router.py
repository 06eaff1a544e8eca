"""Finds an agent for each conversation that waits: by an offer, or at once where the department wants it so.

What to do is planned from rows that were read; each step is taken in a transaction of its own that locks first the
conversation, then the agent, and looks again. So several processes may do it side by side.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from business.clock import Clock
from business.model import Business
from handoff_bridge.candidates import Waiting, hindrance
from handoff_bridge.errors import AtCapacityError, SetOfflineError
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.model import Move, Mover, Who
from handoff_bridge.offering import end_offer
from handoff_bridge.offers import Offer, lapse
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.routing import planned

log = structlog.get_logger(__name__)

_AT_ONCE = 100  # conversations looked at in a round


class Router:
    """A job of the clockwork, done at once too when a conversation begins to wait or an agent comes or has room."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._handover = handover
        routing = business.handoff.routing
        self._departments = [key for key in business.departments if routing.mode_in(key) != "pull"]
        self._offer_for = timedelta(seconds=routing.offer_seconds)

    def tick(self) -> None:
        """Ends the offers that have lapsed, then asks whoever is next for whatever is waiting."""
        for offer in self._lapsed():
            self._end(offer)
        for waiting, agent in self._plan():
            self._give(waiting, agent)

    def _lapsed(self) -> Sequence[Offer]:
        with self._store.look() as t:
            offers = t.offers.open()
            people = {one.agent.id: one for one in t.routing.colleagues({offer.agent_id for offer in offers})}
        return [offer for offer in offers if lapse(offer, people.get(offer.agent_id), self._clock())]

    def _end(self, offer: Offer) -> None:
        with self._store.begin() as t:
            t.conversations.lock(offer.conversation_id)
            now, stands = self._clock(), t.offers.open_of(offer.conversation_id) == offer
            if stands and (state := lapse(offer, t.routing.colleague(offer.agent_id), now)):
                end_offer(t, offer, state, now)

    def _plan(self) -> Sequence[tuple[Waiting, Agent]]:
        with self._store.look() as t:
            line = t.routing.line(self._departments, _AT_ONCE)
            if not line:
                return ()
            colleagues = t.routing.colleagues()
        return planned(line, colleagues, self._clock(), self._business)

    def _give(self, planned_for: Waiting, agent: Agent) -> None:
        try:
            with self._store.begin() as t:
                conversation = t.conversations.lock(planned_for.conversation.id)
                waiting = t.routing.waiting(planned_for.conversation.id)
                if conversation is None or waiting is None or waiting.refusals != planned_for.refusals:
                    return  # somebody was faster
                match self._business.handoff.routing.mode_in(waiting.department):
                    case "offer":
                        self._offer(t, waiting, agent.id)
                    case "assign":
                        who = Who(Mover.ROUTER, agent.id)
                        self._handover.make(t, conversation, Move.ACCEPT, who, self._clock())
        except (AtCapacityError, SetOfflineError):
            return  # the agent took something else just now, or left; the next round asks another

    def _offer(self, t: Transaction, waiting: Waiting, agent_id: int) -> None:
        now = self._clock()
        t.agents.lock(agent_id)
        colleague = t.routing.colleague(agent_id)
        if colleague is None or hindrance(waiting, colleague, now):
            return
        offer = t.offers.add(waiting.conversation, agent_id, now, now + self._offer_for)
        t.handoffs.offered(offer.conversation_id, now)
        t.tell(Event(Kind.OFFER, agent_id=agent_id))
        log.info(
            "A conversation is offered to an agent.",
            action="offer",
            conversation_id=offer.conversation_id,
            agent_id=agent_id,
            offer_id=offer.id,
        )
