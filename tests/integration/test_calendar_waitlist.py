"""The waitlist on a real PostgreSQL: an opening that comes free goes to one at a time, also with several processes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from business.model import Business
from scheduling.errors import OpeningTakenError, UnknownServiceError
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.waitlist import Waitlist
from scheduling.wishes import Wish
from tests.integration.test_calendar import ANA, SetClock, at, book

THIRD = Wish(start_date=date(2026, 12, 3))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 12, 1, 14, tzinfo=UTC))  # Tuesday, 8:00 in Austin


@pytest.fixture
def small(magnolia: Business) -> Business:
    """A business with one bay, whose visits fill a morning."""
    service = magnolia.services["oil_change"].model_copy(
        update={"resources": ("bay_1",), "minutes": 240, "step": 240, "buffer_before": 0, "buffer_after": 0}
    )
    return magnolia.model_copy(update={"services": {"oil_change": service}})


@pytest.fixture
def calendar(small: Business, engine: Engine, clock: SetClock) -> Calendar:
    return Calendar(small, PostgresStore(engine), clock)


@pytest.fixture
def waitlist(small: Business, engine: Engine, clock: SetClock) -> Waitlist:
    return Waitlist(small, PostgresStore(engine), clock)


@pytest.fixture
def full(calendar: Calendar) -> list[Appointment]:
    """All openings of the third, booked."""
    booked = []
    while (offer := calendar.offer("oil_change", THIRD)).exact:
        name = f"early{len(booked)}"
        booked.append(book(calendar, "oil_change", offer.openings[0].start, name))
    assert booked
    return booked


def wait(waitlist: Waitlist, clock: SetClock, *names: str) -> None:
    for name in names:
        waitlist.join("oil_change", THIRD, conversation_id=name)
        clock.pass_(seconds=1)


def cancel(calendar: Calendar, one: Appointment) -> None:
    calendar.cancel(one.id, conversation_id=one.conversation_id, request_key=f"{one.id}:cancel")


def test_nothing_is_offered_while_nothing_is_free(waitlist: Waitlist, clock: SetClock, full: list[Appointment]) -> None:
    wait(waitlist, clock, "ana")
    assert waitlist.tick() == ()
    assert waitlist.offered() == ()


def test_a_freed_opening_is_held_for_one_then_for_the_next_then_for_all(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana", "ben")
    cancel(calendar, full[0])
    (first,) = waitlist.tick()
    assert (first.conversation_id, first.start, first.end) == ("ana", full[0].start, full[0].end)
    assert waitlist.tick() == ()
    assert waitlist.offered() == (first,)
    with pytest.raises(OpeningTakenError):
        calendar.hold("oil_change", first.start, conversation_id="zoe", request_key="zoe:1")
    clock.pass_(minutes=29)
    assert waitlist.tick() == ()
    clock.pass_(minutes=1)
    (second,) = waitlist.tick()
    assert (second.conversation_id, second.start) == ("ben", first.start)
    clock.pass_(minutes=30)
    assert waitlist.tick() == ()
    assert calendar.hold("oil_change", first.start, conversation_id="zoe", request_key="zoe:2").start == first.start


def test_who_books_the_offer_waits_no_more(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana", "ben")
    cancel(calendar, full[0])
    waitlist.tick()
    booked = calendar.book("ana", ANA, request_key="ana:book")
    assert booked.start == full[0].start
    assert waitlist.tick() == ()
    cancel(calendar, booked)
    (next_one,) = waitlist.tick()
    assert next_one.conversation_id == "ben"


def test_who_has_a_later_appointment_moves_it_to_the_offer(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    later = calendar.offer("oil_change", Wish(start_date=date(2026, 12, 4))).openings[0].start
    mine = book(calendar, "oil_change", later, "ana")
    waitlist.join("oil_change", conversation_id="ana", before=full[0].end)
    taken = [book(calendar, "oil_change", start, f"x{start}") for start in free_before(calendar, full[0].start)]
    assert waitlist.tick() == ()
    cancel(calendar, full[0])
    (offer,) = waitlist.tick()
    moved = calendar.move(mine.id, offer.start, conversation_id="ana", request_key="ana:move")
    assert (moved.start, moved.code) == (full[0].start, mine.code)
    assert calendar.held("ana") is None
    cancel(calendar, taken[0] if taken else moved)
    assert waitlist.tick() == ()


def free_before(calendar: Calendar, until: datetime) -> list[datetime]:
    return [opening.start for opening in calendar.offer("oil_change", before=until, limit=20).openings]


def test_who_declines_is_not_asked_again_and_who_leaves_frees_it(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana", "ben", "cleo")
    cancel(calendar, full[0])
    waitlist.tick()
    waitlist.decline("oil_change", conversation_id="ana")
    assert [offer.conversation_id for offer in waitlist.tick()] == ["ben"]
    waitlist.leave("oil_change", conversation_id="ben")
    waitlist.leave("oil_change", conversation_id="ben")
    assert [offer.conversation_id for offer in waitlist.tick()] == ["cleo"]
    assert calendar.held("ben") is None


def test_what_a_conversation_is_booking_is_not_taken_from_it(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana")
    later = calendar.offer("oil_change", Wish(start_date=date(2026, 12, 4))).openings[0].start
    held = calendar.hold("oil_change", later, conversation_id="ana", request_key="ana:1")
    cancel(calendar, full[0])
    assert waitlist.tick() == ()
    assert calendar.held("ana") == held
    calendar.release("ana")
    assert [offer.start for offer in waitlist.tick()] == [full[0].start]


def test_an_expired_hold_and_a_move_free_openings_too(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana")
    later = calendar.offer("oil_change", Wish(start_date=date(2026, 12, 4))).openings[0].start
    mine = full[0]
    calendar.move(mine.id, later, conversation_id=mine.conversation_id, request_key="m")
    calendar.hold("oil_change", mine.start, conversation_id="zoe", request_key="zoe:1")
    assert waitlist.tick() == ()
    clock.pass_(minutes=10)
    assert [offer.start for offer in waitlist.tick()] == [mine.start]


def test_joining_again_keeps_the_place_and_waiting_ends_when_nothing_can_fit(
    waitlist: Waitlist, clock: SetClock, engine: Engine
) -> None:
    first = waitlist.join("oil_change", THIRD, conversation_id="ana")
    again = waitlist.join("oil_change", Wish(start_date=date(2026, 12, 2)), conversation_id="ana", before=at(2, 8))
    assert again.id == first.id
    with pytest.raises(UnknownServiceError):
        waitlist.join("haircut", conversation_id="ana")
    clock.now = at(2, 8)
    assert waitlist.tick() == ()
    with engine.connect() as connection:
        assert connection.execute(text("select ended_at from waitlist")).scalars().all() == [clock.now]


def test_several_processes_offer_each_opening_to_one(
    small: Business, engine: Engine, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    names = [f"w{number}" for number in range(4)]
    wait(Waitlist(small, PostgresStore(engine), clock), clock, *names)
    cancel(calendar, full[0])
    gate = Barrier(4)

    def tick() -> list[tuple[str, datetime]]:
        own = Waitlist(small, PostgresStore(engine), clock)
        gate.wait()
        return [(offer.conversation_id, offer.start) for offer in own.tick()]

    for name in names:
        with ThreadPoolExecutor(4) as pool:
            told = Counter(offer for made in pool.map(lambda _: tick(), range(4)) for offer in made)
        assert told == {(name, full[0].start): 1}
        clock.pass_(minutes=30)


def test_a_lapsed_offer_is_booked_all_the_same_if_nobody_came(
    waitlist: Waitlist, calendar: Calendar, clock: SetClock, full: list[Appointment]
) -> None:
    wait(waitlist, clock, "ana")
    cancel(calendar, full[0])
    waitlist.tick()
    clock.pass_(minutes=31)
    assert waitlist.tick() == ()
    assert waitlist.offered() == ()
    assert calendar.book("ana", Customer("Ana"), request_key="ana:late").start == full[0].start
    assert waitlist.tick() == ()
