"""The terms of a business on a real PostgreSQL: how late, how often, one visit at a time; and who came."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text

from business.model import Booking, Business
from scheduling.attendance import Attendance
from scheduling.errors import (
    AlreadyBookedError,
    AppointmentNotFoundError,
    AppointmentOverError,
    AppointmentSettledError,
    MovedTooOftenError,
    NotBegunError,
    NoticeTooShortError,
    OpeningTakenError,
    SchedulingError,
)
from scheduling.model import Appointment, Customer, Status, Who
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.integration.test_calendar import ANA, SetClock, at, book

Make = Callable[..., Calendar]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 12, 1, 14, tzinfo=UTC))  # Tuesday, 8:00 in Austin


@pytest.fixture
def store(engine: Engine) -> PostgresStore:
    return PostgresStore(engine)


@pytest.fixture
def with_terms(magnolia: Business, store: PostgresStore, clock: SetClock) -> Make:
    def make(**terms: Any) -> Calendar:
        booking = Booking(**(magnolia.booking.model_dump() | terms))
        return Calendar(magnolia.model_copy(update={"booking": booking}), store, clock)

    return make


@pytest.fixture
def attendance(magnolia: Business, store: PostgresStore, clock: SetClock) -> Attendance:
    return Attendance(magnolia, store, clock)


def reserve(calendar: Calendar, name: str, customer: Customer, start: datetime, **by: Who) -> Appointment:
    calendar.hold("oil_change", start, conversation_id=name, request_key=f"{name}:{start}:hold")
    return calendar.book(name, customer, request_key=f"{name}:{start}:book", **by)


@pytest.mark.parametrize(("hours", "allowed"), [(25, True), (24, True), (23.999, False), (23, False), (0.1, False)])
@pytest.mark.parametrize("act", ["move", "cancel"])
def test_c1_exactly_at_the_limit_is_allowed_and_later_is_not(
    with_terms: Make, clock: SetClock, act: str, hours: float, allowed: bool
) -> None:
    calendar = with_terms(move_notice=24, cancel_notice=24)
    mine = book(calendar, "oil_change", at(4, 10), "ana")
    clock.now = at(4, 10) - timedelta(hours=hours)
    where = {"conversation_id": "ana", "request_key": "ana:act"}

    def change(**by: Who) -> Appointment:
        if act == "move":
            return calendar.move(mine.id, at(8, 10), **where, **by)
        return calendar.cancel(mine.id, **where, **by)

    if allowed:
        assert change().sequence == 1
        return
    with pytest.raises(NoticeTooShortError) as refused:
        change()
    assert refused.value.hours == 24
    assert calendar.upcoming("ana") == (mine,)
    assert change(by=Who.AGENT).sequence == 1


def test_c1_a_notice_of_0_is_none_and_the_two_do_not_mix(with_terms: Make, clock: SetClock) -> None:
    calendar = with_terms(move_notice=0, cancel_notice=48)
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    clock.now = at(3, 9, 59)
    with pytest.raises(NoticeTooShortError):
        calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    assert calendar.move(mine.id, at(4, 10), conversation_id="ana", request_key="ana:m").start == at(4, 10)


def test_what_has_begun_is_over_and_not_too_late(with_terms: Make, clock: SetClock) -> None:
    calendar = with_terms(move_notice=24, cancel_notice=24)
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    clock.now = at(3, 10)
    with pytest.raises(AppointmentOverError):
        calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")


def test_a_change_made_in_time_is_answered_the_same_when_it_is_repeated_too_late(
    with_terms: Make, clock: SetClock
) -> None:
    calendar = with_terms(cancel_notice=24)
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    cancelled = calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    clock.now = at(3, 9)
    assert calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c") == cancelled


def test_an_appointment_is_moved_only_so_often_by_its_customer(with_terms: Make) -> None:
    calendar = with_terms(moves=2)
    mine = book(calendar, "oil_change", at(3, 9), "ana")

    def move(hour: int, **by: Who) -> Appointment:
        return calendar.move(mine.id, at(3, hour), conversation_id="ana", request_key=f"ana:{hour}", **by)

    assert move(10, by=Who.AGENT).sequence == 1
    assert [move(hour).sequence for hour in (11, 12)] == [2, 3]
    with pytest.raises(MovedTooOftenError) as refused:
        move(13)
    assert refused.value.moves == 2
    assert move(12).start == at(3, 12)
    assert move(14, by=Who.AGENT).start == at(3, 14)
    other = book(calendar, "oil_change", at(3, 9), "ben")
    assert calendar.move(other.id, at(3, 10), conversation_id="ben", request_key="ben:m").sequence == 1


@pytest.mark.parametrize(
    "other",
    [Customer("A", "ana@example.org", "+15125550101"), Customer("B", "b@example.org", "+15125550100")],
    ids=["the same address", "the same number"],
)
def test_a_customer_has_one_visit_at_a_time(with_terms: Make, other: Customer) -> None:
    calendar = with_terms(one_at_a_time=True)
    mine = reserve(calendar, "one", Customer("Ana", "ana@example.org", "+15125550100"), at(3, 10))
    with pytest.raises(AlreadyBookedError):
        reserve(calendar, "two", other, at(3, 10))
    assert calendar.upcoming("two") == ()
    assert calendar.held("two") is not None
    next_one = reserve(calendar, "two", other, at(3, 10, 30))
    assert next_one.status is Status.CONFIRMED
    with pytest.raises(AlreadyBookedError):
        calendar.move(next_one.id, at(3, 10), conversation_id="two", request_key="two:m")
    assert calendar.upcoming("two") == (next_one,)
    assert reserve(calendar, "three", Customer("Ben", "ben@example.org"), at(3, 10)).start == mine.start


def test_an_appointment_is_not_in_its_own_way_and_a_cancelled_one_in_nobodys(with_terms: Make) -> None:
    calendar = with_terms(one_at_a_time=True)
    mine = book(calendar, "service_visit", at(3, 10), "ana")
    moved = calendar.move(mine.id, at(3, 10, 30), conversation_id="ana", request_key="ana:m")
    calendar.cancel(moved.id, conversation_id="ana", request_key="ana:c")
    assert reserve(calendar, "again", ANA, at(3, 10, 30)).start == moved.start


def test_agents_may_book_two_visits_at_a_time(with_terms: Make) -> None:
    calendar = with_terms(one_at_a_time=True)
    reserve(calendar, "one", ANA, at(3, 10))
    assert reserve(calendar, "two", ANA, at(3, 10), by=Who.AGENT).start == at(3, 10)


def test_of_two_conversations_of_one_customer_at_once_one_books(with_terms: Make) -> None:
    calendar = with_terms(one_at_a_time=True)
    for round_ in range(5):
        names = [f"{way}{round_}" for way in ("chat", "mail")]
        start = at(3, 9 + round_)
        for name in names:
            calendar.hold("oil_change", start, conversation_id=name, request_key=f"{name}:hold")
        gate = Barrier(2)

        def try_it(name: str, gate: Barrier = gate) -> str:
            gate.wait()
            try:
                return calendar.book(name, ANA, request_key=f"{name}:book").status
            except SchedulingError as error:
                return error.code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(try_it, names)) == ["already_booked", "confirmed"]


def test_an_agent_changes_what_another_conversation_booked_and_it_is_kept_who_did(
    with_terms: Make, engine: Engine
) -> None:
    calendar = with_terms()
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    with pytest.raises(AppointmentNotFoundError):
        calendar.cancel(mine.id, conversation_id="desk", request_key="1")
    calendar.move(mine.id, at(3, 11), conversation_id="desk", request_key="2", by=Who.AGENT)
    calendar.cancel(mine.id, conversation_id="desk", request_key="3", by=Who.AGENT)
    assert kept(engine) == [("customer", "held"), ("customer", "booked"), ("agent", "moved"), ("agent", "cancelled")]


def kept(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(text("select who, what from appointment_changes order by id"))
        return [(row.who, row.what) for row in rows]


def test_a_customer_promises_to_come_once_and_a_move_takes_it_back(
    with_terms: Make, attendance: Attendance, clock: SetClock, engine: Engine
) -> None:
    calendar = with_terms()
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    promised = attendance.confirm(mine.id, conversation_id="ana", request_key="ana:y")
    assert (promised.promised_at, promised.status, promised.code) == (clock.now, Status.CONFIRMED, mine.code)
    clock.pass_(hours=1)
    assert attendance.confirm(mine.id, conversation_id="ana", request_key="ana:y") == promised
    assert attendance.confirm(mine.id, conversation_id="ana", request_key="ana:y2") == promised
    assert calendar.upcoming("ana") == (promised,)
    moved = calendar.move(mine.id, at(3, 11), conversation_id="ana", request_key="ana:m")
    assert moved.promised_at is None
    assert attendance.confirm(mine.id, conversation_id="ana", request_key="ana:y") == promised
    assert calendar.upcoming("ana") == (moved,)
    assert [what for _, what in kept(engine)] == ["held", "booked", "promised", "moved"]


def test_only_what_is_ahead_is_promised_and_only_by_its_own_conversation(
    with_terms: Make, attendance: Attendance, clock: SetClock
) -> None:
    calendar = with_terms()
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    with pytest.raises(AppointmentNotFoundError):
        attendance.confirm(mine.id, conversation_id="eve", request_key="eve:y")
    cancelled = book(calendar, "oil_change", at(3, 11), "ben")
    calendar.cancel(cancelled.id, conversation_id="ben", request_key="ben:c")
    with pytest.raises(AppointmentOverError):
        attendance.confirm(cancelled.id, conversation_id="ben", request_key="ben:y")
    clock.now = at(3, 10)
    with pytest.raises(AppointmentOverError):
        attendance.confirm(mine.id, conversation_id="ana", request_key="ana:y")


@pytest.mark.parametrize("what", ["done", "no_show"])
def test_whether_a_customer_came_is_said_once_and_from_the_start_on(
    with_terms: Make, attendance: Attendance, clock: SetClock, engine: Engine, what: str
) -> None:
    calendar = with_terms()
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    settle, contrary = attendance.done, attendance.no_show
    if what == "no_show":
        settle, contrary = contrary, settle
    clock.now = at(3, 10) - timedelta(seconds=1)
    with pytest.raises(NotBegunError):
        settle(mine.id, conversation_id="desk", request_key="1")
    clock.now = at(3, 10)
    settled = settle(mine.id, conversation_id="desk", request_key="2")
    assert (settled.status, settled.start, settled.sequence) == (what, mine.start, 0)
    assert settle(mine.id, conversation_id="desk", request_key="2") == settled
    assert settle(mine.id, conversation_id="desk", request_key="3") == settled
    with pytest.raises(AppointmentSettledError):
        contrary(mine.id, conversation_id="desk", request_key="4")
    with pytest.raises(AppointmentOverError):
        calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    assert calendar.of_customer("ana", ANA) == (settled,)
    assert kept(engine)[2:] == [("agent", what)]


def test_what_is_cancelled_is_not_settled_and_what_is_unknown_is_not_found(
    with_terms: Make, attendance: Attendance, clock: SetClock
) -> None:
    calendar = with_terms()
    mine = book(calendar, "oil_change", at(3, 10), "ana")
    calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    clock.now = at(3, 11)
    with pytest.raises(AppointmentSettledError):
        attendance.no_show(mine.id, conversation_id="desk", request_key="1")
    with pytest.raises(AppointmentNotFoundError):
        attendance.done(mine.id + 1, conversation_id="desk", request_key="2")


def test_after_a_no_show_the_rest_of_the_time_is_free_and_after_a_visit_it_is_not(
    magnolia: Business, store: PostgresStore, attendance: Attendance, clock: SetClock, engine: Engine
) -> None:
    services = {key: service.model_copy(update={"lead_time": 0}) for key, service in magnolia.services.items()}
    calendar = Calendar(magnolia.model_copy(update={"services": services}), store, clock)
    missed, came = [book(calendar, "service_visit", at(3, 10), name) for name in ("ana", "ben")]
    used = text("select resource_id, kind, during from occupancies where appointment_id <= :last order by id")
    with engine.connect() as connection:
        before = connection.execute(used, {"last": came.id}).all()
    clock.now = at(3, 10, 5)
    attendance.done(came.id, conversation_id="desk", request_key="1")
    with pytest.raises(OpeningTakenError):
        calendar.hold("oil_change", at(3, 10, 30), conversation_id="cleo", request_key="cleo:1")
    attendance.no_show(missed.id, conversation_id="desk", request_key="2")
    held = calendar.hold("oil_change", at(3, 10, 30), conversation_id="cleo", request_key="cleo:2")
    assert held.resource == missed.resource
    with pytest.raises(OpeningTakenError):
        calendar.hold("oil_change", at(3, 10, 30), conversation_id="dora", request_key="dora:1")
    with engine.connect() as connection:
        assert connection.execute(used, {"last": came.id}).all() == before
