"""Many at once, on a real PostgreSQL. Every racer has looked before any may take, so each race is really run."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, get_ident
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from business.model import Business
from database.engine import connect
from scheduling.errors import AppointmentNotFoundError, AppointmentOverError, OpeningTakenError, SchedulingError
from scheduling.model import Appointment, Customer, Status
from scheduling.service import Calendar
from scheduling.storage import PostgresStore, PostgresTransaction

RACERS = 50
AUSTIN = ZoneInfo("America/Chicago")
ANA = Customer("Ana", "ana@example.org")
NOW = datetime(2026, 12, 1, 14, tzinfo=UTC)
TEN = datetime(2026, 12, 3, 10, tzinfo=AUSTIN)


class MeetingStore(PostgresStore):
    """A store in which nobody goes on from the first look at the calendar until `racers` have looked."""

    def __init__(self, engine: Engine, racers: int) -> None:
        super().__init__(engine)
        self._barrier, self._been_there = Barrier(racers, timeout=60), set[int]()

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        with super().transaction() as transaction:
            look = transaction.uses

            def look_and_wait(*args: object, **options: object) -> object:
                found = look(*args, **options)  # type: ignore[arg-type]
                if get_ident() not in self._been_there:
                    self._been_there.add(get_ident())
                    self._barrier.wait()
                return found

            transaction.uses = look_and_wait  # type: ignore[method-assign, assignment]
            yield transaction


@pytest.fixture
def wide(database_url: str) -> Iterator[Engine]:
    """An engine with a connection for every racer."""
    engine = connect(database_url, pool_size=RACERS)
    yield engine
    engine.dispose()


@pytest.fixture
def one_bay(magnolia: Business) -> Business:
    """The dealership with one bay for everything in it, and buffers that differ."""
    change = magnolia.services["oil_change"].model_copy(update={"resources": ("bay_1",)})
    visit = magnolia.services["service_visit"].model_copy(update={"resources": ("bay_1",), "buffer_after": 30})
    return magnolia.model_copy(update={"services": {"oil_change": change, "service_visit": visit}})


def calendar_on(business: Business, store: PostgresStore, now: datetime = NOW) -> Calendar:
    return Calendar(business, store, lambda: now)


def race[T](racers: Sequence[Callable[[], T]]) -> list[T | SchedulingError]:
    """What came to each of them, all started at once, each in a thread of its own."""

    def run(racer: Callable[[], T]) -> T | SchedulingError:
        try:
            return racer()
        except SchedulingError as refused:
            return refused

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, racers))


def holders(calendar: Calendar, start: datetime = TEN, racers: int = RACERS) -> list[Callable[[], Appointment]]:
    def holder(name: str) -> Callable[[], Appointment]:
        return lambda: calendar.hold("oil_change", start, conversation_id=name, request_key=f"{name}:1")

    return [holder(f"racer{number}") for number in range(racers)]


def blocking_visits(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(
            text("select count(*) from occupancies where blocking and kind = 'visit'")
        ).scalar_one()


def test_one_of_fifty_gets_the_last_opening_and_the_others_get_alternatives(one_bay: Business, wide: Engine) -> None:
    outcome = race(holders(calendar_on(one_bay, MeetingStore(wide, RACERS))))
    won = [result for result in outcome if isinstance(result, Appointment)]
    lost = [result for result in outcome if isinstance(result, OpeningTakenError)]
    assert (len(won), len(lost)) == (1, RACERS - 1)
    assert blocking_visits(wide) == 1
    for refused in lost:
        assert len(refused.offer.openings) == 5
        assert TEN not in [opening.start for opening in refused.offer.openings]


def test_the_same_race_without_the_constraint_books_everybody(one_bay: Business, wide: Engine) -> None:
    with wide.begin() as connection:
        connection.execute(text("alter table occupancies drop constraint ex_occupancies_no_overlap"))
    outcome = race(holders(calendar_on(one_bay, MeetingStore(wide, RACERS))))
    assert [type(result) for result in outcome] == [Appointment] * RACERS
    assert blocking_visits(wide) == RACERS


def test_as_many_win_as_there_are_resources(magnolia: Business, wide: Engine) -> None:
    outcome = race(holders(calendar_on(magnolia, MeetingStore(wide, RACERS))))
    won = [result for result in outcome if isinstance(result, Appointment)]
    assert sorted(appointment.resource for appointment in won) == ["bay_1", "bay_2"]


def test_the_place_of_an_expired_hold_is_queued_for_without_a_deadlock(one_bay: Business, wide: Engine) -> None:
    for day in range(3):
        start = TEN + timedelta(days=day)
        earlier = calendar_on(one_bay, PostgresStore(wide), NOW - timedelta(minutes=10))
        earlier.hold("oil_change", start, conversation_id="zoe", request_key=f"zoe:{day}")
        outcome = race(holders(calendar_on(one_bay, MeetingStore(wide, 40)), start, 40))
        assert Counter(type(result) for result in outcome) == {Appointment: 1, OpeningTakenError: 39}
        with wide.begin() as connection:
            connection.execute(text("truncate appointments cascade"))


def test_of_many_expired_holds_of_one_opening_one_is_booked(one_bay: Business, wide: Engine) -> None:
    for number in range(20):
        earlier = calendar_on(one_bay, PostgresStore(wide), NOW + timedelta(minutes=11 * number))
        earlier.hold("oil_change", TEN, conversation_id=f"racer{number}", request_key=f"racer{number}:1")
    later = calendar_on(one_bay, MeetingStore(wide, 20), NOW + timedelta(minutes=11 * 20))

    def booker(name: str) -> Callable[[], Appointment]:
        return lambda: later.book(name, ANA, request_key=f"{name}:2")

    outcome = race([booker(f"racer{number}") for number in range(20)])
    assert Counter(type(result) for result in outcome) == {Appointment: 1, OpeningTakenError: 19}
    assert blocking_visits(wide) == 1


def test_of_many_who_move_to_one_opening_one_gets_there_and_the_others_stay(one_bay: Business, wide: Engine) -> None:
    calendar = calendar_on(one_bay, PostgresStore(wide))
    booked = [_book(calendar, TEN + timedelta(days=4, minutes=30 * number), f"c{number}") for number in range(12)]
    meeting = calendar_on(one_bay, MeetingStore(wide, 12))

    def mover(mine: Appointment) -> Callable[[], Appointment]:
        name = mine.conversation_id
        return lambda: meeting.move(mine.id, TEN, conversation_id=name, request_key=f"{name}:m")

    outcome = race([mover(mine) for mine in booked])
    assert Counter(type(result) for result in outcome) == {Appointment: 1, OpeningTakenError: 11}
    now = [calendar.upcoming(mine.conversation_id)[0] for mine in booked]
    assert sum(appointment.start == TEN for appointment in now) == 1
    assert sum(was == is_ for was, is_ in zip(booked, now, strict=True)) == 11


def test_cancelling_and_moving_at_once_has_one_outcome(one_bay: Business, wide: Engine) -> None:
    calendar = calendar_on(one_bay, PostgresStore(wide))
    for number in range(10):
        start = datetime(2026, 12, 7 + number % 5, 8 + number, tzinfo=AUSTIN)
        mine = _book(calendar, start, f"c{number}")
        assert mine.code is not None
        calendar.find(mine.code, conversation_id="elsewhere")

        def move(mine: Appointment = mine) -> Appointment:
            later = mine.start + timedelta(minutes=30)
            return calendar.move(mine.id, later, conversation_id="elsewhere", request_key=f"{mine.id}:m")

        def cancel(mine: Appointment = mine) -> Appointment:
            return calendar.cancel(mine.id, conversation_id=mine.conversation_id, request_key=f"{mine.id}:c")

        moved, cancelled = race([move, cancel])
        assert isinstance(cancelled, Appointment)
        assert cancelled.status is Status.CANCELLED
        assert isinstance(moved, AppointmentOverError) or cancelled.sequence == 2
        assert calendar.upcoming(mine.conversation_id) == ()
    assert blocking_visits(wide) == 0


def test_one_request_sent_many_times_at_once_has_one_effect(magnolia: Business, wide: Engine) -> None:
    calendar = calendar_on(magnolia, PostgresStore(wide))
    held = race([holders(calendar)[0]] * 20)
    booked = race([lambda: calendar.book("racer0", ANA, request_key="racer0:2")] * 20)
    assert all(result == held[0] for result in held)
    assert all(result == booked[0] and isinstance(result, Appointment) for result in booked)
    with wide.connect() as connection:
        assert connection.execute(text("select count(*) from appointment_changes")).scalar_one() == 2


def test_codes_guessed_at_once_are_counted_all_the_same(magnolia: Business, wide: Engine) -> None:
    calendar = calendar_on(magnolia, PostgresStore(wide))
    outcome = race([lambda: calendar.find("CCCC-CCCC", conversation_id="mallory")] * 20)
    assert sum(isinstance(result, AppointmentNotFoundError) for result in outcome) == magnolia.booking.code_tries


def test_a_confusion_of_requests_leaves_no_overlap_and_no_error(one_bay: Business, wide: Engine) -> None:
    calendar = calendar_on(one_bay, PostgresStore(wide))
    starts = [TEN + timedelta(minutes=30 * number) for number in range(8)]

    def customer(number: int) -> Callable[[], None]:
        chance, name = random.Random(number), f"c{number}"

        def act(step: int) -> None:
            key, start = f"{name}:{step}", chance.choice(starts)
            service = chance.choice(["oil_change", "service_visit"])
            mine = calendar.upcoming(name)
            if mine and chance.random() < 0.6:
                calendar.move(mine[0].id, start, conversation_id=name, request_key=key)
            elif mine:
                calendar.cancel(mine[0].id, conversation_id=name, request_key=key)
            elif chance.random() < 0.1:
                calendar.release(name)
            else:
                calendar.hold(service, start, conversation_id=name, request_key=f"{key}:h")
                calendar.book(name, ANA, request_key=f"{key}:b")

        def act_often() -> None:
            for step in range(12):
                try:
                    act(step)
                except OpeningTakenError:
                    continue

        return act_often

    assert race([customer(number) for number in range(16)]) == [None] * 16
    assert gaps_kept(wide, one_bay) > 0


def gaps_kept(engine: Engine, business: Business) -> int:
    """How many visits stand; asserts that each two have the larger of their buffers between them."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select a.service, a.starts_at, a.ends_at, o.resource_id from appointments a"
                " join occupancies o on o.appointment_id = a.id and o.kind = 'visit'"
                " where a.blocking order by o.resource_id, a.starts_at"
            )
        ).all()
    for earlier, later in pairwise(rows):
        if earlier.resource_id == later.resource_id:
            behind = business.services[earlier.service].buffer_after
            ahead = business.services[later.service].buffer_before
            assert later.starts_at - earlier.ends_at >= timedelta(minutes=max(behind, ahead))
    return len(rows)


