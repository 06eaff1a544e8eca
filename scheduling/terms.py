"""The business's terms for customers: how late and how often they may change, and one visit at a time."""

from datetime import datetime, timedelta

from business.model import Booking
from scheduling.errors import AlreadyBookedError, MovedTooOftenError, NoticeTooShortError
from scheduling.model import Appointment, Customer, Who
from scheduling.store import Transaction


def is_too_late(start: datetime, now: datetime, notice: int) -> bool:
    """Whether less than `notice` hours are left until `start`. What has begun is not too late by this rule, and a
    notice of 0 is none."""
    return timedelta() < start - now < timedelta(hours=notice)


class Terms:
    """The terms for a change that `by` makes at `now`; they bind customers only."""

    def __init__(self, booking: Booking, transaction: Transaction, by: Who, now: datetime) -> None:
        self._booking, self._transaction, self._now = booking, transaction, now
        self._binding = by is Who.CUSTOMER

    def allow_move(self, before: Appointment) -> None:
        """Raises `NoticeTooShortError` or `MovedTooOftenError`."""
        self._allow_at(before.start, self._booking.move_notice)
        most = self._booking.moves
        if self._binding and most is not None and self._transaction.moves(before.id) >= most:
            raise MovedTooOftenError(most)

    def allow_cancel(self, before: Appointment) -> None:
        """Raises `NoticeTooShortError`."""
        self._allow_at(before.start, self._booking.cancel_notice)

    def allow_visit(self, appointment_id: int, customer: Customer, start: datetime, end: datetime) -> None:
        """Raises `AlreadyBookedError` if the customer has another visit then, and keeps them from booking one until the
        transaction ends."""
        if not (self._binding and self._booking.one_at_a_time):
            return
        self._transaction.wait_for_customer(customer)
        if self._transaction.at_the_same_time(customer, start, end, ignoring=appointment_id):
            raise AlreadyBookedError

    def _allow_at(self, start: datetime, notice: int) -> None:
        if self._binding and is_too_late(start, self._now, notice):
            raise NoticeTooShortError(notice)
