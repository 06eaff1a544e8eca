"""What agents answer to offers, and what becomes of offers by themselves."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from handoff_bridge.candidates import Hindrance, absence
from handoff_bridge.errors import OfferOverError
from handoff_bridge.model import State
from handoff_bridge.offers import OfferState
from tests.integration.bridge_machine.agents import AgentRules
from tests.integration.bridge_machine.stage import AGENTS, CUSTOMERS


class RoutingRules(AgentRules):
    @rule(who=st.none() | AGENTS, name=CUSTOMERS, is_wanted=st.booleans())
    def answer_an_offer(self, who: str | None, name: str, is_wanted: bool) -> None:
        """Without a name the clock looks, and whoever is asked then answers."""
        if who is None:
            self.anybody.desk.seen(self.agents["sam"])
            self.anybody.clockwork.tick()
        before = self.rows(name)
        asked = before.offer.agent_id if before.offer and who is None else self.agents[who or "sam"].id
        (agent,) = (agent for agent in self.agents.values() if agent.id == asked)
        answer = self.anybody.offering.accept if is_wanted else self.anybody.offering.decline
        offer = before.offer
        is_open = offer is not None and offer.agent_id == agent.id and offer.until > self.clock.now + self.clock.tick
        if is_wanted and before.conversation.agent_id == agent.id:
            answer(agent, before.conversation.id)
            assert self.conversation(name).epoch == before.conversation.epoch
        elif is_wanted and is_open and (refusal := self.no_room(agent)):
            self.is_refused(refusal, answer, agent, before.conversation.id)
        elif is_open:
            answer(agent, before.conversation.id)
            after = self.rows(name)
            assert after.offer is None
            assert after.conversation.state is (State.WITH_AGENT if is_wanted else State.WAITING)
        elif is_wanted or self.last_answer(agent.id, before.conversation.id) is not OfferState.DECLINED:
            self.is_refused(OfferOverError, answer, agent, before.conversation.id)
        else:
            answer(agent, before.conversation.id)
            assert self.rows(name) == before

    @invariant()
    def nobody_who_is_away_or_full_is_asked(self) -> None:
        """Right after the router has looked; later it may become so, until it looks again."""
        with self.store.begin() as t:
            offers, colleagues = t.offers.open(), {one.agent.id: one for one in t.routing.colleagues()}
        for offer in offers:
            if offer.id in self.known_offers:
                continue
            self.known_offers.add(offer.id)
            asked = colleagues[offer.agent_id]
            assert asked.held + asked.offered <= asked.agent.capacity
            assert absence(asked.agent, offer.offered_at) in (None, Hindrance.ABSENT)
            assert asked.agent.last_seen_at is not None

    def last_answer(self, agent_id: int, conversation_id: str) -> OfferState | None:
        with self.store.begin() as t:
            last = t.offers.last(conversation_id, agent_id)
        return last.state if last else None
