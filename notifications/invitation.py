"""Invitations: an appointment as an iCalendar object (RFC 5545), mailed to the customer's calendar (RFC 5546).

Times are in UTC, so that no reader's program has to know our time zone's rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from typing import Any, Literal, Self
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, vCalAddress

_PRODUCT = "-//Frontdesk//Appointments//EN"


@dataclass(frozen=True)
class Invitation:
    """What changes from one mail about an appointment to the next. `uid` stays for its life, `sequence` rises."""

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    start: datetime
    end: datetime

    def as_json(self) -> dict[str, Any]:
        times = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {"method": self.method, "uid": self.uid, "sequence": self.sequence} | times

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        times = {name: datetime.fromisoformat(kept[name]) for name in ("start", "end")}
        return cls(**{**kept, **times})


def invitation_uid(domain: str, appointment_id: int, made_at: datetime) -> str:
    """The same for every mail about the appointment; `made_at` tells it from one of a database that is gone."""
    made = made_at.astimezone(UTC).isoformat()
    return f"{uuid5(NAMESPACE_URL, f'https://{domain}/appointments/{appointment_id}/{made}')}@{domain}"


def as_calendar(
    invitation: Invitation,
    *,
    organizer: Address,
    attendee: Address,
    summary: str,
    location: str,
    description: str,
    url: str = "",
    at: datetime,
) -> bytes:
    """The iCalendar object, lines of 75 octets at most with CRLF; `at` is the time of this very sending.

    `url` is where it is seen and changed. The customer made the appointment, so takes part without being asked.
    """
    is_cancelled = invitation.method == "CANCEL"
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", invitation.start.astimezone(UTC))
    event.add("dtend", invitation.end.astimezone(UTC))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("summary", summary)
    event.add("location", location)
    event.add("description", description)
    if url:
        event.add("url", url)
    event.add("organizer", _person(organizer))
    event.add("attendee", _person(attendee, role="REQ-PARTICIPANT", partstat="ACCEPTED", rsvp=False))
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _person(address: Address, **parameters: Any) -> vCalAddress:
    """A parameter must not hold a double quote (RFC 5545, 3.2)."""
    name = address.display_name.replace('"', "'")
    return vCalAddress.new(address.addr_spec, cn=name or None, **parameters)
