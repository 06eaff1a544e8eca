"""Offers, escalations and what the router looks at, in any store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handoff_bridge.candidates import Colleague, Refusals, Waiting
from handoff_bridge.model import Conversation, Handoff, Move, Urgency
from handoff_bridge.offers import Escalation, Offer, OfferState
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, hired, moved, opened
from tests.integration.bridge_store.store_world import REFUSALS


def after(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def offered(store: Store, conversation: Conversation, agent: Agent, at: datetime = NOW, seconds: int = 30) -> Offer:
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        return t.offers.add(conversation, agent.id, at, at + timedelta(seconds=seconds))


def ended(store: Store, offer: Offer, state: OfferState, at: datetime) -> Offer:
    with store.begin() as t:
        t.conversations.lock(offer.conversation_id)
        t.offers.end(offer, state, at)
    return replace(offer, state=state, ended_at=at)


def line(store: Store, *departments: str, limit: int = 100) -> Sequence[Waiting]:
    with store.begin() as t:
        return t.routing.line(departments, limit)


def test_an_offer_is_open_until_it_ends(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    first, second = (moved(store, opened(store), Move.REQUEST) for _ in range(2))
    declined = ended(store, offered(store, first, sam), OfferState.DECLINED, after(5))
    to_jo, to_sam = offered(store, first, jo, after(6)), offered(store, second, sam)
    assert (to_jo.conversation_id, to_jo.epoch, to_jo.agent_id, to_jo.until) == (first.id, 1, jo.id, after(36))
    with store.begin() as t:
        assert list(t.offers.open()) == [to_jo, to_sam]
        assert (t.offers.open_of(first.id), t.offers.open_of("nothing")) == (to_jo, None)
        assert list(t.offers.open_to(sam.id)) == [to_sam]
        assert t.offers.last(first.id, sam.id) == declined
        assert t.offers.last(second.id, jo.id) is None


def test_a_conversation_is_offered_to_one_agent_at_a_time(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    waiting = moved(store, opened(store), Move.REQUEST)
    offered(store, waiting, sam)
    with pytest.raises(REFUSALS):
        offered(store, waiting, jo)


def test_an_offer_that_could_never_be_answered_is_refused(store: Store) -> None:
    sam, waiting = hired(store), moved(store, opened(store), Move.REQUEST)
    with pytest.raises(REFUSALS):
        offered(store, waiting, sam, seconds=0)


def test_the_line_is_of_those_who_wait_and_are_offered_to_nobody(store: Store) -> None:
    sam = hired(store)
    with store.begin() as t:
        assert not t.routing.is_anybody_waiting()
    late = moved(store, opened(store), Move.REQUEST, at=after(9))
    early = moved(store, opened(store), Move.REQUEST)
    urgent = moved(store, opened(store), Move.REQUEST, at=after(20), handoff=Handoff("sales", Urgency.URGENT))
    asked = moved(store, opened(store), Move.REQUEST)
    service = moved(store, opened(store), Move.REQUEST, handoff=Handoff("service"))
    moved(store, opened(store), Move.TAKE_OVER, sam)
    opened(store)
    offer = offered(store, asked, sam)
    assert [one.conversation for one in line(store, "sales")] == [urgent, early, late]
    assert [one.conversation for one in line(store, "sales", limit=2)] == [urgent, early]
    assert [one.conversation for one in line(store, "service", "finance")] == [service]
    with store.begin() as t:
        assert t.routing.is_anybody_waiting()
        assert (t.routing.waiting(asked.id), t.routing.waiting("nothing")) == (None, None)
    ended(store, offer, OfferState.RESCINDED, after(1))
    with store.begin() as t:
        assert t.routing.waiting(asked.id) == Waiting(asked)


def test_the_line_knows_the_past_of_each_conversation(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    fresh = moved(store, opened(store), Move.REQUEST)
    held = moved(store, moved(store, opened(store), Move.TAKE_OVER, jo), Move.RETURN, jo)
    again = moved(store, held, Move.REQUEST, at=after(1))
    passed_on = moved(
        store,
        moved(store, opened(store), Move.TAKE_OVER, sam),
        Move.TRANSFER,
        sam,
        at=after(2),
        handoff=Handoff("sales"),
    )
    lost = moved(store, moved(store, opened(store), Move.TAKE_OVER, sam), Move.REQUEUE, at=after(3))
    with store.begin() as t:
        t.conversations.lock(fresh.id)
        t.conversations.replace_facts(fresh, {"service": "oil_change", "name": "Kim"}, NOW)
    assert line(store, "sales") == [
        Waiting(fresh, service="oil_change"),
        Waiting(again, last_agent_id=jo.id),
        Waiting(passed_on, last_agent_id=sam.id, was_transferred=True),
        Waiting(lost, last_agent_id=sam.id),
    ]


def test_refusals_count_in_the_wait_in_which_they_were_made(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    waiting = moved(store, opened(store), Move.REQUEST)
    for agent, state, second in (
        (sam, OfferState.DECLINED, 1),
        (jo, OfferState.RESCINDED, 2),
        (sam, OfferState.TIMED_OUT, 3),
        (jo, OfferState.TIMED_OUT, 4),
    ):
        ended(store, offered(store, waiting, agent), state, after(second))
    (one,) = line(store, "sales")
    assert one.refusals == {sam.id: Refusals(2, after(3)), jo.id: Refusals(1, after(4))}
    again = moved(store, moved(store, waiting, Move.EXPIRE), Move.REQUEST, at=after(60))
    assert line(store, "sales") == [Waiting(again)]


def test_colleagues_have_in_hand_what_they_hold_and_are_offered(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    for second in (1, 2):
        moved(store, opened(store), Move.TAKE_OVER, sam, at=after(second))
    left = moved(store, opened(store), Move.TAKE_OVER, sam, at=after(3))
    moved(store, left, Move.RETURN, sam, at=after(4))
    waiting = moved(store, opened(store), Move.REQUEST)
    ended(store, offered(store, waiting, sam), OfferState.DECLINED, after(5))
    offered(store, waiting, sam)
    with store.begin() as t:
        assert list(t.routing.colleagues()) == [Colleague(sam, 2, 1, after(4)), Colleague(jo)]
        assert t.routing.colleague(jo.id) == Colleague(jo)
        assert t.routing.colleague(0) is None
        assert (t.agents.lock(sam.id), t.agents.lock(0)) == (sam, None)


def test_an_answer_is_overdue_by_urgency_department_and_tier(store: Store) -> None:
    high = Handoff("sales", Urgency.HIGH)
    early, late = (moved(store, opened(store), Move.REQUEST, at=after(at), handoff=high) for at in (0, 5))
    moved(store, opened(store), Move.REQUEST)
    moved(store, opened(store), Move.REQUEST, handoff=Handoff("service", Urgency.HIGH))
    moved(store, moved(store, opened(store), Move.REQUEST, handoff=high), Move.EXPIRE)
    with store.begin() as t:
        assert list(t.escalations.due(Urgency.HIGH, 1, ["sales"], after(5))) == [early.id]
        assert list(t.escalations.due(Urgency.HIGH, 1, ["sales"], after(6))) == [early.id, late.id]
        assert list(t.escalations.due(Urgency.HIGH, 1, [], after(6))) == []
        t.conversations.lock(early.id)
        assert t.escalations.add(early, Escalation(1, "sales", "supervisor", after(6)))
        assert list(t.escalations.due(Urgency.HIGH, 1, ["sales"], after(6))) == [late.id]
        assert list(t.escalations.due(Urgency.HIGH, 2, ["sales"], after(6))) == [early.id, late.id]


def test_a_wait_goes_up_a_tier_once(store: Store) -> None:
    waiting = moved(store, opened(store), Move.REQUEST)
    up = Escalation(1, "sales", "supervisor", after(1))
    with store.begin() as t:
        t.conversations.lock(waiting.id)
        assert t.escalations.add(waiting, up)
        assert not t.escalations.add(waiting, replace(up, at=after(2)))
        assert t.escalations.add(waiting, replace(up, tier=2, after="service"))
        assert list(t.escalations.of(waiting.id)) == [up, replace(up, tier=2, after="service")]
    assert [one.is_escalated for one in line(store, "sales")] == [True]
    moved(store, moved(store, waiting, Move.EXPIRE), Move.REQUEST)
    assert [one.is_escalated for one in line(store, "sales")] == [False]


def test_a_conversation_is_referred_to_another_department_without_a_move(store: Store) -> None:
    first, other = (moved(store, opened(store), Move.REQUEST, at=after(at)) for at in (0, 1))
    service = moved(store, opened(store), Move.REQUEST, at=after(2), handoff=Handoff("service"))
    with store.begin() as t:
        t.conversations.lock(first.id)
        t.escalations.refer(first.id, "service", after(9))
        found = t.conversations.find(first.id)
    assert found == replace(first, handoff=Handoff("service"), updated_at=after(9))
    with store.begin() as t:
        assert [t.queues.position(one) for one in (found, other, service)] == [1, 1, 2]
