"""Appointments and changes as rows and back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select

from scheduling.model import Appointment, Customer, Status
from scheduling.storage_tables import appointments, occupancies, resources
from scheduling.store import Change


def selected() -> Select[Any]:
    """Appointments with the key of their resource."""
    visit = and_(
        occupancies.c.appointment_id == appointments.c.id, occupancies.c.kind == "visit", occupancies.c.part == 1
    )
    return (
        select(appointments, resources.c.key.label("resource"))
        .join(occupancies, visit)
        .join(resources, resources.c.id == occupancies.c.resource_id)
    )


def appointment(row: Row[Any]) -> Appointment:
    """The appointment in a row of `selected`."""
    return Appointment(
        id=row.id,
        code=row.code,
        service=row.service,
        resource=row.resource,
        start=row.starts_at,
        end=row.ends_at,
        status=Status(row.status),
        customer=Customer(row.customer_name, row.customer_email, row.customer_phone),
        conversation_id=row.conversation_id,
        sequence=row.sequence,
        hold_expires_at=row.hold_expires_at,
        promised_at=row.promised_at,
    )


def columns(appointment: Appointment) -> dict[str, Any]:
    """The columns that a change may touch."""
    return {
        "code": appointment.code,
        "service": appointment.service,
        "starts_at": appointment.start,
        "ends_at": appointment.end,
        "status": appointment.status.value,
        "customer_name": appointment.customer.name,
        "customer_email": appointment.customer.email,
        "customer_phone": appointment.customer.phone,
        "sequence": appointment.sequence,
        "hold_expires_at": appointment.hold_expires_at,
        "promised_at": appointment.promised_at,
    }


def as_it_was(row: Row[Any]) -> Appointment:
    """The appointment as the change in the row's `after` left it; who the customer is comes from the appointment."""
    kept, now = row.after, appointment(row)
    expires, promised = kept["hold_expires_at"], kept.get("promised_at")
    return replace(
        now,
        code=kept["code"],
        service=kept["service"],
        resource=kept["resource"],
        start=datetime.fromisoformat(kept["start"]),
        end=datetime.fromisoformat(kept["end"]),
        status=Status(kept["status"]),
        sequence=kept["sequence"],
        hold_expires_at=datetime.fromisoformat(expires) if expires else None,
        promised_at=datetime.fromisoformat(promised) if promised else None,
    )


def of_change(change: Change, appointment_id: int, account_id: int) -> dict[str, Any]:
    """The row that keeps a change."""
    return {
        "account_id": account_id,
        "appointment_id": appointment_id,
        "who": change.who.value,
        "what": change.what,
        "conversation_id": change.conversation_id,
        "before": _snapshot(change.before) if change.before else None,
        "after": _snapshot(change.after),
        "request_key": change.request_key,
        "at": change.at,
    }


def _snapshot(appointment: Appointment) -> dict[str, Any]:
    """What a change keeps of an appointment: nothing that says who the customer is."""
    return {
        "code": appointment.code,
        "service": appointment.service,
        "resource": appointment.resource,
        "start": appointment.start.isoformat(),
        "end": appointment.end.isoformat(),
        "status": appointment.status.value,
        "sequence": appointment.sequence,
        "hold_expires_at": appointment.hold_expires_at.isoformat() if appointment.hold_expires_at else None,
        "promised_at": appointment.promised_at.isoformat() if appointment.promised_at else None,
    }
