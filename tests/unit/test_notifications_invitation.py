"""Invitations: what a customer's calendar reads in them."""

from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.invitation import Invitation, as_calendar, invitation_uid

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
SHOP = Address("Magnolia Motors", "hello", "magnolia-motors.example")
ZOE = Address("Zoë Ångström", "zoe", "customer.example")
REQUEST = Invitation("REQUEST", "1@magnolia-motors.example", 0, START, START + timedelta(hours=1))
# What can be written in a calendar: no control characters, which never get past `one_line` and the templates.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120)


def made(invitation: Invitation = REQUEST, **changes: Any) -> bytes:
    texts = {"summary": "oil change", "location": "1200 Magnolia Avenue", "description": "Hello"}
    people = {"organizer": SHOP, "attendee": ZOE}
    return as_calendar(invitation, **{**texts, **people, "at": NOW, **changes})


def event(content: bytes) -> Any:
    calendar = Calendar.from_ical(content)
    (found,) = calendar.events
    assert not calendar.errors
    assert not found.errors
    return found


def test_a_calendar_reads_when_where_and_who() -> None:
    found = event(made())
    assert (found.start, found.end) == (START, START + timedelta(hours=1))
    assert (found["uid"], found["sequence"], found["status"]) == ("1@magnolia-motors.example", 0, "CONFIRMED")
    assert found["dtstamp"].dt == NOW
    assert found["organizer"] == "mailto:hello@magnolia-motors.example"
    assert (found["attendee"], found["attendee"].params["cn"]) == ("mailto:zoe@customer.example", "Zoë Ångström")


def test_a_cancellation_says_so_in_the_method_and_the_status() -> None:
    content = made(Invitation("CANCEL", "1@a.example", 2, START, START + timedelta(hours=1)))
    assert Calendar.from_ical(content)["method"] == "CANCEL"
    assert (event(content)["status"], event(content)["sequence"]) == ("CANCELLED", 2)


@given(LINES, st.lists(LINES, max_size=4), LINES)
def test_whatever_is_written_comes_back_as_it_was(summary: str, lines: list[str], location: str) -> None:
    description = "\n".join(lines)
    found = event(made(summary=summary, description=description, location=location))
    assert (found["summary"], found["description"], found["location"]) == (summary, description, location)


@pytest.mark.parametrize("words", ["Öl & Reifen, sofort; 🚗🎉 \\n", "a\\,b\\;c", "two\nlines, and; more\\", "車" * 100])
def test_commas_umlauts_emoji_and_line_breaks_come_back(words: str) -> None:
    assert event(made(summary=words))["summary"] == words


@given(LINES, LINES)
def test_every_line_has_75_octets_at_most_and_ends_in_crlf(words: str, name: str) -> None:
    content = made(description=words * 3, attendee=Address(name, "zoe", "customer.example"))
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")


@given(LINES)
def test_a_name_cannot_become_a_property(name: str) -> None:
    attendee = Address(f'{name}":mailto:thief@evil.example;X="', "zoe", "customer.example")
    found = event(made(attendee=attendee))
    assert found["attendee"] == "mailto:zoe@customer.example"
    assert set(found["attendee"].params) == {"CN", "PARTSTAT", "ROLE", "RSVP"}


def test_an_invitation_is_kept_and_read_back() -> None:
    assert Invitation.from_json(REQUEST.as_json()) == REQUEST


def test_the_uid_is_that_of_one_appointment_in_one_database() -> None:
    uid = invitation_uid("a.example", 1, NOW)
    assert uid == invitation_uid("a.example", 1, NOW.astimezone())
    assert uid.endswith("@a.example")
    others = {invitation_uid("a.example", 2, NOW), invitation_uid("a.example", 1, NOW + timedelta(seconds=1))}
    assert len(others | {uid}) == 3
