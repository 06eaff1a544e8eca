"""What is mailed because the time has come: reminders of appointments, and a question after a visit.

Rows are asked what is due, so that a bridge that was away sends what is still of use, and the last reminder alone.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from business.model import Business
from notifications.model import Notification, Outcome, Reminder, Result
from notifications.reminders import is_follow_up_due, reminder_due
from notifications.service import Outbox
from scheduling.codes import shown_code

_EVERY = timedelta(seconds=20)  # between looks
_DAY = timedelta(days=1)
_ASKED_WITHIN = timedelta(days=3)  # after a visit; then the question is not sent any more


@dataclass(frozen=True)
class Visit:
    """A confirmed appointment whose customer gave an address. `set_at` is when it was booked for, or moved to, its
    time; `sequence` rises with each move. `language` is None when nobody knows it."""

    appointment_id: int
    made_at: datetime
    sequence: int
    service: str
    start: datetime
    end: datetime
    set_at: datetime
    code: str
    customer_name: str | None
    email: str
    language: str | None


class Visits(Protocol):
    def beginning(self, after: datetime, before: datetime) -> Sequence[Visit]: ...

    def ended(self, after: datetime, before: datetime) -> Sequence[Visit]: ...

    def standing(self, appointment_id: int, sequence: int) -> Visit | None:
        """The appointment if it is still confirmed for the time it had at `sequence`."""
        ...

    def told(self, keys: Collection[str]) -> Collection[str]:
        """Those of the keys that a notification has."""
        ...


class OptOuts(Protocol):
    def has(self, address: str) -> bool: ...


class ReminderJob:
    """Several bridges may run it side by side: a reminder has one key, and a key is sent once."""

    def __init__(self, business: Business, visits: Visits, outbox: Outbox) -> None:
        self._business = business
        self._visits = visits
        self._outbox = outbox
        self._looked_at: datetime | None = None

    def run_once(self, now: datetime) -> int:
        """Enqueues what is due, at most every 20 seconds; how many were this bridge's."""
        if self._looked_at and abs(now - self._looked_at) < _EVERY:
            return 0
        due = {reminder.key: reminder for reminder in (*self._reminders(now), *self._follow_ups(now))}
        told = self._visits.told(due)
        sent = sum(self._outbox.remind(reminder, now) for key, reminder in due.items() if key not in told)
        self._looked_at = now
        return sent

    def _reminders(self, now: datetime) -> Iterator[Reminder]:
        rules, zone = self._business.reminders, self._business.zone
        ahead = timedelta(hours=max(rules.hours, default=0)) + _DAY  # quiet hours make one earlier, by less than a day
        for visit in self._visits.beginning(now, now + ahead) if rules.hours else ():
            hours = reminder_due(rules, zone, visit.start, visit.set_at, now)
            if hours is not None:
                yield self._reminder("reminder", f"-{hours}h", visit)

    def _follow_ups(self, now: datetime) -> Iterator[Reminder]:
        rules, zone = self._business.reminders, self._business.zone
        for visit in self._visits.ended(now - _ASKED_WITHIN, now) if rules.follow_up else ():
            if is_follow_up_due(rules, zone, visit.end, now):
                yield self._reminder("follow_up", "", visit)

    def _reminder(self, kind: Literal["reminder", "follow_up"], which: str, visit: Visit) -> Reminder:
        service = self._business.services.get(visit.service)
        return Reminder(
            key=f"{kind}-{visit.appointment_id}-{visit.sequence}{which}",
            kind=kind,
            appointment_id=visit.appointment_id,
            made_at=visit.made_at,
            sequence=visit.sequence,
            customer_name=visit.customer_name,
            email=visit.email,
            language=visit.language or self._business.languages[0],
            service_name=service.name if service else visit.service,
            start=visit.start,
            code=shown_code(visit.code),
        )


class ReminderGate:
    """The `Gate`: lets a reminder through while its appointment stands, its customer wants it and it is not quiet."""

    def __init__(self, business: Business, visits: Visits, opt_outs: OptOuts) -> None:
        self._business = business
        self._visits = visits
        self._opt_outs = opt_outs

    def hindrance(self, notification: Notification, now: datetime) -> Outcome | None:
        if self._opt_outs.has(notification.recipient):
            return Outcome(Result.UNWANTED, "The recipient wants no such mail.")
        of = notification.data
        visit = self._visits.standing(int(of["appointment"]), int(of["sequence"]))
        if visit is None:
            return Outcome(Result.UNWANTED, "The appointment was cancelled or moved.")
        last = visit.start if notification.template == "reminder" else visit.end + _ASKED_WITHIN
        again_at = self._business.reminders.quiet_until(now, self._business.zone)
        if (again_at or now) >= last:
            return Outcome(Result.UNWANTED, "It was too late for it.")
        return Outcome(Result.POSTPONED, "It was within the quiet hours.", again_at) if again_at else None
