"""From the calendar's changes to mail in a mailbox, on a real PostgreSQL."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from business.model import Business
from handoff_bridge.appointment_news import AppointmentChange, AppointmentNewsJob
from handoff_bridge.storage_appointment_news import PostgresChanges
from handoff_bridge.storage_tables import contacts, conversations
from notifications.email import EmailSender
from notifications.service import Outbox
from notifications.storage import PostgresOutbox
from notifications.storage_mailbox import KeptMail, PostgresMailbox
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.storage_tables import changes

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ZOE = Customer("Zoë Ångström", "zoe@customer.example", "+15125550199")


class Desk:
    """The calendar, the news and the outbox of one business, with the mailbox at the end."""

    def __init__(self, engine: Engine, business: Business) -> None:
        self.engine, self.business = engine, business
        self.calendar = Calendar(business, PostgresStore(engine), lambda: NOW)
        self.mailbox = PostgresMailbox(engine)
        self.outbox = Outbox(business, PostgresOutbox(engine), EmailSender(business, self.mailbox))
        self.job = AppointmentNewsJob(business, PostgresChanges(engine), self.outbox)

    def book(self, conversation_id: str = "c1", customer: Customer = ZOE) -> Appointment:
        service = next(iter(self.business.services))
        opening = self.calendar.offer(service).openings[0]
        self.calendar.hold(service, opening.start, conversation_id=conversation_id, request_key=f"{conversation_id}:h")
        return self.calendar.book(conversation_id, customer, request_key=f"{conversation_id}:b")

    def mails(self) -> Sequence[KeptMail]:
        """What arrived so far, earliest first."""
        self.outbox.send_due(NOW)
        return list(reversed(self.mailbox.latest()))


@pytest.fixture
def desk(engine: Engine, magnolia: Business) -> Desk:
    return Desk(engine, magnolia)


def test_a_customer_hears_of_the_booking_the_move_and_the_cancellation_in_that_order(desk: Desk) -> None:
    booked = desk.book()
    later = desk.calendar.offer(booked.service, after=booked.start).openings[-1]
    moved = desk.calendar.move(booked.id, later.start, conversation_id="c1", request_key="c1:m")
    desk.calendar.cancel(booked.id, conversation_id="c1", request_key="c1:c")
    assert desk.job.run_once(NOW) == 3
    first, second, third = desk.mails()
    assert [mail.subject.split(":")[0] for mail in (first, second, third)] == ["Booked", "Moved", "Cancelled"]
    assert {mail.recipient for mail in (first, second, third)} == {"zoe@customer.example"}
    assert f"{booked.start:%A, %B} {booked.start.day}, 2026" in first.body
    assert f"{moved.start:%A, %B} {moved.start.day}, 2026" in second.body
    assert first.subject.removeprefix("Booked: ") != second.subject.removeprefix("Moved: ")
    assert all(booked.code in mail.body for mail in (first, second, third) if booked.code)
    assert "test drive" in first.subject
    assert "Zoë Ångström" in first.body


def test_the_other_business_writes_in_its_own_name_and_time(engine: Engine, northlight: Business) -> None:
    desk = Desk(engine, northlight)
    booked = desk.book()
    desk.job.run_once(NOW)
    (mail,) = desk.mails()
    assert northlight.name in mail.body
    assert f"{booked.start:%H:%M} (Greenwich Mean Time)" in mail.body
    assert northlight.services[booked.service].name in mail.subject


def test_news_are_told_once(desk: Desk) -> None:
    desk.book()
    assert [desk.job.run_once(NOW) for _ in range(3)] == [1, 0, 0]
    desk.outbox.send_due(NOW)
    assert PostgresChanges(desk.engine).unannounced(NOW - timedelta(days=1), 10) == []
    assert len(desk.mails()) == 1


def test_a_customer_without_an_address_is_not_written_to(desk: Desk) -> None:
    desk.book(customer=Customer("Zoë", None, "+15125550199"))
    assert desk.job.run_once(NOW) == 0


def test_holding_and_letting_go_are_no_news(desk: Desk) -> None:
    opening = desk.calendar.offer("test_drive").openings[0]
    desk.calendar.hold("test_drive", opening.start, conversation_id="c1", request_key="c1:h")
    desk.calendar.release("c1")
    assert desk.job.run_once(NOW) == 0


def test_what_nobody_could_tell_for_a_week_is_no_news_any_more(desk: Desk) -> None:
    desk.book()
    assert desk.job.run_once(NOW + timedelta(days=8)) == 0
    assert desk.job.run_once(NOW + timedelta(days=6)) == 1


def test_two_bridges_at_once_tell_each_news_once(desk: Desk, magnolia: Business) -> None:
    for number in range(8):
        desk.book(f"c{number}", Customer("Ana", f"ana{number}@customer.example"))
    start = threading.Barrier(2)

    def run() -> int:
        job = Desk(desk.engine, magnolia).job
        start.wait(10)
        return job.run_once(NOW)

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(run) for _ in range(2)]
        assert sum(future.result() for future in done) == 8
    assert len({mail.recipient for mail in desk.mails()}) == len(desk.mails()) == 8


def test_a_change_whose_transaction_ends_late_is_not_passed_over(desk: Desk) -> None:
    booked = desk.book()
    times = {"start": booked.start.isoformat(), "end": booked.end.isoformat()}
    after = {"service": booked.service, "code": "CDFGHJKM", "sequence": 1} | times
    row = {"appointment_id": booked.id, "who": "customer", "conversation_id": "c1", "after": after, "at": NOW}
    with desk.engine.connect() as slow:
        slow.execute(insert(changes).values(row | {"what": "moved"}))
        with desk.engine.begin() as quick:
            quick.execute(insert(changes).values(row | {"what": "cancelled"}))
        assert desk.job.run_once(NOW) == 2
        slow.commit()
    assert desk.job.run_once(NOW) == 1


def test_who_speaks_a_language_that_the_business_does_not_is_written_to_in_its_first(desk: Desk) -> None:
    german = {"id": "c1", "channel": "website", "language": "de", "state": "with_assistant", "epoch": 0}
    with desk.engine.begin() as connection:
        who = {"channel": "website", "address": "visitor", "created_at": NOW}
        contact_id = connection.scalar(insert(contacts).values(who).returning(contacts.c.id))
        times = {"contact_id": contact_id, "created_at": NOW, "updated_at": NOW}
        connection.execute(insert(conversations).values(german | times))
    desk.book()
    (change,) = PostgresChanges(desk.engine).unannounced(NOW - timedelta(days=1), 10)
    assert change.language == "de"
    desk.job.run_once(NOW)
    (mail,) = desk.mails()
    assert "Central Standard Time" in mail.body


def test_a_service_that_has_left_the_business_is_called_by_its_key(desk: Desk) -> None:
    class Once:
        def unannounced(self, since: datetime, limit: int) -> Sequence[AppointmentChange]:
            assert since < NOW
            assert limit > 0
            gone = ("moved", "waxing", NOW, NOW + timedelta(hours=1), 1, "CDFGHJKM", None, "zoe@customer.example", None)
            return [AppointmentChange(1, 1, NOW, *gone)]

    assert AppointmentNewsJob(desk.business, Once(), desk.outbox).run_once(NOW) == 1
    (mail,) = desk.mails()
    assert mail.subject.startswith("Moved: waxing")
    assert "CDFG-HJKM" in mail.body
