"""The calendar on a real PostgreSQL: from an offer to a cancellation, and what happens when it is asked twice."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from business.model import Business, HoursException, Span
from scheduling.errors import (
    AppointmentNotFoundError,
    AppointmentOverError,
    NotBookableError,
    NothingHeldError,
    OpeningTakenError,
    TooManyTriesError,
    UnknownServiceError,
)
from scheduling.model import Appointment, Customer, Status
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.wishes import Wish

AUSTIN = ZoneInfo("America/Chicago")
ANA = Customer("Ana", "ana@example.org", None)


@dataclass
class SetClock:
    """A clock that stands still until it is told."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of December 2026 in Austin."""
    return datetime(2026, 12, day, hour, minute, tzinfo=AUSTIN)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 12, 1, 14, tzinfo=UTC))  # Tuesday, 8:00 in Austin


@pytest.fixture
def calendar(magnolia: Business, engine: Engine, clock: SetClock) -> Calendar:
    return Calendar(magnolia, PostgresStore(engine), clock)


def book(calendar: Calendar, service: str, start: datetime, conversation: str, key: str = "1") -> Appointment:
    calendar.hold(service, start, conversation_id=conversation, request_key=f"{conversation}:{key}:hold")
    return calendar.book(conversation, ANA, request_key=f"{conversation}:{key}:book")


def test_a_booking_lives_from_its_offer_to_its_cancellation(calendar: Calendar, clock: SetClock) -> None:
    offer = calendar.offer("oil_change", Wish(start_date=date(2026, 12, 3), start_time=time(10, 30)))
    assert offer.exact
    (opening,) = offer.openings
    assert (opening.start, opening.end) == (at(3, 10, 30), at(3, 11))

    held = calendar.hold("oil_change", opening.start, conversation_id="ana", request_key="ana:1:hold")
    assert (held.status, held.code, held.resource) == (Status.HELD, None, opening.resource)
    assert held.hold_expires_at == clock.now + timedelta(minutes=10)
    assert calendar.held("ana") == held

    booked = calendar.book("ana", ANA, request_key="ana:2:book")
    assert (booked.id, booked.status, booked.customer, booked.sequence) == (held.id, Status.CONFIRMED, ANA, 0)
    assert booked.code is not None
    assert calendar.held("ana") is None
    assert calendar.upcoming("ana") == (booked,)
    assert calendar.find(booked.code.lower().replace("-", " "), conversation_id="ana") == booked

    moved = calendar.move(booked.id, at(3, 14), conversation_id="ana", request_key="ana:3:move")
    assert moved == replace(booked, start=at(3, 14), end=at(3, 14, 30), sequence=1)
    assert calendar.upcoming("ana") == (moved,)

    cancelled = calendar.cancel(booked.id, conversation_id="ana", request_key="ana:4:cancel")
    assert cancelled == replace(moved, status=Status.CANCELLED, sequence=2)
    assert calendar.upcoming("ana") == ()
    assert calendar.find(booked.code, conversation_id="ana").status is Status.CANCELLED


def test_times_are_those_of_the_business(calendar: Calendar) -> None:
    booked = book(calendar, "oil_change", at(3, 10).astimezone(UTC), "ana")
    shown = [booked, *calendar.upcoming("ana"), *calendar.offer("oil_change").openings]
    assert {thing.start.tzinfo for thing in shown} == {thing.end.tzinfo for thing in shown} == {AUSTIN}


def test_what_is_held_or_booked_is_not_offered_and_what_is_free_again_is(calendar: Calendar) -> None:
    wish = Wish(start_date=date(2026, 12, 3), start_time=time(10))
    first = book(calendar, "oil_change", at(3, 10), "ana")
    assert calendar.offer("oil_change", wish).exact
    calendar.hold("oil_change", at(3, 10), conversation_id="ben", request_key="ben:1")
    taken = calendar.offer("oil_change", wish)
    assert not taken.exact
    assert at(3, 10) not in [opening.start for opening in taken.openings]
    assert calendar.offer("oil_change", wish, ignoring=first.id).exact
    calendar.release("ben")
    assert calendar.offer("oil_change", wish).exact


