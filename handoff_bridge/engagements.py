"""What a customer has in the calendar, as an agent reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Engagement:
    """An appointment, held or booked; service and resource by name, times aware."""

    id: int
    code: str | None
    service: str
    resource: str
    starts_at: datetime
    ends_at: datetime
    is_booked: bool


@dataclass(frozen=True)
class Person:
    """Whose appointments are wanted: those of the conversation, and those under the address or the number."""

    conversation_id: str
    email: str | None = None
    phone: str | None = None


class Diary(Protocol):
    """Whoever knows the appointments of customers."""

    def of(self, conversation_id: str) -> Sequence[Engagement]:
        """What the conversation holds, then what it has booked and is still to come."""
        ...

    def of_person(self, person: Person) -> Sequence[Engagement]:
        """What is held, booked, and past, the latest first."""
        ...

    def has_changed(self, person: Person, since: datetime) -> bool:
        """Whether an appointment was booked, moved or cancelled since then."""
        ...


def as_json(one: Engagement) -> dict[str, Any]:
    """The `appointment` of docs/interfaces.md."""
    return {
        "id": one.id,
        "code": one.code,
        "service": one.service,
        "resource": one.resource,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "state": "booked" if one.is_booked else "held",
    }
