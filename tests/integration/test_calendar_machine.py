"""Any order of hold, book, move, cancel, release and waiting: a state machine on a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from business.model import Business
from scheduling.attendance import Attendance
from scheduling.errors import NotBegunError, NothingHeldError, OpeningTakenError
from scheduling.model import Appointment, Customer, Status
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.waitlist import Waitlist
from scheduling.wishes import Wish

FIRST = datetime(2026, 12, 3, 9, tzinfo=ZoneInfo("America/Chicago"))
NAMES = st.sampled_from(("ana", "ben", "cleo"))
STARTS = st.integers(0, 8).map(lambda number: FIRST + timedelta(minutes=30 * number))
SERVICES = st.sampled_from(("oil_change", "service_visit"))


class CalendarMachine(RuleBasedStateMachine):
    """What the calendar says, beside the plainest book-keeping of what it has promised."""

    engine: ClassVar[Engine]
    business: ClassVar[Business]

    @initialize()
    def open(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(text("truncate resources, appointments, waitlist cascade"))
        self.now = datetime(2026, 12, 1, 14, tzinfo=UTC)
        self.calendar = Calendar(self.business, PostgresStore(self.engine), lambda: self.now)
        self.attendance = Attendance(self.business, PostgresStore(self.engine), lambda: self.now)
        self.waitlist = Waitlist(self.business, PostgresStore(self.engine), lambda: self.now)
        self.holds: dict[str, Appointment] = {}
        self.booked: dict[int, Appointment] = {}
        self.requests = 0

    def key(self) -> str:
        self.requests += 1
        return str(self.requests)

    @rule(name=NAMES, start=STARTS, service=SERVICES)
    def hold(self, name: str, start: datetime, service: str) -> None:
        try:
            held = self.calendar.hold(service, start, conversation_id=name, request_key=self.key())
        except OpeningTakenError as taken:
            assert not self.is_free(service, start, ignoring=name)
            offered = [opening.start for opening in taken.offer.openings]
            assert start not in offered
        else:
            assert self.is_free(service, start, ignoring=name)
            self.holds[name] = held

    @rule(name=NAMES)
    def book(self, name: str) -> None:
        hold = self.holds.get(name)
        try:
            booked = self.calendar.book(name, Customer(name), request_key=self.key())
        except NothingHeldError:
            assert hold is None
        except OpeningTakenError:
            assert hold is not None
            assert not hold.is_held(self.now)
            assert not self.is_free(hold.service, hold.start, ignoring=name)
        else:
            assert hold is not None
            assert (booked.service, booked.start, booked.status) == (hold.service, hold.start, Status.CONFIRMED)
            self.booked[booked.id] = booked
            del self.holds[name]

    @rule(name=NAMES)
    def release(self, name: str) -> None:
        self.calendar.release(name)
        self.holds.pop(name, None)

    @rule(chosen=st.integers(0, 5), start=STARTS)
    def move(self, chosen: int, start: datetime) -> None:
        if not self.booked:
            return
        before = list(self.booked.values())[chosen % len(self.booked)]
        name = before.conversation_id
        try:
            moved = self.calendar.move(before.id, start, conversation_id=name, request_key=self.key())
        except OpeningTakenError:
            assert not self.is_free(before.service, start, ignoring=before.id)
            return
        assert moved.sequence == before.sequence + (start != before.start)
        assert moved.code == before.code
        hold = self.holds.get(name)
        held = (hold.service, hold.start) if hold and hold.is_held(self.now) else None
        if start != before.start and held == (before.service, start):
            del self.holds[name]
        self.booked[before.id] = moved

    @rule(chosen=st.integers(0, 5))
    def cancel(self, chosen: int) -> None:
        if not self.booked:
            return
        before = list(self.booked.values())[chosen % len(self.booked)]
        name = before.conversation_id
        cancelled = self.calendar.cancel(before.id, conversation_id=name, request_key=self.key())
        assert cancelled.sequence == before.sequence + 1
        del self.booked[before.id]

    @rule(name=NAMES, service=SERVICES, before=STARTS)
    def join(self, name: str, service: str, before: datetime) -> None:
        wish = Wish(start_date=FIRST.date())
        self.waitlist.join(service, wish, conversation_id=name, before=before + timedelta(minutes=30))

    @rule()
    def tick(self) -> None:
        for offer in self.waitlist.tick():
            name, mine = offer.conversation_id, self.holds.get(offer.conversation_id)
            assert mine is None or not mine.is_held(self.now)
            assert self.is_free(offer.service, offer.start, ignoring=name)
            held = self.calendar.held(name)
            assert held is not None
            assert (held.service, held.start, held.hold_expires_at) == (offer.service, offer.start, offer.expires_at)
            self.holds[name] = held

    @rule(chosen=st.integers(0, 5))
    def promise(self, chosen: int) -> None:
        if not self.booked:
            return
        before = list(self.booked.values())[chosen % len(self.booked)]
        name = before.conversation_id
        promised = self.attendance.confirm(before.id, conversation_id=name, request_key=self.key())
        assert promised == replace(before, promised_at=before.promised_at or promised.promised_at)
        assert promised.promised_at is not None
        self.booked[before.id] = promised

    @rule(chosen=st.integers(0, 5), came=st.booleans())
    def nothing_is_settled_before_it_begins(self, chosen: int, came: bool) -> None:
        if not self.booked:
            return
        before = list(self.booked.values())[chosen % len(self.booked)]
        settle = self.attendance.done if came else self.attendance.no_show
        with pytest.raises(NotBegunError):
            settle(before.id, conversation_id="desk", request_key=self.key())

    @rule(minutes=st.integers(1, 8))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def everybody_has_what_was_promised(self) -> None:
        for name in ("ana", "ben", "cleo"):
            mine = sorted((a for a in self.booked.values() if a.conversation_id == name), key=lambda a: (a.start, a.id))
            assert list(self.calendar.upcoming(name)) == mine
            hold = self.holds.get(name)
            assert self.calendar.held(name) == (hold if hold and hold.is_held(self.now) else None)

    @invariant()
    def no_two_are_nearer_than_the_larger_of_their_buffers(self) -> None:
        for one, other in combinations(self.taking(), 2):
            if one.resource == other.resource:
                assert self.apart(one.service, one.start, one.end, other)

    def taking(self) -> list[Appointment]:
        return [*self.booked.values(), *(hold for hold in self.holds.values() if hold.is_held(self.now))]

    def is_free(self, service: str, start: datetime, *, ignoring: int | str) -> bool:
        """Whether some resource is free for a visit, as counted here."""
        end = start + timedelta(minutes=self.business.services[service].minutes)
        others = [
            a
            for a in self.taking()
            if not (a.id == ignoring or (a.status is Status.HELD and a.conversation_id == ignoring))
        ]
        return any(
            all(self.apart(service, start, end, other) for other in others if other.resource == resource)
            for resource in self.business.services[service].resources
        )

    def apart(self, service: str, start: datetime, end: datetime, other: Appointment) -> bool:
        mine, theirs = self.business.services[service], self.business.services[other.service]
        behind = timedelta(minutes=max(mine.buffer_after, theirs.buffer_before))
        ahead = timedelta(minutes=max(mine.buffer_before, theirs.buffer_after))
        return end + behind <= other.start or other.end + ahead <= start


def test_no_order_of_requests_breaks_a_promise(magnolia: Business, engine: Engine) -> None:
    class Machine(CalendarMachine):
        pass

    Machine.engine, Machine.business = engine, magnolia
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