def test_the_two_bays_take_turns(calendar: Calendar) -> None:
    bays = [book(calendar, "oil_change", at(3, hour), f"c{hour}").resource for hour in (9, 10, 11, 12)]
    assert bays == ["bay_1", "bay_2", "bay_1", "bay_2"]
    assert book(calendar, "oil_change", at(4, 9), "another day").resource == "bay_1"


def test_a_taken_opening_is_answered_with_the_nearest(calendar: Calendar) -> None:
    for name in ("ana", "ben"):
        book(calendar, "oil_change", at(3, 10), name)
    with pytest.raises(OpeningTakenError) as taken:
        calendar.hold("oil_change", at(3, 10), conversation_id="cleo", request_key="cleo:1")
    assert not taken.value.offer.exact
    found = [opening.start for opening in taken.value.offer.openings]
    assert found == [at(3, 8, 30), at(3, 9), at(3, 9, 30), at(3, 10, 30), at(3, 11)]


def test_a_new_hold_replaces_the_old_one_only_if_it_can_be_had(calendar: Calendar) -> None:
    for name in ("ana", "ben"):
        book(calendar, "oil_change", at(3, 10), name)
    first = calendar.hold("oil_change", at(3, 9), conversation_id="cleo", request_key="cleo:1")
    with pytest.raises(OpeningTakenError):
        calendar.hold("oil_change", at(3, 10), conversation_id="cleo", request_key="cleo:2")
    assert calendar.held("cleo") == first
    second = calendar.hold("service_visit", at(4, 9), conversation_id="cleo", request_key="cleo:3")
    assert calendar.held("cleo") == second
    assert (second.service, second.end) == ("service_visit", at(4, 10, 30))
    for name in ("dora", "emil"):
        book(calendar, "oil_change", at(3, 9), name)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(1, 9, 30), "too_soon"),
        (at(1, 7), "too_soon"),
        (datetime(2027, 3, 2, 9, tzinfo=AUSTIN), "too_far"),
        (at(3, 7, 30), "closed"),
        (at(3, 17, 45), "closed"),
        (at(6, 13), "closed"),
        (at(25, 10), "closed"),
        (at(3, 10, 10), "off_grid"),
        (at(3, 10, 0).replace(second=1), "off_grid"),
    ],
)
def test_a_time_the_business_does_not_book_is_refused_with_the_reason(
    calendar: Calendar, start: datetime, reason: str
) -> None:
    with pytest.raises(NotBookableError) as refused:
        calendar.hold("oil_change", start, conversation_id="ana", request_key="ana:1")
    assert refused.value.reason == reason
    assert calendar.held("ana") is None


def test_the_horizon_ends_with_its_last_day(calendar: Calendar) -> None:
    last = datetime(2027, 3, 1, 17, tzinfo=AUSTIN)  # 90 days ahead
    assert calendar.hold("oil_change", last, conversation_id="ana", request_key="ana:1").start == last
    assert calendar.offer("oil_change", after=last + timedelta(days=1)).openings == ()


def test_a_service_nobody_offers_is_named(calendar: Calendar) -> None:
    with pytest.raises(UnknownServiceError):
        calendar.offer("haircut")
    with pytest.raises(UnknownServiceError):
        calendar.hold("haircut", at(3, 10), conversation_id="ana", request_key="ana:1")


