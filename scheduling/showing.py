"""Appointments as they are handed out."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from scheduling.codes import shown_code
from scheduling.model import Appointment


def shown(appointment: Appointment, zone: ZoneInfo) -> Appointment:
    """The same with its code as XXXX-XXXX and its times in `zone`."""
    expires, promised = appointment.hold_expires_at, appointment.promised_at
    return replace(
        appointment,
        code=shown_code(appointment.code) if appointment.code else None,
        start=appointment.start.astimezone(zone),
        end=appointment.end.astimezone(zone),
        hold_expires_at=expires.astimezone(zone) if expires else None,
        promised_at=promised.astimezone(zone) if promised else None,
    )
