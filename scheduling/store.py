"""What the calendar asks of its store. `scheduling.storage.PostgresStore` is the one there is."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from scheduling.agenda import Use
from scheduling.model import Appointment, Customer, Who
from scheduling.waiting import WaitingList

What = Literal["held", "released", "booked", "moved", "cancelled", "promised", "done", "no_show"]


class OccupiedError(Exception):
    """The resource is taken at that time. Try another one, or another time."""


@dataclass(frozen=True)
class Change:
    """One change of an appointment, as it is kept: what happened, through which conversation, under which key, when.

    `before` is None for an appointment that is new; `buffers` are the minutes kept free before and behind the visit,
    `besides` the resources that it needs as well, `places` how many share it.
    """

    what: What
    before: Appointment | None
    after: Appointment
    conversation_id: str
    request_key: str | None
    at: datetime
    buffers: tuple[int, int] = (0, 0)
    besides: tuple[str, ...] = ()
    places: int = 1
    who: Who = Who.CUSTOMER


class Transaction(Protocol):
    """One transaction. Locks are taken in this order: waitlist, conversation, appointment, customer, service,
    resources."""

    @property
    def waitlist(self) -> WaitingList:
        """Those who wait, in this transaction."""

    def wait_for(self, conversation_id: str) -> None:
        """Waits until no other transaction works for this conversation, and keeps others waiting until the end."""

    def recall(self, request_key: str) -> Appointment | None:
        """What a change under this key resulted in; None if there was none."""

    def unbooked(self, conversation_id: str) -> Appointment | None:
        """The conversation's hold, running or expired (there is at most one), locked."""

    def appointment(self, appointment_id: int) -> Appointment | None:
        """The appointment, locked."""

    def by_code(self, code: str) -> Appointment | None:
        """The appointment with this stored code."""

    def upcoming(self, conversation_id: str, now: datetime) -> tuple[Appointment, ...]:
        """The conversation's confirmed appointments that start after `now`, the next first."""

    def of_customer(self, conversation_id: str, customer: Customer, limit: int) -> tuple[Appointment, ...]:
        """What the conversation or somebody with this e-mail address or phone number holds, has booked and had booked,
        the latest first."""

    def has_changed(self, conversation_id: str, customer: Customer, since: datetime) -> bool:
        """Whether one of their appointments was booked, moved or cancelled after `since`."""

    def moves(self, appointment_id: int) -> int:
        """How often a customer has moved the appointment."""

    def wait_for_customer(self, customer: Customer) -> None:
        """Waits until no other transaction books or moves for this e-mail address or phone number."""

    def at_the_same_time(self, customer: Customer, start: datetime, end: datetime, *, ignoring: int) -> bool:
        """Whether somebody with this e-mail address or phone number has another confirmed visit that overlaps these
        times."""

    def wait_for_service(self, service: str) -> None:
        """Waits until no other transaction counts and adds appointments of a service that has limits."""

    def booked(
        self, service: str, start: datetime, end: datetime, *, now: datetime, ignoring: int | None
    ) -> Sequence[datetime]:
        """The starts of the appointments of a service that begin between two times, counted as `uses` does."""

    def uses(
        self,
        resources: Sequence[str],
        start: datetime,
        end: datetime,
        *,
        now: datetime,
        ignoring: int | None,
        group: tuple[str, int, int] | None = None,
    ) -> Mapping[str, Use]:
        """What takes up these resources between two times. Holds that have expired by `now` and the appointment
        `ignoring` do not count. `group` is a service with its places and minutes, if it has several
        places."""

    def put(self, change: Change) -> Appointment:
        """Stores the appointment as it is after the change, and the change.

        Raises `OccupiedError`, and leaves nothing behind, when its resource is taken; expired holds give way.
        """

    def wrong_codes(self, conversation_id: str, since: datetime) -> int:
        """How many wrong codes the conversation has named since then."""

    def note_code(self, conversation_id: str, appointment_id: int | None, at: datetime) -> None:
        """Keeps that the conversation named the code of this appointment, or a wrong one (None)."""

    def has_named_code(self, conversation_id: str, appointment_id: int) -> bool:
        """Whether the conversation has named the code of this appointment."""


class Store(Protocol):
    """Opens transactions (READ COMMITTED), committed at the end and rolled back when an exception leaves them."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...
