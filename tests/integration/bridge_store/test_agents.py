"""Agents, their sessions and their failed logins, in any store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Place, Role
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, hired
from tests.integration.bridge_store.store_world import REFUSALS

LATER = NOW + timedelta(minutes=1)


def test_an_agent_is_added_once_for_an_address(store: Store) -> None:
    ana = Agent(
        id=0,
        account_id=1,
        name="Ana",
        email="ana@x.example",
        role=Role.SUPERVISOR,
        departments=("sales", "service"),
        availability=Availability.BUSY,
        capacity=3,
        last_seen_at=None,
        skills=("loans",),
        languages=("en", "es"),
    )
    with store.begin() as t:
        assert t.agents.add(ana, "hash", NOW)
        assert not t.agents.add(replace(ana, name="Anna"), "other", NOW)
        found = t.agents.by_email("ana@x.example")
        assert t.agents.by_email("nobody@x.example") is None
        assert t.agents.get(0) is None
    assert found is not None
    agent, password_hash = found
    assert (replace(agent, id=0), password_hash) == (ana, "hash")
    with store.begin() as t:
        assert t.agents.get(agent.id) == agent
        t.agents.set_password(agent.id, "new")
        assert t.agents.by_email("ana@x.example") == (agent, "new")


@pytest.mark.parametrize("wrong", [{"email": "Sam@x.example"}, {"capacity": 0}])
def test_an_agent_who_cannot_be_is_refused(store: Store, wrong: dict[str, object]) -> None:
    agent = Agent(0, 1, "Sam", "sam@x.example", Role.AGENT, (), Availability.ONLINE, 4, None)
    with pytest.raises(REFUSALS), store.begin() as t:
        t.agents.add(replace(agent, **wrong), "hash", NOW)  # type: ignore[arg-type]


def test_agents_are_listed_by_name(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    with store.begin() as t:
        assert list(t.agents.all()) == [jo, sam]


def test_a_sign_of_life_says_whether_the_agent_was_absent(store: Store) -> None:
    agent = hired(store)
    back = NOW + ABSENT_AFTER
    with store.begin() as t:
        assert t.agents.seen(agent.id, NOW)
        assert not t.agents.seen(agent.id, back)
        assert t.agents.seen(agent.id, back + ABSENT_AFTER + timedelta(seconds=1))
        assert not t.agents.seen(agent.id, back + ABSENT_AFTER + timedelta(seconds=2))
        t.agents.set_availability(agent.id, Availability.OFFLINE)
        found = t.agents.get(agent.id)
    assert found == replace(
        agent, availability=Availability.OFFLINE, last_seen_at=back + ABSENT_AFTER + timedelta(seconds=2)
    )


def test_a_session_lasts_until_it_expires_or_is_removed(store: Store) -> None:
    agent = hired(store)
    with store.begin() as t:
        for token in (b"short", b"long", b"left"):
            t.sessions.add(token, agent.id, NOW, NOW + timedelta(hours=1 if token == b"short" else 12))
        assert t.sessions.agent(b"short", LATER) == agent
        assert t.sessions.agent(b"short", NOW + timedelta(hours=1)) is None
        assert t.sessions.agent(b"unknown", NOW) is None
        t.sessions.remove(b"left")
        t.sessions.remove(b"left")
        assert t.sessions.agent(b"left", LATER) is None
        t.sessions.clear_expired(NOW + timedelta(hours=1))
        assert t.sessions.agent(b"short", LATER) is None
        assert t.sessions.agent(b"long", LATER) == agent


def test_failed_logins_count_for_their_address_until_they_are_old(store: Store) -> None:
    with store.begin() as t:
        for email, at in (("a@x", NOW), ("a@x", LATER), ("b@x", LATER)):
            t.sessions.add_failure(email, at)
        assert t.sessions.failures("a@x", NOW - timedelta(seconds=1)) == 2
        assert t.sessions.failures("a@x", NOW) == 1
        assert t.sessions.failures("c@x", NOW) == 0
        t.sessions.clear_failures(NOW)
        assert t.sessions.failures("a@x", NOW - timedelta(seconds=1)) == 1


def test_one_agent_stands_for_whoever_answers_outside_and_is_no_colleague(store: Store) -> None:
    sam = hired(store, "Sam")
    outside = replace(sam, name="Magnolia", email="outside@x.example", departments=(), place=Place.OUTSIDE)
    with store.begin() as t:
        assert t.agents.outside() is None
        assert t.agents.add(outside, "!", NOW)
        assert not t.agents.add(replace(outside, email="second@x.example"), "!", NOW)
        found = t.agents.outside()
        assert found is not None
        assert t.agents.all() == [sam]
        assert t.agents.by_email("outside@x.example") is None
        assert t.agents.get(found.id) == found
    assert found.is_present(NOW + ABSENT_AFTER * 10)