def test_g13_between_two_visits_the_larger_buffer_is_kept_and_not_the_sum(magnolia: Business, engine: Engine) -> None:
    rules = {"minutes": 30, "buffer_before": 15, "buffer_after": 30, "step": 15, "resources": ("bay_1",)}
    services = {"polish": magnolia.services["oil_change"].model_copy(update=rules)}
    clock = SetClock(at(1, 8))
    calendar = Calendar(magnolia.model_copy(update={"services": services}), PostgresStore(engine), clock)
    book(calendar, "polish", at(3, 12, 30), "ana")
    book(calendar, "polish", at(3, 14, 30), "ben")
    between = Wish(start_date=date(2026, 12, 3), start_time=time(12, 15), end_time=time(14, 45))
    assert [opening.start for opening in calendar.offer("polish", between).openings] == [at(3, 13, 30)]
    for start in (at(3, 13, 15), at(3, 13, 45)):
        with pytest.raises(OpeningTakenError):
            calendar.hold("polish", start, conversation_id="cleo", request_key=f"cleo:{start}")
    assert book(calendar, "polish", at(3, 13, 30), "cleo").end == at(3, 14)


def test_an_expired_hold_is_free_for_others(calendar: Calendar, clock: SetClock) -> None:
    for name in ("ana", "ben"):
        calendar.hold("oil_change", at(3, 10), conversation_id=name, request_key=f"{name}:1")
    clock.pass_(minutes=10)
    assert calendar.held("ana") is None
    assert calendar.offer("oil_change", Wish(start_date=date(2026, 12, 3), start_time=time(10))).exact
    assert calendar.hold("oil_change", at(3, 10), conversation_id="cleo", request_key="cleo:1").resource == "bay_1"


def test_an_expired_hold_is_booked_all_the_same_if_nobody_came(calendar: Calendar, clock: SetClock) -> None:
    held = calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:1")
    clock.pass_(hours=2)
    booked = calendar.book("ana", ANA, request_key="ana:2")
    assert (booked.id, booked.start, booked.status) == (held.id, held.start, Status.CONFIRMED)


def test_an_expired_hold_moves_to_another_resource_if_its_own_is_taken(calendar: Calendar, clock: SetClock) -> None:
    held = calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:1")
    assert book(calendar, "oil_change", at(3, 12), "zoe").resource == "bay_2"  # so that bay_1 comes first
    clock.pass_(minutes=11)
    assert book(calendar, "oil_change", at(3, 10), "ben").resource == held.resource == "bay_1"
    assert calendar.book("ana", ANA, request_key="ana:2").resource == "bay_2"


def test_an_expired_hold_that_is_gone_is_answered_with_the_nearest(calendar: Calendar, clock: SetClock) -> None:
    calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:1")
    clock.pass_(minutes=11)
    for name in ("ben", "cleo"):
        book(calendar, "oil_change", at(3, 10), name)
    with pytest.raises(OpeningTakenError) as taken:
        calendar.book("ana", ANA, request_key="ana:2")
    assert at(3, 10, 30) in [opening.start for opening in taken.value.offer.openings]
    assert calendar.upcoming("ana") == ()


def test_nothing_is_booked_without_a_hold(calendar: Calendar) -> None:
    with pytest.raises(NothingHeldError):
        calendar.book("ana", ANA, request_key="ana:1")
    calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:2")
    calendar.release("ana")
    calendar.release("ana")
    with pytest.raises(NothingHeldError):
        calendar.book("ana", ANA, request_key="ana:3")


def test_the_same_request_has_one_effect_and_one_answer(calendar: Calendar, engine: Engine) -> None:
    def hold() -> Appointment:
        return calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:1:hold")

    def confirm() -> Appointment:
        return calendar.book("ana", ANA, request_key="ana:2:book")

    held, booked = (hold(), hold()), (confirm(), confirm())
    assert held[0] == held[1]
    assert booked[0] == booked[1]
    number = booked[0].id
    moved = [calendar.move(number, at(4, 9), conversation_id="ana", request_key="ana:3:move") for _ in range(2)]
    assert moved[0] == moved[1]
    cancelled = [calendar.cancel(number, conversation_id="ana", request_key="ana:4:cancel") for _ in range(2)]
    assert cancelled[0] == cancelled[1]
    assert (confirm(), hold().status) == (booked[0], Status.HELD)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from appointments")).scalar_one() == 1
        what = connection.execute(text("select what from appointment_changes order by id")).scalars().all()
    assert what == ["held", "booked", "moved", "cancelled"]


