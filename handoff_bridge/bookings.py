"""What agents do in the calendar for the customer of a conversation: book, move, cancel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from handoff_bridge.errors import NotFoundError
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store
from scheduling.model import Appointment, Customer, Who
from scheduling.service import Calendar
from scheduling.wishes import Wish

_SHOWN = 48  # openings
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bookings:
    """The use cases of the inbox. The same `request_id` of a conversation again has no second effect.

    Each raises `NotFoundError`, and what the calendar raises.
    """

    store: Store
    calendar: Calendar

    def openings(self, service: str, day: date) -> Sequence[datetime]:
        """When the service can be had on a day, or the nearest times when it cannot be had then."""
        return [one.start for one in self.calendar.offer(service, Wish(start_date=day), limit=_SHOWN).openings]

    def book(
        self, agent: Agent, conversation_id: str, service: str, start: datetime, *, request_id: str
    ) -> Appointment:
        """Books for the customer as the conversation knows them, in place of what it held."""
        customer, key = self._customer(conversation_id), _key(conversation_id, request_id)
        self.calendar.hold(service, start, conversation_id=conversation_id, request_key=f"{key}:hold")
        booked = self.calendar.book(conversation_id, customer, request_key=f"{key}:book", by=Who.AGENT)
        return self._done("booked", agent, booked)

    def move(
        self, agent: Agent, conversation_id: str, appointment_id: int, start: datetime, *, request_id: str
    ) -> Appointment:
        key, by = _key(conversation_id, request_id), self._by(conversation_id, appointment_id)
        moved = self.calendar.move(
            appointment_id, start, conversation_id=conversation_id, request_key=f"{key}:move", by=by
        )
        return self._done("moved", agent, moved)

    def cancel(self, agent: Agent, conversation_id: str, appointment_id: int, *, request_id: str) -> Appointment:
        key, by = f"{_key(conversation_id, request_id)}:cancel", self._by(conversation_id, appointment_id)
        cancelled = self.calendar.cancel(appointment_id, conversation_id=conversation_id, request_key=key, by=by)
        return self._done("cancelled", agent, cancelled)

    def _customer(self, conversation_id: str) -> Customer:
        with self.store.begin() as t:
            overview = t.queues.overview(conversation_id)
        if overview is None:
            raise NotFoundError
        contact = overview.contact
        return Customer(contact.name, contact.email, contact.phone)

    def _by(self, conversation_id: str, appointment_id: int) -> Who:
        """An agent may change what this customer has; anything else, such as what is cancelled already, is left to what
        the calendar grants the conversation itself."""
        theirs = self.calendar.of_customer(conversation_id, self._customer(conversation_id))
        return Who.AGENT if any(appointment.id == appointment_id for appointment in theirs) else Who.CUSTOMER

    def _done(self, what: str, agent: Agent, appointment: Appointment) -> Appointment:
        log.info(
            "An agent changed the calendar for a customer.",
            action=f"agent_{what}",
            conversation_id=appointment.conversation_id,
            agent_id=agent.id,
            appointment_id=appointment.id,
        )
        return appointment


def _key(conversation_id: str, request_id: str) -> str:
    return f"inbox:{conversation_id}:{request_id}"
