"""The calendar as the desk sees it: what a conversation has booked and what is held for it."""

from collections.abc import Sequence

from business.model import Business
from handoff_bridge.engagements import Engagement
from scheduling.model import Appointment, Status
from scheduling.service import Calendar


class CalendarDiary:
    """Reads the calendar of `scheduling`."""

    def __init__(self, calendar: Calendar, business: Business) -> None:
        self._calendar = calendar
        self._business = business

    def of(self, conversation_id: str) -> Sequence[Engagement]:
        """What is held first, then what is booked and still to come."""
        held = self._calendar.held(conversation_id)
        coming = self._calendar.upcoming(conversation_id)
        return [self._engagement(one) for one in (*((held,) if held else ()), *coming)]

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
            is_booked=appointment.status is Status.CONFIRMED,
        )
