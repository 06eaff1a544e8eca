"""What the calendar speaks of. Every datetime is aware; those handed out are in the business's time zone."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """Where an appointment stands. HELD, CONFIRMED and DONE take up their resource, the others leave it free.

    EXPIRED is a hold that ran out and may still be booked if nobody else came; CANCELLED is a hold let go or an
    appointment called off. DONE is a visit that took place, NO_SHOW one that nobody came to. These three are final.
    """

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DONE = "done"
    NO_SHOW = "no_show"


class Who(StrEnum):
    """Who makes a change. An agent may change every appointment and is not bound by the rules for customers."""

    CUSTOMER = "customer"
    AGENT = "agent"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Opening:
    """A bookable time, computed and never stored. `service` and `resource` are keys of business.yml, and `besides` the
    keys of further resources that the service needs."""

    service: str
    start: datetime
    end: datetime
    resource: str
    besides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Openings in order of time.

    `exact` says that they fit the wish; otherwise they are the nearest. `has_more` says that more fit than are shown.
    """

    openings: tuple[Opening, ...]
    exact: bool
    has_more: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """Who comes. `email` is in lower case, `phone` in E.164."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """An opening that a conversation holds or has booked.

    `code` is shown as XXXX-XXXX and exists once the appointment is confirmed. `sequence` rises by one with each move
    and with the cancellation, as calendar mail wants it (RFC 5546). `promised_at` is when the customer said that they
    will come at this time.
    """

    id: int
    code: str | None
    service: str
    resource: str
    start: datetime
    end: datetime
    status: Status
    customer: Customer
    conversation_id: str
    sequence: int
    hold_expires_at: datetime | None
    promised_at: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether this is a hold that has not run out."""
        return self.status is Status.HELD and self.hold_expires_at is not None and now < self.hold_expires_at

    def taking(self, opening: Opening) -> Self:
        """The same appointment at another opening."""
        return replace(self, service=opening.service, resource=opening.resource, start=opening.start, end=opening.end)

    def confirmed(self, code: str, customer: Customer) -> Self:
        return replace(self, status=Status.CONFIRMED, code=code, customer=customer, hold_expires_at=None)

    def moved(self) -> Self:
        return replace(self, sequence=self.sequence + 1, promised_at=None)

    def cancelled(self) -> Self:
        return replace(self, status=Status.CANCELLED, sequence=self.sequence + 1, hold_expires_at=None)
