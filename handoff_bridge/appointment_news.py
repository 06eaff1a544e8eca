"""Tells customers by mail what has happened to their appointments: the calendar's changes become notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from business.model import Business
from notifications.invitation import invitation_uid
from notifications.model import AppointmentNews
from notifications.service import Outbox
from scheduling.codes import shown_code

_MEMORY = timedelta(days=7)  # what the bridge could not announce for longer is no news any more
_AT_ONCE = 100


@dataclass(frozen=True)
class AppointmentChange:
    """A change of an appointment whose customer gave an address; `service` and `code` are as the calendar keeps them.

    `made_at` is when the appointment was made, `sequence` how often it has been changed since.
    `language` is that of the conversation that made it, None if there is no such conversation.
    """

    id: int
    appointment_id: int
    made_at: datetime
    what: Literal["booked", "moved", "cancelled"]
    service: str
    start: datetime
    end: datetime
    sequence: int
    code: str
    customer_name: str | None
    email: str
    language: str | None


class Changes(Protocol):
    def unannounced(self, since: datetime, limit: int) -> Sequence[AppointmentChange]:
        """The changes after `since` that no notification stands for, the earliest first."""
        ...


class AppointmentNewsJob:
    """Looks for changes without a notification instead of keeping a place in the list: ids are taken before the
    commit, so a place already passed may fill later. Several bridges may run it side by side."""

    def __init__(self, business: Business, changes: Changes, outbox: Outbox) -> None:
        self._business = business
        self._changes = changes
        self._outbox = outbox

    def run_once(self, now: datetime) -> int:
        """Announces what is new, a hundred at most; how many were this bridge's."""
        found = self._changes.unannounced(now - _MEMORY, _AT_ONCE)
        return sum(self._outbox.announce(self._news(change), now) for change in found)

    def _news(self, change: AppointmentChange) -> AppointmentNews:
        service = self._business.services.get(change.service)
        return AppointmentNews(
            key=news_key(change.id),
            kind=change.what,
            appointment_id=change.appointment_id,
            made_at=change.made_at,
            customer_name=change.customer_name,
            email=change.email,
            language=change.language or self._business.languages[0],
            service_name=service.name if service else change.service,
            start=change.start,
            end=change.end,
            uid=invitation_uid(self._business.domain, change.appointment_id, change.made_at),
            sequence=change.sequence,
            code=shown_code(change.code),
        )


def news_key(change_id: int | str) -> str:
    """The key of the notification that stands for a change."""
    return f"appointment-change-{change_id}"
