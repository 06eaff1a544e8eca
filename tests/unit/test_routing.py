"""Who gets a conversation: the rules one by one, and the cases that other desks test (facts of the handoff)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.model import Business
from business.routing import RoutingRules
from handoff_bridge.candidates import Colleague, Hindrance, Refusals, Waiting, hindrance
from handoff_bridge.model import Conversation, Handoff, State, Urgency
from handoff_bridge.offers import Offer, OfferState, lapse
from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Role
from handoff_bridge.routing import planned, ranked

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
ANA, BEN, CAY = 1, 2, 3
SECOND = timedelta(seconds=1)


def colleague(number: int, *, held: int = 0, offered: int = 0, idle: int | None = None, **more: Any) -> Colleague:
    """An agent of sales who is there; `idle` is for how many seconds."""
    agent = Agent(
        id=number,
        account_id=1,
        name=f"agent {number}",
        email=f"{number}@x.example",
        role=more.get("role", Role.AGENT),
        departments=more.get("departments", ("sales",)),
        availability=more.get("availability", Availability.ONLINE),
        capacity=more.get("capacity", 4),
        last_seen_at=more.get("seen", NOW),
        skills=more.get("skills", ()),
        languages=more.get("languages", ()),
    )
    return Colleague(agent, held, offered, None if idle is None else NOW - idle * SECOND)


def waiting(conversation_id: str = "c", *, since: int = 5, language: str = "en", **more: Any) -> Waiting:
    """Somebody who has waited for sales, `since` so many seconds."""
    asked = ("department", "urgency", "reason", "wanted_agent_id")
    handoff = Handoff(**{"department": "sales"} | {key: more.pop(key) for key in asked if key in more})
    began = NOW - since * SECOND
    conversation = Conversation(
        id=conversation_id,
        account_id=1,
        contact_id=1,
        channel="website",
        language=language,
        state=State.WAITING,
        epoch=1,
        agent_id=None,
        waiting_since=began,
        handoff=handoff,
        noticed_at=None,
        read_up_to=0,
        created_at=began,
        updated_at=began,
    )
    return Waiting(conversation, **more)


def refused(times: int, seconds_ago: int) -> Refusals:
    return Refusals(times, NOW - seconds_ago * SECOND)


@pytest.fixture
def rules(magnolia: Business) -> Business:
    """A dealership whose financing wants loans and whose service visits want repairs; English comes first."""
    routing = RoutingRules(
        mode="offer", ask_again_seconds=120, skill_seconds=60, skills={"financing": "loans", "service_visit": "repairs"}
    )
    handoff = magnolia.handoff.model_copy(update={"routing": routing})
    return magnolia.model_copy(update={"handoff": handoff, "languages": ("en", "es")})


def asked_first(one: Waiting, people: Sequence[Colleague], rules: Business) -> list[int]:
    """Who may be asked, in this order."""
    return [standing.agent.id for standing in ranked(one, people, NOW, rules) if standing.hindrance is None]


def reasons(one: Waiting, people: Iterable[Colleague], rules: Business) -> Mapping[int, Hindrance | None]:
    return {standing.agent.id: standing.hindrance for standing in ranked(one, tuple(people), NOW, rules)}


def given_to(line: Sequence[Waiting], people: Sequence[Colleague], rules: Business) -> list[tuple[str, int]]:
    return [(one.conversation.id, agent.id) for one, agent in planned(line, people, NOW, rules)]


def test_everybody_who_is_not_asked_has_a_reason(rules: Business) -> None:
    people = [
        colleague(1, availability=Availability.OFFLINE),
        colleague(2, seen=NOW - ABSENT_AFTER - SECOND),
        colleague(3, seen=None),
        colleague(4, availability=Availability.BUSY),
        colleague(5, departments=("service",)),
        colleague(6, held=3, offered=1),
        colleague(7, languages=("es",)),
        colleague(8),
        colleague(9, skills=("loans",)),
    ]
    assert reasons(waiting(reason="financing", refusals={9: refused(1, 10)}), people, rules) == {
        1: Hindrance.OFFLINE,
        2: Hindrance.ABSENT,
        3: Hindrance.ABSENT,
        4: Hindrance.BUSY,
        5: Hindrance.DEPARTMENT,
        6: Hindrance.FULL,
        7: Hindrance.LANGUAGE,
        8: Hindrance.SKILL,
        9: Hindrance.ASKED,
    }


def test_the_same_agent_as_last_time_comes_first_if_there(rules: Business) -> None:
    people = [colleague(ANA), colleague(BEN, held=3, skills=(), languages=("es",))]
    assert asked_first(waiting(last_agent_id=BEN), people, rules) == [BEN, ANA]
    gone = [colleague(ANA), colleague(BEN, availability=Availability.OFFLINE)]
    assert asked_first(waiting(last_agent_id=BEN), gone, rules) == [ANA]


def test_skills_go_before_load_and_load_before_idle_time(rules: Business) -> None:
    people = [
        colleague(1, held=2, idle=9000),
        colleague(2, held=1, idle=10),
        colleague(3, held=1, idle=600),
        colleague(4, held=1),
        colleague(5, held=3, skills=("loans",)),
    ]
    assert asked_first(waiting(reason="financing", since=90), people, rules) == [5, 4, 3, 2, 1]
    assert asked_first(waiting(), people, rules) == [4, 3, 2, 1, 5]


def test_load_is_the_share_of_what_an_agent_can_hold(rules: Business) -> None:
    assert asked_first(waiting(), [colleague(ANA, held=2, capacity=3), colleague(BEN, held=3, capacity=10)], rules) == [
        BEN,
        ANA,
    ]


def test_an_open_offer_is_load_too(rules: Business) -> None:
    assert asked_first(waiting(), [colleague(ANA, offered=1), colleague(BEN)], rules) == [BEN, ANA]
    assert asked_first(waiting(), [colleague(ANA, held=3, offered=1)], rules) == []


def test_a_skill_is_insisted_on_for_a_while_and_while_somebody_with_it_is_there(rules: Business) -> None:
    plain, full = colleague(ANA), colleague(BEN, skills=("loans",), held=4)
    away = colleague(BEN, skills=("loans",), availability=Availability.BUSY)
    assert asked_first(waiting(reason="financing"), [plain, full], rules) == []
    assert asked_first(waiting(reason="financing", since=60), [plain, full], rules) == [ANA]
    assert asked_first(waiting(reason="financing"), [plain, away], rules) == [ANA]


def test_the_service_asks_for_its_skill_in_its_own_department_only(rules: Business) -> None:
    people = [colleague(ANA, departments=("sales", "service")), colleague(BEN, departments=("sales", "service"))]
    people.append(colleague(CAY, departments=("sales", "service"), skills=("repairs",), held=3))
    for_service = waiting(department="service", service="service_visit")
    assert asked_first(for_service, people, rules) == [CAY]
    assert asked_first(waiting(department="sales", service="service_visit"), people, rules) == [ANA, BEN, CAY]


def test_who_names_no_language_speaks_the_first_one_of_the_business(rules: Business) -> None:
    people = [colleague(ANA), colleague(BEN, languages=("es",)), colleague(CAY, languages=("en", "es"), held=1)]
    assert asked_first(waiting(language="es"), people, rules) == [BEN, CAY]
    assert asked_first(waiting(language="en"), people, rules) == [ANA, CAY]
    assert asked_first(waiting(language="fr"), people, rules) == [ANA, BEN, CAY]
    assert asked_first(waiting(language="es", since=60), people, rules) == [BEN, CAY, ANA]


def test_a_person_wanted_in_a_transfer_is_asked_first_and_then_the_others(rules: Business) -> None:
    people = [colleague(ANA), colleague(BEN, held=3, departments=("service",)), colleague(CAY)]
    wanted = {"wanted_agent_id": BEN, "last_agent_id": ANA, "was_transferred": True}
    assert asked_first(waiting(**wanted), people, rules) == [BEN, CAY]
    declined = waiting(**wanted, since=200, refusals={BEN: refused(1, 130)})
    assert asked_first(declined, people, rules) == [CAY, BEN, ANA]
    busy = colleague(BEN, availability=Availability.BUSY)
    assert asked_first(waiting(wanted_agent_id=BEN), [busy, colleague(ANA)], rules) == [ANA]


def test_who_passed_a_conversation_on_is_asked_after_everybody_else(rules: Business) -> None:
    passed_on = {"last_agent_id": ANA, "was_transferred": True}
    people = [colleague(ANA), colleague(BEN, held=3)]
    assert asked_first(waiting(**passed_on), people, rules) == [BEN]
    assert asked_first(waiting(**passed_on, since=120), people, rules) == [BEN, ANA]


def test_who_declined_is_asked_again_only_after_the_others_and_after_a_rest(rules: Business) -> None:
    people = [colleague(ANA), colleague(BEN, held=3), colleague(CAY, held=4)]
    fresh, rested = {ANA: refused(1, 20)}, {ANA: refused(1, 121)}
    assert asked_first(waiting(refusals=fresh), people, rules) == [BEN]
    assert asked_first(waiting(refusals=rested), people, rules) == [BEN, ANA]
    both = {ANA: refused(2, 300), BEN: refused(1, 130)}
    assert asked_first(waiting(refusals=both), people, rules) == [BEN, ANA]


def test_an_escalation_makes_the_supervisors_eligible_and_asks_them_first(rules: Business) -> None:
    boss = colleague(BEN, role=Role.SUPERVISOR, departments=("service",), held=3)
    people = [colleague(ANA), boss]
    assert asked_first(waiting(), people, rules) == [ANA]
    assert asked_first(waiting(is_escalated=True), people, rules) == [BEN, ANA]
    assert asked_first(waiting(is_escalated=True, refusals={BEN: refused(1, 500)}), people, rules) == [ANA, BEN]


def test_the_more_urgent_goes_first_and_then_who_has_waited_longer(rules: Business) -> None:
    line = [
        waiting("low", urgency=Urgency.LOW, since=900),
        waiting("late", since=10),
        waiting("early", since=20),
        waiting("urgent", urgency=Urgency.URGENT, since=1),
        waiting("high", urgency=Urgency.HIGH, since=2),
    ]
    order = ["urgent", "high", "early", "late", "low"]
    assert given_to(line, [colleague(ANA, capacity=9)], rules) == [(one, ANA) for one in order]
    assert given_to(line, [colleague(ANA, capacity=2)], rules) == [(one, ANA) for one in order[:2]]


def test_who_cannot_be_served_holds_nobody_up(rules: Business) -> None:
    line = [waiting("loan", reason="financing", since=30), waiting("other")]
    people = [colleague(ANA), colleague(BEN, skills=("loans",), held=4)]
    assert given_to(line, people, rules) == [("other", ANA)]


# Cases that Rocket.Chat tests


def test_it_goes_to_who_is_available_never_to_unavailable_idle_or_disabled(rules: Business) -> None:
    people = [
        colleague(1, availability=Availability.OFFLINE),
        colleague(2, seen=NOW - timedelta(minutes=5)),
        colleague(3, availability=Availability.BUSY),
        colleague(4, held=3),
    ]
    assert given_to([waiting()], people, rules) == [("c", 4)]


def test_the_customers_own_agent_when_online_and_otherwise_another(rules: Business) -> None:
    assert given_to([waiting(last_agent_id=BEN)], [colleague(ANA), colleague(BEN)], rules) == [("c", BEN)]
    gone = colleague(BEN, seen=NOW - timedelta(minutes=3))
    assert given_to([waiting(last_agent_id=BEN)], [colleague(ANA), gone], rules) == [("c", ANA)]


def test_with_room_for_two_the_third_stays_unserved(rules: Business) -> None:
    line = [waiting(str(number), since=10 - number) for number in range(3)]
    assert given_to(line, [colleague(ANA, capacity=2)], rules) == [("0", ANA), ("1", ANA)]


def test_load_balancing_picks_the_less_busy_one_twice_in_a_row(rules: Business) -> None:
    line = [waiting("1", since=9), waiting("2", since=8)]
    assert given_to(line, [colleague(ANA, held=2), colleague(BEN, held=0)], rules) == [("1", BEN), ("2", BEN)]


def test_among_equals_it_rotates_by_who_has_been_idle_longest(rules: Business) -> None:
    assert given_to([waiting()], [colleague(ANA, idle=10), colleague(BEN, idle=20)], rules) == [("c", BEN)]
    assert given_to([waiting()], [colleague(ANA, idle=30), colleague(BEN, idle=20)], rules) == [("c", ANA)]


def test_an_agent_who_says_offline_gets_nothing_although_they_are_there(rules: Business) -> None:
    assert given_to([waiting()], [colleague(ANA, availability=Availability.OFFLINE, seen=NOW)], rules) == []


# Cases that Chatwoot tests


def test_without_agents_nothing_is_assigned(rules: Business) -> None:
    assert given_to([waiting()], [], rules) == []


def test_the_limit_of_an_agent_is_honoured(rules: Business) -> None:
    line = [waiting(str(number)) for number in range(5)]
    assert len(given_to(line, [colleague(ANA, held=1, capacity=3)], rules)) == 2


def test_the_longest_waiting_goes_first(rules: Business) -> None:
    line = [waiting("late", since=1), waiting("early", since=99)]
    assert given_to(line, [colleague(ANA, held=3)], rules) == [("early", ANA)]


# Cases that Tiledesk tests


def test_the_first_time_it_may_be_anybody_then_the_one_after_the_last(rules: Business) -> None:
    first = given_to([waiting()], [colleague(ANA), colleague(BEN)], rules)[0][1]
    other = BEN if first == ANA else ANA
    after = [colleague(first, idle=1), colleague(other)]
    assert given_to([waiting("next")], after, rules) == [("next", other)]


def test_the_last_operator_is_not_available_so_it_is_another(rules: Business) -> None:
    people = [colleague(ANA, availability=Availability.BUSY, idle=500), colleague(BEN, idle=1)]
    assert given_to([waiting()], people, rules) == [("c", BEN)]


def test_all_are_offline_so_it_is_nobody(rules: Business) -> None:
    assert given_to([waiting()], [colleague(ANA, seen=None), colleague(BEN, seen=NOW - 3 * ABSENT_AFTER)], rules) == []


# What holds whatever the world looks like

seen_ago = st.none() | st.integers(0, 300)
people_there = st.lists(
    st.builds(
        lambda seen, **more: colleague(0, seen=None if seen is None else NOW - seen * SECOND, **more),
        seen=seen_ago,
        held=st.integers(0, 4),
        offered=st.integers(0, 3),
        capacity=st.integers(1, 4),
        idle=st.none() | st.integers(0, 500),
        availability=st.sampled_from(Availability),
        role=st.sampled_from(Role),
        departments=st.sampled_from([("sales",), ("service",), ("sales", "service"), ()]),
        skills=st.sampled_from([(), ("loans",), ("repairs", "loans")]),
        languages=st.sampled_from([(), ("en",), ("es",), ("en", "es")]),
    ),
    max_size=6,
)
refusals_known = st.dictionaries(
    st.integers(1, 6), st.builds(refused, st.integers(1, 3), st.integers(0, 400)), max_size=3
)
line_there = st.lists(
    st.builds(
        waiting,
        since=st.integers(0, 300),
        language=st.sampled_from(["en", "es", "fr"]),
        department=st.sampled_from(["sales", "service"]),
        urgency=st.sampled_from(Urgency),
        reason=st.sampled_from(["", "financing"]),
        service=st.sampled_from([None, "service_visit"]),
        wanted_agent_id=st.none() | st.integers(1, 6),
        last_agent_id=st.none() | st.integers(1, 6),
        was_transferred=st.booleans(),
        is_escalated=st.booleans(),
        refusals=refusals_known,
    ),
    max_size=6,
)


@given(line_there, people_there)
def test_nobody_who_is_away_full_or_of_another_department_is_ever_asked(
    magnolia: Business, line: list[Waiting], people: list[Colleague]
) -> None:
    numbered = [
        Colleague(_numbered(one.agent, number), one.held, one.offered, one.last_moved_at)
        for number, one in enumerate(people, start=1)
    ]
    plan = planned(line, numbered, NOW, magnolia)
    room = {one.agent.id: one.agent.capacity - one.held - one.offered for one in numbered}
    for one, agent in plan:
        room[agent.id] -= 1
        assert room[agent.id] >= 0
        assert agent.availability is Availability.ONLINE
        assert agent.last_seen_at is not None
        assert NOW - agent.last_seen_at <= ABSENT_AFTER
        is_above = one.is_escalated and agent.role is not Role.AGENT
        wanted = one.conversation.handoff is not None and one.conversation.handoff.wanted_agent_id == agent.id
        assert one.department in agent.departments or wanted or is_above
        assert one.refused_by(agent).times == 0 or NOW - one.refused_by(agent).last_at >= 120 * SECOND
    assert len({id(one) for one, _ in plan}) == len(plan)
    for one in line:
        standings = ranked(one, numbered, NOW, magnolia)
        assert sorted(standing.agent.id for standing in standings) == [other.agent.id for other in numbered]
        may = [standing.hindrance is None for standing in standings]
        assert may == sorted(may, reverse=True)


def _numbered(agent: Agent, number: int) -> Agent:
    return Agent(**{**agent.__dict__, "id": number})


# Offers that end by themselves


def offer(until: int = 30) -> Offer:
    return Offer(1, "c", 1, ANA, OfferState.OPEN, NOW - 5 * SECOND, NOW + until * SECOND, None)


@pytest.mark.parametrize(
    ("agent", "until", "end"),
    [
        (colleague(ANA, offered=1), 1, None),
        (colleague(ANA, offered=1), 0, OfferState.TIMED_OUT),
        (colleague(ANA, offered=1, availability=Availability.OFFLINE), 1, OfferState.RESCINDED),
        (colleague(ANA, offered=1, availability=Availability.BUSY), 1, OfferState.RESCINDED),
        (colleague(ANA, offered=1, seen=NOW - ABSENT_AFTER - SECOND), 1, OfferState.RESCINDED),
        (colleague(ANA, offered=1, held=4), 1, OfferState.RESCINDED),
        (colleague(ANA, offered=1, held=3), 1, None),
        (None, 1, OfferState.RESCINDED),
    ],
)
def test_an_offer_lapses_at_its_deadline_and_with_its_agent(
    agent: Colleague | None, until: int, end: OfferState | None
) -> None:
    assert lapse(offer(until), agent, NOW) is end


def test_what_nobody_may_overlook_says_full_last(rules: Business) -> None:
    full = colleague(ANA, held=4)
    assert hindrance(waiting(), full, NOW) is Hindrance.FULL
    assert hindrance(waiting(department="service"), full, NOW) is Hindrance.DEPARTMENT
