"""Who gets a conversation: offers, back-fill, presence, capacity and escalation, on a real database."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from business.model import Business
from business.routing import Escalation
from handoff_bridge.errors import (
    AtCapacityError,
    BridgeError,
    OfferOverError,
    SetOfflineError,
    SupervisorsOnlyError,
)
from handoff_bridge.line import Wait
from handoff_bridge.model import Move, Mover, State
from handoff_bridge.offers import OfferState
from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Role
from tests.integration.bridge_store.making import opened
from tests.integration.bridge_world import eventually
from tests.integration.routing_world import Front, routed, services_on

ABSENT = ABSENT_AFTER.total_seconds() + 1


@pytest.fixture
def front(engine: Engine, magnolia: Business) -> Front:
    """A front desk that offers, 30 seconds each."""
    return Front.on(engine, routed(magnolia))


@pytest.fixture
def assigning(engine: Engine, magnolia: Business) -> Front:
    return Front.on(engine, routed(magnolia, "assign"))


# Offers


def test_a_waiting_conversation_is_offered_to_one_after_another(front: Front) -> None:
    ana, ben, cay = front.agent("Ana"), front.agent("Ben"), front.agent("Cay")
    waiting = front.asks()
    front.tick()
    assert front.asked(waiting) == "Ana"
    front.services.offering.decline(ana, waiting)
    front.tick()
    assert front.asked(waiting) == "Ben"
    front.tick(29)
    assert front.asked(waiting) == "Ben"
    front.tick(1)
    assert front.asked(waiting) == "Cay"
    front.services.offering.accept(cay, waiting)
    assert (front.asked(waiting), front.holder(waiting)) == (None, "Cay")
    assert ben.id in {one.agent.id for one in front.colleagues()}
    assert front.endings(waiting) == [OfferState.DECLINED, OfferState.TIMED_OUT, OfferState.ACCEPTED]


def test_who_refused_is_asked_again_when_everybody_else_was_and_after_a_rest(front: Front) -> None:
    ana, ben = front.agent("Ana"), front.agent("Ben")
    waiting = front.asks()
    for agent in (ana, ben):
        front.tick()
        assert front.asked(waiting) == agent.name
        front.services.offering.decline(agent, waiting)
    front.tick(119, there=(ana, ben))
    assert front.asked(waiting) is None
    front.tick(1, there=(ana, ben))
    assert front.asked(waiting) == "Ana"
    assert front.state(waiting) is State.WAITING


def test_a_new_wait_asks_everybody_anew(front: Front) -> None:
    ana = front.agent("Ana")
    waiting = front.asks()
    front.tick()
    front.services.offering.decline(ana, waiting)
    front.services.petitions.withdraw(waiting)
    front.requests(waiting)
    front.tick()
    assert front.asked(waiting) == "Ana"


def test_an_offer_is_answered_once_in_time_and_by_its_agent_only(front: Front) -> None:
    ana, ben = front.agent("Ana"), front.agent("Ben")
    waiting = front.asks()
    front.tick()
    for answer in (front.services.offering.accept, front.services.offering.decline):
        with pytest.raises(OfferOverError):
            answer(ben, waiting)
    front.services.offering.decline(ana, waiting)
    front.services.offering.decline(ana, waiting)  # the same once more
    with pytest.raises(OfferOverError):
        front.services.offering.accept(ana, waiting)
    front.tick()
    front.clock.now += timedelta(seconds=30)  # nobody has noticed yet that it timed out
    with pytest.raises(OfferOverError):
        front.services.offering.accept(ben, waiting)
    assert front.services.offering.open_to(ben) == []


def test_accepting_twice_is_accepting_once(front: Front) -> None:
    ana = front.agent("Ana")
    waiting = front.asks()
    front.tick()
    ((overview, offer),) = front.services.offering.open_to(ana)
    assert (overview.conversation.id, offer.until) == (waiting, front.clock.now + timedelta(seconds=30))
    front.services.offering.accept(ana, waiting)
    front.services.offering.accept(ana, waiting)
    assert front.conversation(waiting).epoch == 2
    assert front.services.offering.open_to(ana) == []


def test_what_is_offered_to_one_may_be_taken_by_another(front: Front) -> None:
    ana, ben = front.agent("Ana"), front.agent("Ben")
    waiting = front.asks()
    front.tick()
    assert front.asked(waiting) == "Ana"
    front.move(ben, waiting, Move.ACCEPT)
    assert (front.holder(waiting), front.endings(waiting)) == ("Ben", [OfferState.RESCINDED])
    with pytest.raises(OfferOverError):
        front.services.offering.accept(ana, waiting)


def test_an_offer_ends_with_whatever_moves_its_conversation(front: Front) -> None:
    front.agent("Ana")
    boss = front.agent("Boss", departments=(), role=Role.ADMINISTRATOR)
    withdrawn, resolved = front.asks(), front.asks()
    front.tick()
    assert (front.asked(withdrawn), front.asked(resolved)) == ("Ana", "Ana")
    front.services.petitions.withdraw(withdrawn)
    front.move(boss, resolved, Move.RESOLVE)
    assert front.endings(withdrawn) == front.endings(resolved) == [OfferState.RESCINDED]


def test_the_first_offer_is_noted_with_the_handoff(front: Front) -> None:
    ana, _ = front.agent("Ana"), front.agent("Ben")
    waiting = front.asks()
    front.tick(3)
    at = front.clock.now
    front.services.offering.decline(ana, waiting)
    front.tick(3)
    with front.services.store.begin() as t:
        handoff = t.handoffs.current(waiting)
    assert handoff is not None
    assert handoff.offered_at == at


# Who is asked, and what for first


def test_open_offers_count_against_the_capacity(front: Front) -> None:
    ana = front.agent("Ana", capacity=2)
    line = [front.asks() for _ in range(3)]
    front.tick()
    assert [front.asked(one) for one in line] == ["Ana", "Ana", None]
    front.services.offering.accept(ana, line[0])
    front.tick()
    assert front.asked(line[2]) is None
    front.services.offering.decline(ana, line[1])
    front.tick()
    assert front.asked(line[2]) == "Ana"


def test_the_more_urgent_is_offered_first_and_then_who_has_waited_longer(front: Front) -> None:
    line = [front.asks(urgency=urgency) for urgency in ("normal", "normal", "urgent", "low")]
    ana = front.agent("Ana", capacity=1)
    order = []
    while len(order) < len(line):
        front.tick()
        order.append(next(one for one in line if front.asked(one)))
        front.services.offering.accept(ana, order[-1])
        front.move(ana, order[-1], Move.RESOLVE)
    assert order == [line[2], line[0], line[1], line[3]]


def test_the_service_spoken_of_asks_for_its_skill(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia, skills={"service_visit": "repairs"}))
    front.agent("Ana", departments=("service",))
    front.agent("Ben", departments=("service",), skills=("repairs",), capacity=9)
    waiting = front.asks("service")
    with front.services.store.begin() as t:
        conversation = t.conversations.lock(waiting)
        assert conversation is not None
        t.conversations.replace_facts(conversation, {"service": "service_visit"}, front.clock.now)
    front.tick()
    assert front.asked(waiting) == "Ben"


def test_a_person_wanted_in_a_transfer_is_asked_before_their_department(front: Front) -> None:
    ana, ben, _ = front.agent("Ana"), front.agent("Ben"), front.agent("Cay")
    front.asks()
    front.tick()  # Ana is busier now
    waiting = front.asks()
    front.move(ben, waiting, Move.ACCEPT)
    front.move(ben, waiting, Move.TRANSFER, agent_id=ana.id)
    front.tick()
    assert front.asked(waiting) == "Ana"
    front.services.offering.decline(ana, waiting)
    front.tick()
    assert front.asked(waiting) == "Cay"


def test_who_had_the_customer_last_is_asked_first(front: Front) -> None:
    front.agent("Ana")
    ben = front.agent("Ben", capacity=2)
    again = front.asks()
    front.move(ben, again, Move.ACCEPT)
    front.move(ben, again, Move.RETURN)
    front.move(ben, front.asks(), Move.ACCEPT)
    front.requests(again)
    front.tick()
    assert front.asked(again) == "Ben"


# Back-fill


@pytest.mark.parametrize(
    ("move", "more"), [(Move.RETURN, {}), (Move.RESOLVE, {}), (Move.TRANSFER, {"department": "service"})]
)
def test_who_comes_free_gets_the_next_in_line(front: Front, move: Move, more: dict[str, str]) -> None:
    ana = front.agent("Ana", capacity=1)
    first, second = front.asks(), front.asks()
    front.move(ana, first, Move.ACCEPT)
    front.tick()
    assert front.asked(second) is None
    front.move(ana, first, move, **more)
    front.services.router.tick()
    assert front.asked(second) == "Ana"


def test_who_comes_online_or_back_gets_the_next_in_line(front: Front) -> None:
    waiting = front.asks()
    ana = front.agent("Ana", comes=False)
    front.tick()
    assert front.asked(waiting) is None
    front.comes(ana)
    front.says(ana, Availability.BUSY)
    front.tick()
    assert front.asked(waiting) is None
    front.says(ana, Availability.ONLINE)
    front.tick()
    assert front.asked(waiting) == "Ana"


# Assigning


def test_where_the_department_assigns_a_free_agent_has_it_at_once(assigning: Front) -> None:
    assigning.agent("Ana", capacity=1)
    line = [assigning.asks() for _ in range(2)]
    assigning.tick()
    assert [assigning.holder(one) for one in line] == ["Ana", None]
    with assigning.services.store.begin() as t:
        last = t.queues.transitions(line[0])[-1]
    assert (last.transition.move, last.transition.who.kind, last.agent_name) == (Move.ACCEPT, Mover.ROUTER, "Ana")
    assert [offer for one in line for offer in assigning.endings(one)] == []


def test_a_department_that_pulls_offers_nothing(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia, departments={"sales": "pull", "service": "assign"}))
    front.agent("Ana", departments=("sales", "service", "finance"))
    sales, service, finance = front.asks("sales"), front.asks("service"), front.asks("finance")
    front.tick()
    assert (front.asked(sales), front.state(sales)) == (None, State.WAITING)
    assert (front.holder(service), front.asked(finance)) == ("Ana", "Ana")


# Presence: nothing for who is not there, and what they had goes to others


@pytest.mark.parametrize("mode", ["offer", "assign"])
def test_nobody_there_means_that_it_waits(engine: Engine, magnolia: Business, mode: str) -> None:
    front = Front.on(engine, routed(magnolia, mode))
    front.agent("Ana", availability=Availability.OFFLINE)
    front.agent("Ben", comes=False)
    front.agent("Cay", availability=Availability.BUSY)
    front.agent("Dee", departments=("service",))
    gone = front.agent("Eve")
    front.tick(ABSENT)
    front.agent("Fay", capacity=1)
    front.asks()
    front.tick()  # which Fay has now, or is asked for
    waiting = front.asks()
    front.tick()
    assert (front.asked(waiting), front.holder(waiting)) == (None, None)
    status = front.services.line.status(waiting)
    assert status is not None
    assert status.wait is None
    front.comes(gone)
    front.tick()
    assert "Eve" in (front.asked(waiting), front.holder(waiting))


@pytest.mark.parametrize("how", ["absent", "offline", "busy"])
def test_an_agent_who_goes_is_not_waited_for(front: Front, how: str) -> None:
    ana = front.agent("Ana")
    waiting = front.asks()
    front.tick(ABSENT - 5)
    assert front.asked(waiting) == "Ana"
    front.agent("Ben")
    if how == "absent":
        front.tick(5)
    else:
        front.says(ana, Availability(how))
        front.tick()
    assert front.asked(waiting) == "Ben"
    assert front.endings(waiting)[0] is OfferState.RESCINDED


def test_what_an_agent_who_vanished_held_is_offered_to_others_after_two_minutes(front: Front) -> None:
    ana = front.agent("Ana")
    held = front.asks()
    front.tick()
    front.services.offering.accept(ana, held)
    ben = front.agent("Ben")
    front.tick(ABSENT - 2, there=(ben,))
    assert front.holder(held) == "Ana"
    front.tick(2, there=(ben,))
    assert (front.holder(held), front.asked(held)) == (None, "Ben")
    front.services.offering.decline(ben, held)
    front.comes(ana)
    front.tick()
    assert front.asked(held) == "Ana"


# Nobody has more than they have room for


@pytest.mark.parametrize("role", Role)
def test_who_is_full_takes_nothing_more(front: Front, role: Role) -> None:
    ana = front.agent("Ana", capacity=1, role=role)
    front.move(ana, front.asks(), Move.ACCEPT)
    waiting, talking = front.asks(), opened(front.services.store, front.clock.now).id
    with pytest.raises(AtCapacityError):
        front.move(ana, waiting, Move.ACCEPT)
    with pytest.raises(AtCapacityError):
        front.move(ana, talking, Move.TAKE_OVER)
    for conversation_id in (waiting, talking):
        with pytest.raises(AtCapacityError):
            front.services.answering.reply(ana, conversation_id, "message-1", "Hello")
    assert (front.state(waiting), front.state(talking)) == (State.WAITING, State.WITH_ASSISTANT)


def test_who_is_set_to_offline_takes_nothing_and_who_is_busy_takes_by_hand(front: Front) -> None:
    ana = front.agent("Ana", availability=Availability.OFFLINE)
    waiting = front.asks()
    with pytest.raises(SetOfflineError):
        front.move(ana, waiting, Move.ACCEPT)
    front.says(ana, Availability.BUSY)
    front.tick()
    assert front.asked(waiting) is None
    front.move(ana, waiting, Move.ACCEPT)
    assert front.holder(waiting) == "Ana"


def test_who_takes_something_by_hand_and_is_full_is_not_asked_any_more(front: Front) -> None:
    ana = front.agent("Ana", capacity=1)
    offered = front.asks()
    front.tick()
    taken = opened(front.services.store, front.clock.now).id
    front.move(ana, taken, Move.TAKE_OVER)
    with pytest.raises(AtCapacityError):
        front.services.offering.accept(ana, offered)
    front.tick()
    assert (front.asked(offered), front.endings(offered)) == (None, [OfferState.RESCINDED])


# Cases that Chatwoot and Rocket.Chat test, as far as they are about rows


def test_only_what_waits_is_routed_and_never_what_somebody_has(front: Front) -> None:
    ana, ben = front.agent("Ana"), front.agent("Ben")
    talking = opened(front.services.store, front.clock.now).id
    held, resolved = front.asks(), front.asks()
    front.move(ana, held, Move.ACCEPT)
    front.move(ana, resolved, Move.RESOLVE)
    front.tick()
    assert [front.endings(one) for one in (talking, held, resolved)] == [[], [], []]
    assert (front.state(talking), front.holder(held)) == (State.WITH_ASSISTANT, "Ana")
    assert front.services.offering.open_to(ben) == []


def test_an_old_conversation_that_waits_again_is_routed_and_does_not_go_first_for_its_age(front: Front) -> None:
    old = opened(front.services.store, front.clock.now - timedelta(days=30)).id
    young = front.asks()
    front.clock.now += timedelta(seconds=1)
    front.requests(old)
    front.agent("Ana", capacity=1)
    front.tick()
    assert (front.asked(young), front.asked(old)) == ("Ana", None)
    front.agent("Ben", capacity=1)
    front.tick()
    assert front.asked(old) == "Ben"


def test_the_assistant_keeps_what_nobody_asked_a_person_for(front: Front) -> None:
    front.agent("Ana")
    talking = opened(front.services.store, front.clock.now).id
    front.tick(60)
    assert front.state(talking) is State.WITH_ASSISTANT


# Two at once


def at_once[T](*calls: Callable[[], T]) -> list[T | BridgeError]:
    """What each gives, or how it is refused, when all begin together."""
    together = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | BridgeError:
        together.wait()
        try:
            return call()
        except BridgeError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def story(front: Front, conversation_id: str) -> list[Move]:
    with front.services.store.begin() as t:
        return [record.transition.move for record in t.queues.transitions(conversation_id)]


def test_the_agent_accepts_as_the_customer_leaves_and_one_of_them_is_told(front: Front) -> None:
    ana = front.agent("Ana", capacity=100)
    for _ in range(10):
        waiting = front.asks()
        front.services.router.tick()
        _, accepted = at_once(
            lambda waiting=waiting: front.services.petitions.withdraw(waiting),
            lambda waiting=waiting: front.services.offering.accept(ana, waiting),
        )
        ending = (front.state(waiting), story(front, waiting)[1:], front.endings(waiting))
        if isinstance(accepted, OfferOverError):
            assert ending == (State.WITH_ASSISTANT, [Move.WITHDRAW], [OfferState.RESCINDED])
        else:
            assert ending == (State.WITH_AGENT, [Move.ACCEPT], [OfferState.ACCEPTED])


def test_two_agents_accept_one_conversation_and_the_offer_ends_as_it_went(front: Front) -> None:
    ana, ben = front.agent("Ana", capacity=100), front.agent("Ben", capacity=100)
    for _ in range(10):
        waiting = front.asks()
        front.services.router.tick()
        asked, other = (ana, ben) if front.asked(waiting) == "Ana" else (ben, ana)
        offered, by_hand = at_once(
            lambda asked=asked, waiting=waiting: front.services.offering.accept(asked, waiting),
            lambda other=other, waiting=waiting: front.move(other, waiting, Move.ACCEPT),
        )
        assert [isinstance(one, BridgeError) for one in (offered, by_hand)].count(True) == 1
        winner, ending = (other, OfferState.RESCINDED) if offered else (asked, OfferState.ACCEPTED)
        assert (front.holder(waiting), front.endings(waiting)) == (winner.name, [ending])
        assert story(front, waiting) == [Move.REQUEST, Move.ACCEPT]


def test_a_transfer_during_a_reply_leaves_one_story(front: Front) -> None:
    ana, boss = front.agent("Ana", capacity=100), front.agent("Boss", role=Role.SUPERVISOR)
    for number in range(10):
        held = front.asks()
        front.move(ana, held, Move.ACCEPT)
        replied, transferred = at_once(
            lambda held=held, number=number: front.services.answering.reply(
                ana, held, f"message-{number}", "One moment"
            ),
            lambda held=held: front.move(boss, held, Move.TRANSFER, department="service"),
        )
        assert not isinstance(replied, BridgeError)
        assert not isinstance(transferred, BridgeError)
        moves = story(front, held)[2:]
        assert moves in ([Move.TRANSFER], [Move.TRANSFER, Move.ACCEPT])  # a later answer takes it from the line again
        assert front.holder(held) == ("Ana" if moves[1:] else None)


def test_an_agent_with_room_for_one_who_accepts_two_at_once_gets_one(front: Front) -> None:
    ana = front.agent("Ana", capacity=1)
    for _ in range(10):
        first, second = front.asks(), front.asks()
        outcomes = at_once(
            lambda first=first: front.move(ana, first, Move.ACCEPT),
            lambda second=second: front.move(ana, second, Move.ACCEPT),
        )
        assert sorted(type(one).__name__ for one in outcomes) == ["AtCapacityError", "NoneType"]
        held = first if front.holder(first) else second
        assert [front.holder(one) for one in (first, second)].count("Ana") == 1
        front.move(ana, held, Move.RESOLVE)
        front.services.petitions.withdraw(second if held == first else first)


def test_two_routers_do_not_fill_the_same_room_with_different_conversations(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia))
    front.agent("Ana", departments=("sales", "service"), capacity=1)
    for_sales, for_service = (
        services_on(engine, routed(magnolia, departments={other: "pull"}), front.clock).router
        for other in ("service", "sales")
    )
    for _ in range(10):
        line = [front.asks("sales"), front.asks("service")]
        assert at_once(for_sales.tick, for_service.tick) == [None, None]
        assert sorted(str(front.asked(one)) for one in line) == ["Ana", "None"]
        for one in line:
            front.services.petitions.withdraw(one)


@pytest.mark.parametrize("mode", ["offer", "assign"])
def test_the_routers_of_several_processes_never_ask_twice_nor_overfill_an_agent(
    engine: Engine, magnolia: Business, mode: str
) -> None:
    front = Front.on(engine, routed(magnolia, mode))
    agents = [front.agent(f"Agent{number}", capacity=1 + number % 2) for number in range(4)]
    line = [front.asks(urgency=("normal", "high")[number % 2]) for number in range(16)]
    processes = [services_on(engine, front.business, front.clock) for _ in range(3)]
    stopping = threading.Event()
    loads: list[tuple[int, int]] = []

    def route(number: int) -> None:
        while not stopping.wait(0.001):
            processes[number].router.tick()

    def watch() -> None:
        while not stopping.wait(0.01):
            loads.extend((one.held + one.offered, one.agent.capacity) for one in front.colleagues())

    def work(agent: Agent) -> None:
        services = processes[agent.id % len(processes)]
        while not stopping.wait(0.001):
            for overview, offer in services.offering.open_to(agent):
                answer = services.offering.decline if offer.id % 5 == 0 else services.offering.accept
                with suppress(OfferOverError):
                    answer(agent, overview.conversation.id)
            for held in services.desk.queue(agent, "mine", None):
                front.move(agent, held.conversation.id, Move.RESOLVE)

    with ThreadPoolExecutor(12) as threads:
        running = [threads.submit(route, number) for number in range(len(processes))]
        running += [threads.submit(watch), *(threads.submit(work, agent) for agent in agents)]
        try:
            eventually(lambda: all(front.state(one) is State.RESOLVED for one in line))
        finally:
            stopping.set()
    for one in running:
        one.result()  # raises what went wrong in the thread
    assert loads
    assert all(load <= capacity for load, capacity in loads)
    for one in line:
        accepted = front.endings(one).count(OfferState.ACCEPTED)
        assert story(front, one).count(Move.ACCEPT) == 1
        assert accepted == (mode == "offer")


# Escalation


def rules(*given: tuple[str, int, str]) -> tuple[Escalation, ...]:
    return tuple(Escalation(urgency=urgency, after_seconds=after, to=to) for urgency, after, to in given)


def test_what_nobody_answers_in_time_goes_up_to_the_supervisors(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia, escalation=rules(("urgent", 120, "supervisor"))))
    boss = front.agent("Boss", departments=("finance",), role=Role.SUPERVISOR)
    urgent, normal = front.asks(urgency="urgent"), front.asks()
    front.tick(119, there=(boss,))
    assert (front.tiers(urgent), front.asked(urgent)) == ([], None)
    front.tick(2, there=(boss,))
    front.tick(200, there=(boss,))
    assert front.tiers(urgent) == [(1, "sales", "supervisor")]
    assert front.tiers(normal) == []
    assert (front.endings(urgent)[0], front.asked(normal)) == (OfferState.TIMED_OUT, None)


def test_what_nobody_answers_in_time_goes_up_to_another_department_and_then_higher(
    engine: Engine, magnolia: Business
) -> None:
    tiers = rules(("high", 300, "supervisor"), ("high", 60, "service"))
    front = Front.on(engine, routed(magnolia, escalation=tiers))
    jo = front.agent("Jo", departments=("service",), capacity=1)
    front.asks("service", "urgent")
    waiting = front.asks(urgency="high")
    front.tick(61, there=(jo,))
    conversation = front.conversation(waiting)
    assert conversation.handoff is not None
    assert (conversation.handoff.department, conversation.state, conversation.epoch) == ("service", State.WAITING, 1)
    status = front.services.line.status(waiting)
    assert status is not None
    assert status.position == 2
    front.tick(240, there=(jo,))
    assert front.tiers(waiting) == [(1, "sales", "service"), (2, "service", "supervisor")]


def test_a_night_is_no_delay_of_an_answer(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia, escalation=rules(("urgent", 600, "supervisor"))))
    front.clock.now = datetime.fromisoformat("2026-12-01T19:55:00-06:00")  # sales closes at eight
    waiting = front.asks(urgency="urgent")
    front.tick(300)
    front.tick(9 * 3600)
    assert front.tiers(waiting) == []
    front.clock.now = datetime.fromisoformat("2026-12-02T08:05:00-06:00")  # five minutes of the evening count too
    front.tick()
    assert front.tiers(waiting) == []
    front.tick(1)
    assert front.tiers(waiting) == [(1, "sales", "supervisor")]


def test_several_clocks_take_a_conversation_up_once(engine: Engine, magnolia: Business) -> None:
    front = Front.on(engine, routed(magnolia, escalation=rules(("urgent", 60, "supervisor"))))
    waiting = front.asks(urgency="urgent")
    front.clock.now += timedelta(seconds=61)
    processes = [services_on(engine, front.business, front.clock) for _ in range(3)]
    assert at_once(*(process.clockwork.tick for process in processes)) == [None] * 3
    assert front.tiers(waiting) == [(1, "sales", "supervisor")]


# The limit of a wait


def test_who_waits_over_night_keeps_their_place_until_the_morning(front: Front) -> None:
    front.clock.now = datetime.fromisoformat("2026-12-01T19:50:00-06:00")
    waiting = front.asks()
    front.tick(600)  # it is eight, and sales closes
    front.tick(11 * 3600)
    assert front.state(waiting) is State.WAITING
    front.clock.now = datetime.fromisoformat("2026-12-02T08:05:00-06:00")  # ten minutes of the evening count too
    front.tick()
    assert front.state(waiting) is State.WAITING
    front.tick(1)
    assert front.state(waiting) is State.WITH_ASSISTANT


def test_a_wait_ends_at_its_limit_while_the_department_is_open(front: Front) -> None:
    waiting, elsewhere = front.asks(), front.asks("finance")
    front.tick(15 * 60 - 1)
    assert [front.state(one) for one in (waiting, elsewhere)] == [State.WAITING] * 2
    front.tick(2)
    assert [front.state(one) for one in (waiting, elsewhere)] == [State.WITH_ASSISTANT] * 2


# How long it takes, and how many are needed


def test_the_wait_is_told_by_place_room_and_experience(front: Front) -> None:
    ana = front.agent("Ana", capacity=2)
    for number in range(10):
        held = front.asks()
        front.move(ana, held, Move.ACCEPT)
        front.clock.now += timedelta(seconds=300)
        front.comes(ana)
        if number < 9:
            front.move(ana, held, Move.RESOLVE)
    line = [front.asks(urgency="urgent"), *(front.asks() for _ in range(4))]
    assert front.wait(line[-1]) is None  # nine have ended: too few to say
    front.move(ana, held, Move.RESOLVE)
    assert [front.wait(one) for one in line] == [
        Wait(0, 0),
        Wait(0, 0),
        Wait(60, 240),  # one behind two slots that are free: 150 s
        Wait(180, 480),
        Wait(300, 720),
    ]
    front.agent("Ben", capacity=4)
    assert front.wait(line[-1]) == Wait(0, 0)
    front.tick(ABSENT)
    assert front.wait(line[-1]) is None


def test_staffing_says_how_many_agents_an_hour_needs(front: Front) -> None:
    boss = front.agent("Boss", role=Role.SUPERVISOR, capacity=2)
    front.agent("Ana", capacity=2, comes=False)
    front.agent("Jo", departments=("service",))
    for _ in range(12):
        held = front.asks()
        front.move(boss, held, Move.ACCEPT)
        front.clock.now += timedelta(seconds=200)
        front.comes(boss)
        front.move(boss, held, Move.RESOLVE)
    found = front.services.staffing.of(boss, "sales")
    assert (found.handled, found.handling_seconds, found.is_assumed) == (12, 200, False)
    assert (found.agents_there, found.slots, found.requests_per_hour) == (1, 2, 12)
    assert found.wait_probability == pytest.approx(1 / 6)  # two slots under two thirds of an erlang
    assert found.mean_wait_seconds == pytest.approx(25)
    needed = {hour.hour: hour.agents_needed for hour in found.hours}
    assert (needed[9], needed[10], len(needed)) == (1, 0, 24)
    front.clock.now += timedelta(days=7)
    later = front.services.staffing.of(boss, "sales")
    assert later.hours[9].requests_per_hour == pytest.approx(12 / 7)  # nobody is there on Sunday at nine
    empty = front.services.staffing.of(boss, "service")
    assert (empty.handling_seconds, empty.is_assumed, empty.mean_wait_seconds) == (300, True, 0)
    with pytest.raises(SupervisorsOnlyError):
        front.services.staffing.of(front.agent("Kim"), "sales")


def test_more_than_those_there_can_do_has_no_mean_wait(front: Front) -> None:
    boss = front.agent("Boss", role=Role.SUPERVISOR, capacity=1)
    for _ in range(40):
        front.asks()
    found = front.services.staffing.of(boss, "sales")
    assert (found.wait_probability, found.mean_wait_seconds) == (1, None)
    assert found.hours[9].agents_needed > 1
