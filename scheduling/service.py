"""The calendar's use cases, one transaction each.

A `request_key` names one request of one conversation: the same key again gives the result of the first time and has no
second effect, also after a crash. Codes are handed out as XXXX-XXXX, times in the business's time zone.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from business.clock import Clock
from business.model import Business
from scheduling.access import open_to, unused_code, with_code
from scheduling.codes import read_code
from scheduling.errors import (
    AppointmentNotFoundError,
    AppointmentOverError,
    NothingHeldError,
    OpeningTakenError,
    UnknownServiceError,
)
from scheduling.hours import Hours
from scheduling.model import Appointment, Customer, Offer, Status, Who
from scheduling.placing import place
from scheduling.search import Search
from scheduling.showing import shown
from scheduling.store import Change, Store, Transaction, What
from scheduling.terms import Terms
from scheduling.wishes import Wish

_HAPPENED: dict[What, str] = {
    "held": "An opening is held.",
    "released": "A hold is let go.",
    "booked": "An appointment is booked.",
    "moved": "An appointment is moved.",
    "cancelled": "An appointment is cancelled.",
}
_log = structlog.get_logger()


class Calendar:
    """Offers openings, holds and books them, and finds, moves and cancels appointments."""

    def __init__(self, business: Business, store: Store, clock: Clock) -> None:
        self._business, self._store, self._clock = business, store, clock
        self._hours = Hours(business)

    def offer(
        self,
        service: str,
        wish: Wish | None = None,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        limit: int | None = None,
        ignoring: int | None = None,
    ) -> Offer:
        """Openings that fit the wish, or the nearest if none does; they are not kept for anybody.

        `after` and `before` (both excluded) page on; `limit` is `booking.offer` unless given; the appointment
        `ignoring` takes up nothing, as it is about to move. Raises `UnknownServiceError`.
        """
        wish, limit = wish or Wish(), limit or self._business.booking.offer
        with self._store.transaction() as transaction:
            search = self._search(transaction, service, self._clock(), ignoring)
            choice = search.fitting(wish, limit, after, before)
            exact = bool(choice.starts)
            if not exact:
                choice = search.nearest(wish, limit, after, before)
            return Offer(tuple(map(search.opening, choice.starts)), exact, choice.has_more)

    def hold(self, service: str, start: datetime, *, conversation_id: str, request_key: str) -> Appointment:
        """Keeps the opening at `start` for `booking.hold_minutes`, in place of what the conversation held before.

        Raises `OpeningTakenError` (the earlier hold stays), `NotBookableError` and `UnknownServiceError`.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            if (done := transaction.recall(request_key)) is not None:
                return self._shown(done)
            before = transaction.unbooked(conversation_id)
            search = self._search(transaction, service, now, before.id if before else None)
            expires = now + timedelta(minutes=self._business.booking.hold_minutes)
            after = replace(
                before or _new(service, start, conversation_id), status=Status.HELD, hold_expires_at=expires
            )
            change = Change("held", before, after, conversation_id, request_key, now)
            held = place(transaction, search, start, change)
        return self._told(held, change, service, start)

    def held(self, conversation_id: str) -> Appointment | None:
        """What the conversation holds, unless it has expired."""
        with self._store.transaction() as transaction:
            hold = transaction.unbooked(conversation_id)
        return self._shown(hold) if hold and hold.is_held(self._clock()) else None

    def release(self, conversation_id: str) -> None:
        """Lets go what the conversation holds, if anything."""
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            hold = transaction.unbooked(conversation_id)
            if hold is None:
                return
            after = replace(hold, status=Status.CANCELLED, hold_expires_at=None)
            change = Change("released", hold, after, conversation_id, None, now)
            transaction.put(change)
        self._told(hold, change, hold.service, hold.start)

    def book(
        self, conversation_id: str, customer: Customer, *, request_key: str, by: Who = Who.CUSTOMER
    ) -> Appointment:
        """Makes the hold of the conversation an appointment with a code; one that has expired is first taken again.

        Raises `NothingHeldError`, `OpeningTakenError` or `NotBookableError` when it cannot be had again, and
        `AlreadyBookedError` by the terms of the business.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            if (done := transaction.recall(request_key)) is not None:
                return self._shown(done)
            hold = transaction.unbooked(conversation_id)
            if hold is None:
                raise NothingHeldError
            self._terms(transaction, by, now).allow_visit(hold.id, customer, hold.start, hold.end)
            after = hold.confirmed(unused_code(transaction), customer)
            change = Change("booked", hold, after, conversation_id, request_key, now, who=by)
            if hold.is_held(now):
                booked: Appointment | None = transaction.put(change)
            else:
                search = self._search(transaction, hold.service, now, hold.id)
                booked = place(transaction, search, hold.start, change)
        return self._told(booked, change, hold.service, hold.start)

    def find(self, code: str, *, conversation_id: str) -> Appointment:
        """The appointment with this confirmation code, whatever its status; the conversation may change it from now on.

        Case, spaces and dashes do not matter. Raises `AppointmentNotFoundError`, and `TooManyTriesError` after
        `booking.code_tries` wrong codes of the conversation in an hour. What cannot be a code is no try.
        """
        wanted = read_code(code)
        if wanted is None:
            raise AppointmentNotFoundError
        with self._store.transaction() as transaction:
            tries = self._business.booking.code_tries
            found = with_code(transaction, wanted, conversation_id, now=self._clock(), tries=tries)
        if found is None:
            _log.info("A confirmation code is wrong.", action="find", conversation_id=conversation_id)
            raise AppointmentNotFoundError
        return self._shown(found)

    def upcoming(self, conversation_id: str) -> tuple[Appointment, ...]:
        """The confirmed appointments of the conversation that have not begun, the next first."""
        with self._store.transaction() as transaction:
            return tuple(map(self._shown, transaction.upcoming(conversation_id, self._clock())))

    def of_customer(self, conversation_id: str, customer: Customer, limit: int = 20) -> tuple[Appointment, ...]:
        """What the conversation, or anybody with this e-mail address or phone number, holds, has booked and had booked
        before, the latest first. For the eyes of the business only: nobody has proved the address to be theirs."""
        with self._store.transaction() as transaction:
            found, now = transaction.of_customer(conversation_id, customer, limit), self._clock()
        return tuple(self._shown(one) for one in found if one.status is not Status.HELD or one.is_held(now))

    def has_changed(self, conversation_id: str, customer: Customer, since: datetime) -> bool:
        """Whether one of their appointments was booked, moved or cancelled since then."""
        with self._store.transaction() as transaction:
            return transaction.has_changed(conversation_id, customer, since)

    def move(
        self,
        appointment_id: int,
        start: datetime,
        *,
        conversation_id: str,
        request_key: str,
        by: Who = Who.CUSTOMER,
    ) -> Appointment:
        """Moves an appointment, under the same code and if possible with the same resource, or leaves it as it is.

        Raises `AppointmentNotFoundError` unless the conversation booked it or named its code, `AppointmentOverError`,
        `OpeningTakenError`, `NotBookableError` and `UnknownServiceError`; by the terms of the business
        `NoticeTooShortError`, `MovedTooOftenError` and `AlreadyBookedError`.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            if (done := transaction.recall(request_key)) is not None:
                return self._shown(done)
            before = open_to(transaction, appointment_id, conversation_id, by)
            if before.status is not Status.CONFIRMED or before.start <= now:
                raise AppointmentOverError
            if before.start == start:
                return self._shown(before)
            terms = self._terms(transaction, by, now)
            terms.allow_move(before)
            search = self._search(transaction, before.service, now, before.id)
            length = timedelta(minutes=search.rules.length)
            terms.allow_visit(before.id, before.customer, start, start + length)
            self._make_way(transaction, before.service, start, conversation_id, now)
            change = Change("moved", before, before.moved(), conversation_id, request_key, now, who=by)
            moved = place(transaction, search, start, change)
        return self._told(moved, change, before.service, start)

    def cancel(
        self, appointment_id: int, *, conversation_id: str, request_key: str, by: Who = Who.CUSTOMER
    ) -> Appointment:
        """Cancels an appointment; one that is cancelled already stays as it is.

        Raises `AppointmentNotFoundError` unless the conversation booked it or named its code, `AppointmentOverError`
        once it has begun, and `NoticeTooShortError` by the terms of the business.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            before = transaction.recall(request_key) or open_to(transaction, appointment_id, conversation_id, by)
            if before.status is Status.CANCELLED:
                return self._shown(before)
            if before.start <= now:
                raise AppointmentOverError
            self._terms(transaction, by, now).allow_cancel(before)
            change = Change("cancelled", before, before.cancelled(), conversation_id, request_key, now, who=by)
            cancelled = transaction.put(change)
        return self._told(cancelled, change, before.service, before.start)

    def _make_way(
        self, transaction: Transaction, service: str, start: datetime, conversation_id: str, now: datetime
    ) -> None:
        """Lets go what the conversation holds if it is the very opening that an appointment is moved to."""
        hold = transaction.unbooked(conversation_id)
        if hold is not None and hold.is_held(now) and (hold.service, hold.start) == (service, start):
            after = replace(hold, status=Status.CANCELLED, hold_expires_at=None)
            transaction.put(Change("released", hold, after, conversation_id, None, now))

    def _terms(self, transaction: Transaction, by: Who, now: datetime) -> Terms:
        return Terms(self._business.booking, transaction, by, now)

    def _search(self, transaction: Transaction, service: str, now: datetime, ignoring: int | None) -> Search:
        if service not in self._business.services:
            raise UnknownServiceError
        local = now.astimezone(self._business.zone)
        return Search(self._business, self._hours, transaction, service, now=local, ignoring=ignoring)

    def _told(self, result: Appointment | None, change: Change, service: str, start: datetime) -> Appointment:
        """What a change came to, told after the commit; without a place the nearest openings, in the same answer."""
        about = {"action": change.what, "conversation_id": change.conversation_id, "service": service}
        if result is None:
            _log.info("An opening is taken.", **about)
            local = start.astimezone(self._business.zone)
            wish = Wish(start_date=local.date(), start_time=local.time())
            raise OpeningTakenError(self.offer(service, wish, ignoring=change.before.id if change.before else None))
        _log.info(_HAPPENED[change.what], appointment_id=result.id, **about)
        return self._shown(result)

    def _shown(self, appointment: Appointment) -> Appointment:
        return shown(appointment, self._business.zone)


def _new(service: str, start: datetime, conversation_id: str) -> Appointment:
    """An appointment without a place, before it is stored."""
    return Appointment(0, None, service, "", start, start, Status.HELD, Customer(), conversation_id, 0, None)
