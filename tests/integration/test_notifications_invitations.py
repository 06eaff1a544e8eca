"""From the calendar through a real mail server to what the customer's calendar reads in the mail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar as ICalendar
from sqlalchemy import Engine

from business.model import Business
from handoff_bridge.appointment_news import AppointmentNewsJob
from handoff_bridge.storage_appointment_news import PostgresChanges
from notifications.email import EmailSender
from notifications.links import Links
from notifications.service import Outbox
from notifications.smtp import SmtpTransport, read_server
from notifications.storage import PostgresOutbox
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.integration.post_office import PostOffice, opened

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


class Shop:
    """A business with its calendar and its post."""

    def __init__(self, engine: Engine, business: Business, office: PostOffice) -> None:
        self.office = office
        self.calendar = Calendar(business, PostgresStore(engine), lambda: NOW)
        transport = SmtpTransport(read_server(f"smtp://127.0.0.1:{office.port}"), timeout=10)
        sender = EmailSender(business, transport, links=Links("https://desk.example", "a secret of thirty-two letters"))
        self._outbox = Outbox(business, PostgresOutbox(engine), sender, jitter=lambda: 0.0)
        self._news = AppointmentNewsJob(business, PostgresChanges(engine), self._outbox)

    def book(self, customer: Customer) -> Appointment:
        opening = self.calendar.offer("oil_change").openings[0]
        self.calendar.hold("oil_change", opening.start, conversation_id="c1", request_key="c1:h")
        return self.calendar.book("c1", customer, request_key="c1:b")

    def move(self, booked: Appointment) -> Appointment:
        later = self.calendar.offer("oil_change", after=booked.start).openings[-1]
        return self.calendar.move(booked.id, later.start, conversation_id="c1", request_key="c1:m")

    def cancel(self, booked: Appointment) -> None:
        self.calendar.cancel(booked.id, conversation_id="c1", request_key="c1:c")

    def post(self, now: datetime = NOW) -> None:
        self._news.run_once(now)
        self._outbox.send_due(now)


@pytest.fixture
def shop(engine: Engine, magnolia: Business) -> Iterator[Shop]:
    with opened(PostOffice(), enable_SMTPUTF8=True) as office:
        yield Shop(engine, magnolia, office)


def invited(mail: EmailMessage) -> tuple[EmailMessage, Any, Any]:
    """The calendar's part of a mail, the calendar in it, and its only event."""
    assert not mail.defects
    assert mail.get_content_type() == "multipart/alternative"
    text, part = mail.iter_parts()
    assert [text.get_content_type(), part.get_content_type()] == ["text/plain", "text/calendar"]
    calendar = ICalendar.from_ical(part.get_content())
    (event,) = calendar.events
    assert not event.errors
    return part, calendar, event


def test_booking_moving_and_cancelling_is_one_event_with_a_rising_sequence(shop: Shop) -> None:
    booked = shop.book(Customer("Zoë, Ångström; 🚗", "zoe@customer.example", "+15125550199"))
    moved = shop.move(booked)
    shop.cancel(booked)
    shop.post()
    parts, calendars, events = zip(*map(invited, shop.office.mails), strict=True)
    methods = ["REQUEST", "REQUEST", "CANCEL"]
    assert [part["Content-Type"].params["method"] for part in parts] == methods
    assert [part["Content-Type"].params["charset"].upper() for part in parts] == ["UTF-8"] * 3
    assert [calendar["method"] for calendar in calendars] == methods
    assert len({event["uid"] for event in events}) == 1
    assert events[0]["uid"].endswith("@magnolia-motors.example")
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [event.start for event in events] == [booked.start, moved.start, moved.start]
    assert [event.end for event in events] == [booked.end, moved.end, moved.end]
    assert [event["status"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {event["organizer"] for event in events} == {"mailto:hello@magnolia-motors.example"}
    assert {event["attendee"].params["cn"] for event in events} == {"Zoë, Ångström; 🚗"}
    for part, event in zip(parts, events, strict=True):
        content = part.get_payload(decode=True)
        assert max(map(len, content.split(b"\r\n"))) <= 75
        assert event["location"] == "1200 Magnolia Avenue, Austin, TX 78704"
        assert "Hello Zoë, Ångström; 🚗,\n\n" in event["description"]


def test_booking_and_move_carry_the_same_link_to_the_page_in_text_description_and_url(shop: Shop) -> None:
    booked = shop.book(Customer("Zoë", "zoe@customer.example", None))
    shop.move(booked)
    shop.post()
    first, second = shop.office.mails
    url = invited(first)[2]["url"]
    assert url.startswith(f"https://desk.example/appointment/{booked.id}.")
    assert invited(second)[2]["url"] == url
    for mail in (first, second):
        assert url in next(mail.iter_parts()).get_content().split()
        assert url in invited(mail)[2]["description"].split()


def test_each_attempt_has_its_own_stamp_and_the_same_event(shop: Shop) -> None:
    shop.office.after_content = "451 try later"
    shop.book(Customer("Zoë", "zoe@customer.example", None))
    shop.post()
    shop.office.after_content = "250 OK"
    shop.post(NOW + timedelta(minutes=1))
    (_, _, first), (_, _, second) = map(invited, shop.office.mails)
    assert (first["dtstamp"].dt, second["dtstamp"].dt) == (NOW, NOW + timedelta(minutes=1))
    assert (first["uid"], first["sequence"]) == (second["uid"], second["sequence"])


def test_an_address_beyond_ascii_is_invited(shop: Shop) -> None:
    shop.book(Customer('Zoë "Z" Ångström', "zoë@bücher.example", None))
    shop.post()
    (mail,) = shop.office.mails
    assert invited(mail)[2]["attendee"] == "mailto:zoë@xn--bcher-kva.example"


def test_two_appointments_are_two_events(shop: Shop) -> None:
    first = shop.book(Customer("Zoë", "zoe@customer.example", None))
    shop.cancel(first)
    opening = shop.calendar.offer("oil_change").openings[0]
    shop.calendar.hold("oil_change", opening.start, conversation_id="c1", request_key="c1:h2")
    shop.calendar.book("c1", Customer("Zoë", "zoe@customer.example", None), request_key="c1:b2")
    shop.post()
    uids = [invited(mail)[2]["uid"] for mail in shop.office.mails]
    assert uids[0] == uids[1] != uids[2]