def test_every_change_is_kept_with_who_and_when_and_without_the_customer(
    calendar: Calendar, clock: SetClock, engine: Engine
) -> None:
    for name in ("yan", "zoe"):
        calendar.hold("oil_change", at(3, 10), conversation_id=name, request_key=f"{name}:1")
    clock.pass_(minutes=11)
    book(calendar, "oil_change", at(3, 10), "ana")
    with engine.connect() as connection:
        rows = connection.execute(text("select * from appointment_changes order by id")).all()
    assert [(row.who, row.what, row.conversation_id) for row in rows] == [
        ("customer", "held", "yan"),
        ("customer", "held", "zoe"),
        ("clock", "expired", None),
        ("customer", "held", "ana"),
        ("customer", "booked", "ana"),
    ]
    assert rows[-1].before["status"] == "held"
    assert rows[-1].at == clock.now
    assert "Ana" not in str(rows)
    assert "ana@" not in str(rows)


def test_a_move_keeps_the_resource_if_it_can(calendar: Calendar) -> None:
    book(calendar, "oil_change", at(3, 9), "ana")
    second = book(calendar, "oil_change", at(3, 10), "ben")
    assert second.resource == "bay_2"
    assert calendar.move(second.id, at(4, 10), conversation_id="ben", request_key="ben:m").resource == "bay_2"


def test_a_move_may_overlap_its_own_old_time(calendar: Calendar) -> None:
    for name in ("ana", "ben"):
        booked = book(calendar, "service_visit", at(3, 10), name)
    moved = calendar.move(booked.id, at(3, 10, 30), conversation_id="ben", request_key="ben:m")
    assert (moved.start, moved.resource) == (at(3, 10, 30), booked.resource)


def test_a_move_that_fails_leaves_the_appointment_as_it_was(calendar: Calendar) -> None:
    for name in ("ana", "ben"):
        book(calendar, "oil_change", at(3, 10), name)
    mine = book(calendar, "oil_change", at(3, 12), "cleo")
    with pytest.raises(OpeningTakenError) as taken:
        calendar.move(mine.id, at(3, 10), conversation_id="cleo", request_key="cleo:m")
    assert at(3, 10) not in [opening.start for opening in taken.value.offer.openings]
    with pytest.raises(NotBookableError):
        calendar.move(mine.id, at(6, 10), conversation_id="cleo", request_key="cleo:m2")
    assert calendar.upcoming("cleo") == (mine,)


def test_moving_to_the_same_time_changes_nothing(calendar: Calendar) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    assert calendar.move(mine.id, at(3, 12), conversation_id="ana", request_key="ana:m") == mine


def test_what_is_cancelled_stays_so_and_is_not_moved(calendar: Calendar) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    cancelled = calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    assert calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c2") == cancelled
    with pytest.raises(AppointmentOverError):
        calendar.move(mine.id, at(3, 13), conversation_id="ana", request_key="ana:m")


def test_what_has_begun_is_neither_moved_nor_cancelled(calendar: Calendar, clock: SetClock) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    clock.now = at(3, 12)
    assert calendar.upcoming("ana") == ()
    with pytest.raises(AppointmentOverError):
        calendar.move(mine.id, at(4, 12), conversation_id="ana", request_key="ana:m")
    with pytest.raises(AppointmentOverError):
        calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")


def test_another_conversation_changes_an_appointment_only_after_naming_its_code(calendar: Calendar) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    with pytest.raises(AppointmentNotFoundError):
        calendar.cancel(mine.id, conversation_id="mallory", request_key="mallory:c")
    with pytest.raises(AppointmentNotFoundError):
        calendar.move(mine.id, at(3, 13), conversation_id="mallory", request_key="mallory:m")
    assert calendar.upcoming("ana") == (mine,)
    assert mine.code is not None
    calendar.find(mine.code, conversation_id="ana on another phone")
    moved = calendar.move(mine.id, at(3, 13), conversation_id="ana on another phone", request_key="m")
    assert calendar.upcoming("ana") == (moved,)


