"""What customers do with the link to their appointment: see it, move it, cancel it.

Changes go through the calendar, in the name of the conversation that booked it, so that mail about them goes out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from business.clock import Clock
from business.model import Business
from notifications.errors import LinkInvalidError
from notifications.links import Links
from scheduling.model import Offer, Status
from scheduling.service import Calendar

_AT_ONCE = 60  # openings on one page: three days of an hour's visits, or samples of them


@dataclass(frozen=True)
class Linked:
    """An appointment with a code, as the calendar keeps it. `language` is None when nobody knows it."""

    id: int
    made_at: datetime
    service: str
    start: datetime
    end: datetime
    status: Status
    code: str
    customer_name: str | None
    conversation_id: str
    language: str | None


class LinkedStore(Protocol):
    def appointment(self, appointment_id: int) -> Linked | None: ...


class AppointmentLinks:
    """The use cases. `form` names one form that was handed out: what it asks is done once."""

    def __init__(self, business: Business, links: Links, store: LinkedStore, calendar: Calendar, clock: Clock) -> None:
        self._business = business
        self._links = links
        self._store = store
        self._calendar = calendar
        self._clock = clock

    def opened(self, token: str) -> Linked:
        """Raises `LinkInvalidError` for what we never gave out, and `booking.link_days` after the visit."""
        number = self._links.claimed_appointment(token)
        linked = self._store.appointment(number) if number else None
        if linked is None or not self._links.opens_appointment(token, linked.id, linked.made_at):
            raise LinkInvalidError
        if self._clock() >= linked.end + timedelta(days=self._business.booking.link_days):
            raise LinkInvalidError
        return linked

    def path(self, linked: Linked) -> str:
        """The address of its page on our host."""
        return urlsplit(self._links.appointment_url(linked.id, linked.made_at)).path

    def is_open(self, linked: Linked) -> bool:
        """Whether it can still be changed."""
        return linked.status is Status.CONFIRMED and self._clock() < linked.start

    def offer(self, linked: Linked, after: datetime | None = None) -> Offer:
        """All openings of the next three days that have some, `after` a time if one is given."""
        if linked.service not in self._business.services:
            return Offer((), exact=False, has_more=False)
        return self._calendar.offer(linked.service, after=after, limit=_AT_ONCE, ignoring=linked.id)

    def move(self, linked: Linked, start: datetime, form: str) -> None:
        """Raises the errors of `Calendar.move`. The time is part of the request's name: another time, chosen on a page
        that a browser kept, is asked for anew."""
        key = f"link:{linked.id}:move:{form}:{int(start.timestamp())}"
        self._calendar.move(linked.id, start, conversation_id=linked.conversation_id, request_key=key)

    def cancel(self, linked: Linked, form: str) -> None:
        """Raises the errors of `Calendar.cancel`."""
        key = f"link:{linked.id}:cancel:{form}"
        self._calendar.cancel(linked.id, conversation_id=linked.conversation_id, request_key=key)
