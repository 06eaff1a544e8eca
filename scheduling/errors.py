"""What can go wrong in the calendar; the docstring of an error is its message."""

from typing import Literal

from scheduling.model import Offer

Reason = Literal["too_soon", "too_far", "closed", "off_grid"]
ContactReason = Literal["missing", "email_invalid", "phone_invalid", "phone_too_short", "phone_too_long"]


class SchedulingError(Exception):
    """The calendar cannot do that. See the code of the error for why."""

    code = "scheduling_error"
    status = 500

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class UnknownServiceError(SchedulingError):
    """The business has no such service. Use a key under `services` in business.yml."""

    code = "unknown_service"
    status = 404


class OpeningTakenError(SchedulingError):
    """Somebody else has this opening. Choose one of those in `offer`, which are the nearest."""

    code = "opening_taken"
    status = 409

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self.offer = offer


class NotBookableError(SchedulingError):
    """The business takes no appointment at this time, whoever asks. See `reason`, and ask for openings instead."""

    code = "not_bookable"
    status = 422

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason


class NothingHeldError(SchedulingError):
    """The conversation holds no opening. Hold one first."""

    code = "nothing_held"
    status = 409


class AppointmentNotFoundError(SchedulingError):
    """There is no such appointment, or it is not this conversation's to see. Ask for its confirmation code."""

    code = "appointment_not_found"
    status = 404


class AppointmentOverError(SchedulingError):
    """The appointment is cancelled or has begun. Book a new one."""

    code = "appointment_over"
    status = 409


class NoticeTooShortError(SchedulingError):
    """It is too late to move or cancel this appointment here: `hours` before its start was the last chance. Ask a
    person."""

    code = "notice_too_short"
    status = 409

    def __init__(self, hours: int) -> None:
        super().__init__()
        self.hours = hours


class MovedTooOftenError(SchedulingError):
    """The appointment has been moved as often as it may be, `moves` times. Keep it, cancel it, or ask a person."""

    code = "moved_too_often"
    status = 409

    def __init__(self, moves: int) -> None:
        super().__init__()
        self.moves = moves


class AlreadyBookedError(SchedulingError):
    """Somebody with this e-mail address or phone number has another appointment at that time. Choose another time, or
    move or cancel the other one."""

    code = "already_booked"
    status = 409


class NotBegunError(SchedulingError):
    """The appointment has not begun. Wait until it has, or cancel it."""

    code = "not_begun"
    status = 409


class AppointmentSettledError(SchedulingError):
    """The appointment is cancelled, or it is said already whether the customer came. Leave it as it is."""

    code = "appointment_settled"
    status = 409


class TooManyTriesError(SchedulingError):
    """The conversation has named too many wrong confirmation codes. Wait an hour or ask for a person."""

    code = "too_many_tries"
    status = 429


class ContactInvalidError(SchedulingError):
    """This is neither an e-mail address nor a phone number that can be reached. See `reason`."""

    code = "contact_invalid"
    status = 422

    def __init__(self, reason: ContactReason) -> None:
        super().__init__()
        self.reason = reason
