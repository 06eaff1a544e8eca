"""What a conversation may see and change: what it booked itself, and what it has named the code of."""

from datetime import datetime, timedelta

from scheduling.codes import new_code
from scheduling.errors import AppointmentNotFoundError, TooManyTriesError
from scheduling.model import Appointment, Who
from scheduling.store import Transaction

_WRONG_CODES_COUNT_FOR = timedelta(hours=1)


def unused_code(transaction: Transaction) -> str:
    """A new confirmation code, as it is stored."""
    while transaction.by_code(code := new_code()) is not None:
        continue
    return code


def with_code(
    transaction: Transaction, code: str, conversation_id: str, *, now: datetime, tries: int
) -> Appointment | None:
    """The appointment with this stored code; None, and one try less, if there is none.

    Raises `TooManyTriesError` after `tries` wrong codes in an hour, be the next one right or wrong.
    """
    transaction.wait_for(conversation_id)
    if transaction.wrong_codes(conversation_id, since=now - _WRONG_CODES_COUNT_FOR) >= tries:
        raise TooManyTriesError
    found = transaction.by_code(code)
    transaction.note_code(conversation_id, found.id if found else None, now)
    return found


def open_to(transaction: Transaction, appointment_id: int, conversation_id: str, by: Who = Who.CUSTOMER) -> Appointment:
    """The appointment, locked. Raises `AppointmentNotFoundError` unless the conversation, or an agent, may change it.

    The id may have come from anywhere; the right to it may not.
    """
    found = transaction.appointment(appointment_id)
    if found is None or found.code is None:
        raise AppointmentNotFoundError
    if by is Who.AGENT or found.conversation_id == conversation_id:
        return found
    if not transaction.has_named_code(conversation_id, found.id):
        raise AppointmentNotFoundError
    return found
