"""The calendar as the desk sees it: what a customer has booked, and what is held for them."""

from collections.abc import Sequence
from datetime import datetime

from business.model import Business
from handoff_bridge.engagements import Engagement, Person
from scheduling.model import Appointment, Customer, Status
from scheduling.service import Calendar


class CalendarDiary:
    """Reads the calendar of `scheduling`."""

    def __init__(self, calendar: Calendar, business: Business) -> None:
        self._calendar = calendar
        self._business = business

    def of(self, conversation_id: str) -> Sequence[Engagement]:
        held = self._calendar.held(conversation_id)
        coming = self._calendar.upcoming(conversation_id)
        return [self._engagement(one) for one in (*((held,) if held else ()), *coming)]

    def of_person(self, person: Person) -> Sequence[Engagement]:
        customer = Customer(email=person.email, phone=person.phone)
        return [self._engagement(one) for one in self._calendar.of_customer(person.conversation_id, customer)]

    def has_changed(self, person: Person, since: datetime) -> bool:
        customer = Customer(email=person.email, phone=person.phone)
        return self._calendar.has_changed(person.conversation_id, customer, since)

    def _engagement(self, appointment: Appointment) -> Engagement:
        service = self._business.services.get(appointment.service)
        resource = self._business.resources.get(appointment.resource)
        return Engagement(
            id=appointment.id,
            code=appointment.code,
            service=service.name if service else appointment.service,
            resource=resource.name if resource else appointment.resource,
            starts_at=appointment.start,
            ends_at=appointment.end,
            is_booked=appointment.status is not Status.HELD,
        )