def test_a_hold_is_not_an_appointment_that_could_be_moved(calendar: Calendar) -> None:
    held = calendar.hold("oil_change", at(3, 10), conversation_id="ana", request_key="ana:1")
    for number in (held.id, held.id + 1):
        with pytest.raises(AppointmentNotFoundError):
            calendar.cancel(number, conversation_id="ana", request_key="ana:c")


def test_wrong_codes_are_limited_by_conversation_and_hour(calendar: Calendar, clock: SetClock) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    assert mine.code is not None
    wrong = "CCCC-CCCC" if mine.code != "CCCC-CCCC" else "DDDD-DDDD"
    for _ in range(5):
        with pytest.raises(AppointmentNotFoundError):
            calendar.find(wrong, conversation_id="mallory")
    with pytest.raises(TooManyTriesError):
        calendar.find(mine.code, conversation_id="mallory")
    assert calendar.find(mine.code, conversation_id="ana") == mine
    clock.pass_(minutes=61)
    assert calendar.find(mine.code, conversation_id="mallory") == mine


def test_what_cannot_be_a_code_is_no_try(calendar: Calendar) -> None:
    mine = book(calendar, "oil_change", at(3, 12), "ana")
    for said in ("", "my code?", "CCCC-CCC", "OOOO-OOOO", "1234-5678") * 3:
        with pytest.raises(AppointmentNotFoundError):
            calendar.find(said, conversation_id="ana")
    assert mine.code is not None
    assert calendar.find(mine.code, conversation_id="ana") == mine


def test_later_and_earlier_page_through_the_openings(calendar: Calendar) -> None:
    wish = Wish(start_date=date(2026, 12, 3))
    first = calendar.offer("oil_change", wish, limit=3)
    later = calendar.offer("oil_change", wish, after=at(3, 12), limit=3)
    earlier = calendar.offer("oil_change", wish, before=at(3, 12), limit=3)
    assert (first.exact, later.exact, earlier.exact) == (True, True, True)
    assert all(opening.start > at(3, 12) for opening in later.openings)
    assert [opening.start for opening in earlier.openings] == [at(3, 10, 30), at(3, 11), at(3, 11, 30)]
    next_day = calendar.offer("oil_change", wish, after=at(3, 17, 30), limit=2)
    assert not next_day.exact
    assert [opening.start.date() for opening in next_day.openings] == [date(2026, 12, 4), date(2026, 12, 5)]


def test_the_other_sample_business_books_too(northlight: Business, engine: Engine) -> None:
    clock = SetClock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    calendar = Calendar(northlight, PostgresStore(engine), clock)
    offer = calendar.offer("study_consultation", Wish(part="afternoon"))
    assert len(offer.openings) == 4
    booked = book(calendar, "study_consultation", offer.openings[0].start, "ana")
    assert booked.start.tzinfo == northlight.zone
    assert booked.hold_expires_at is None


def test_an_hour_that_comes_twice_is_two_openings(magnolia: Business, engine: Engine) -> None:
    night = HoursException(date=date(2026, 11, 1), hours=(Span.model_validate("00:00-04:00"),))
    departments = {"sales": magnolia.departments["sales"]}
    business = magnolia.model_copy(update={"exceptions": (night,), "departments": departments})
    calendar = Calendar(business, PostgresStore(engine), SetClock(datetime(2026, 10, 30, 12, tzinfo=UTC)))
    both = calendar.offer("sales_consultation", Wish(start_date=date(2026, 11, 1), start_time=time(1)))
    assert [opening.start.astimezone(UTC).hour for opening in both.openings] == [6, 7]
    booked = [
        book(calendar, "sales_consultation", opening.start, f"c{opening.start.fold}") for opening in both.openings
    ]
    assert [appointment.start.utcoffset() for appointment in booked] == [timedelta(hours=-5), timedelta(hours=-6)]
    assert booked[0].end.astimezone(UTC).hour == 6
