"""Whether customers will come and whether they came: use cases of one transaction each, repeatable by `request_key`."""

from dataclasses import replace
from typing import Literal

import structlog

from business.clock import Clock
from business.model import Business
from scheduling.access import open_to
from scheduling.errors import AppointmentOverError, AppointmentSettledError, NotBegunError
from scheduling.model import Appointment, Status, Who
from scheduling.showing import shown
from scheduling.store import Change, Store

_log = structlog.get_logger()


class Attendance:
    """Keeps the promise of a customer to come, and afterwards what became of the visit."""

    def __init__(self, business: Business, store: Store, clock: Clock) -> None:
        self._business, self._store, self._clock = business, store, clock

    def confirm(
        self, appointment_id: int, *, conversation_id: str, request_key: str, by: Who = Who.CUSTOMER
    ) -> Appointment:
        """The customer says that they will come; saying it again changes nothing, and a move takes it back.

        Raises `AppointmentNotFoundError` unless the conversation booked it or named its code, and
        `AppointmentOverError` if it is cancelled or has begun.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            if (done := transaction.recall(request_key)) is not None:
                return self._shown(done)
            before = open_to(transaction, appointment_id, conversation_id, by)
            if before.status is not Status.CONFIRMED or before.start <= now:
                raise AppointmentOverError
            if before.promised_at is not None:
                return self._shown(before)
            after = replace(before, promised_at=now)
            change = Change("promised", before, after, conversation_id, request_key, now, who=by)
            transaction.put(change)
        return self._told(change, "A customer promises to come.")

    def no_show(self, appointment_id: int, *, conversation_id: str, request_key: str) -> Appointment:
        """An agent says that nobody came; what is left of the time is free for others.

        Raises `AppointmentNotFoundError`, `NotBegunError` before the start, and `AppointmentSettledError` if it is
        cancelled or done.
        """
        return self._settle(appointment_id, Status.NO_SHOW, "no_show", conversation_id, request_key)

    def done(self, appointment_id: int, *, conversation_id: str, request_key: str) -> Appointment:
        """An agent says that the visit took place; it keeps its resource as long as was planned.

        Raises `AppointmentNotFoundError`, `NotBegunError` before the start, and `AppointmentSettledError` if it is
        cancelled or nobody came.
        """
        return self._settle(appointment_id, Status.DONE, "done", conversation_id, request_key)

    def _settle(
        self,
        appointment_id: int,
        status: Status,
        what: Literal["done", "no_show"],
        conversation_id: str,
        request_key: str,
    ) -> Appointment:
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            if (done := transaction.recall(request_key)) is not None:
                return self._shown(done)
            before = open_to(transaction, appointment_id, conversation_id, Who.AGENT)
            if before.status is status:
                return self._shown(before)
            if before.status is not Status.CONFIRMED:
                raise AppointmentSettledError
            if now < before.start:
                raise NotBegunError
            after = replace(before, status=status)
            change = Change(what, before, after, conversation_id, request_key, now, who=Who.AGENT)
            transaction.put(change)
        return self._told(change, "It is said whether a customer came.")

    def _told(self, change: Change, happened: str) -> Appointment:
        about = {"action": change.what, "conversation_id": change.conversation_id, "appointment_id": change.after.id}
        _log.info(happened, **about)
        return self._shown(change.after)

    def _shown(self, appointment: Appointment) -> Appointment:
        return shown(appointment, self._business.zone)