def test_a_row_put_in_by_hand_meets_the_constraint(one_bay: Business, engine: Engine) -> None:
    calendar = calendar_on(one_bay, PostgresStore(engine))
    mine = _book(calendar, TEN, "ana")
    calendar.cancel(mine.id, conversation_id="ana", request_key="ana:c")
    _book(calendar, TEN, "ben")
    back_to_life = text("update appointments set status = 'confirmed' where id = :id")
    with pytest.raises(IntegrityError, match="ex_occupancies_no_overlap"), engine.begin() as connection:
        connection.execute(back_to_life, {"id": mine.id})
    assert blocking_visits(engine) == 1


def test_a_second_seat_may_be_taken_at_the_same_time(one_bay: Business, engine: Engine) -> None:
    mine = _book(calendar_on(one_bay, PostgresStore(engine)), TEN, "ana")
    with engine.begin() as connection:
        connection.execute(text("update occupancies set seat = 1"))
        other = connection.execute(
            text(
                "insert into appointments (service, starts_at, ends_at, status, code, conversation_id, created_at,"
                " updated_at) values ('oil_change', now(), now() + interval '1h', 'confirmed', 'X', 'c', now(), now())"
                " returning id"
            )
        ).scalar_one()
        copied = text(
            "insert into occupancies (appointment_id, blocking, resource_id, seat, kind, during)"
            " select :other, true, resource_id, :seat, kind, during from occupancies where appointment_id = :mine"
        )
        connection.execute(copied, {"other": other, "mine": mine.id, "seat": 2})
        for seat in (2, None):
            with pytest.raises(IntegrityError, match="ex_occupancies_no_overlap"), connection.begin_nested():
                connection.execute(copied, {"other": other, "mine": mine.id, "seat": seat})
        with pytest.raises(IntegrityError, match="ex_occupancies_no_overlap"):
            connection.execute(copied, {"other": other, "mine": mine.id, "seat": 1})
        connection.rollback()


def _book(calendar: Calendar, start: datetime, name: str) -> Appointment:
    calendar.hold("oil_change", start, conversation_id=name, request_key=f"{name}:h:{start}")
    return calendar.book(name, ANA, request_key=f"{name}:b:{start}")
