"""What can go wrong in the bridge. The docstring of an error is the message its caller gets."""

import inspect
from datetime import datetime


class BridgeError(Exception):
    """Something went wrong on our side. Try again in a moment."""

    code = "bridge_error"
    status = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join(inspect.cleandoc(type(self).__doc__ or "").split()))


class StoreUnavailableError(BridgeError):
    """The database does not answer. Try again in a moment."""

    code = "store_unavailable"
    status = 503


class BodyInvalidError(BridgeError):
    """The body is not a JSON object in UTF-8. Send one, with Content-Type application/json."""

    code = "body_invalid"
    status = 400


class FieldInvalidError(BridgeError):
    """A field is missing or has a value that is not allowed. See docs/interfaces.md."""

    code = "field_invalid"
    status = 422

    def __init__(self, field: str, allowed: str) -> None:
        super().__init__(f"{field} must be {allowed}.")


class TextEmptyError(BridgeError):
    """The text is empty. Write something."""

    code = "text_empty"
    status = 422


class TextTooLongError(BridgeError):
    """The text is longer than 4,000 characters. Send it in parts."""

    code = "text_too_long"
    status = 422


class TextInvalidError(BridgeError):
    """The text is not text: a string of Unicode characters is wanted."""

    code = "text_invalid"
    status = 422


class TokenMissingError(BridgeError):
    """This needs the visitor's token. Send it as `Authorization: Bearer <token>`."""

    code = "token_missing"
    status = 401


class NotFoundError(BridgeError):
    """There is no such thing here. Check the address and the token."""

    code = "not_found"
    status = 404


class SecretWrongError(BridgeError):
    """This needs the front desk's own secret. Send it as `X-Frontdesk-Secret`."""

    code = "secret_wrong"
    status = 401


class LoginFailedError(BridgeError):
    """The address or the password is wrong. Check both."""

    code = "login_failed"
    status = 401


class LoggedOutError(BridgeError):
    """You are not logged in, or your session ended. Log in again."""

    code = "logged_out"
    status = 401


class CsrfError(BridgeError):
    """The header X-CSRF-Token is missing or wrong. Reload the page."""

    code = "csrf"
    status = 403


class OriginWrongError(BridgeError):
    """This socket opens only from the inbox's own page. Open it at its own address."""

    code = "origin_wrong"
    status = 403


class TooManyLoginsError(BridgeError):
    """Too many failed logins for this address. Wait fifteen minutes and try again."""

    code = "too_many_logins"
    status = 429


class IllegalMoveError(BridgeError):
    """A conversation in this state has no such move. Reload to see where it is."""

    code = "illegal_move"
    status = 422

    def __init__(self, move: str, state: str) -> None:
        super().__init__(f"A conversation that is {state} has no move {move}. Reload to see where it is.")


class NotYourMoveError(BridgeError):
    """This move is not yours to make. Ask the agent who holds the conversation, or an administrator."""

    code = "not_your_move"
    status = 403


class AlreadyMovedError(BridgeError):
    """Somebody was faster. Reload to see where the conversation is."""

    code = "already_moved"
    status = 409


class NotYoursError(BridgeError):
    """Another agent holds this conversation, or it is resolved. Ask for a transfer, or wait for the customer."""

    code = "not_yours"
    status = 409


class AtCapacityError(BridgeError):
    """You hold as many conversations as you can. Finish one, return it or pass it on first."""

    code = "at_capacity"
    status = 409


class SetOfflineError(BridgeError):
    """You are set to offline. Set yourself to online or busy first."""

    code = "set_offline"
    status = 409


class OfferOverError(BridgeError):
    """The offer is over: it timed out, or the conversation went elsewhere. Reload to see what there is."""

    code = "offer_over"
    status = 409


class SupervisorsOnlyError(BridgeError):
    """This is for supervisors and administrators. Ask one of them."""

    code = "supervisors_only"
    status = 403


class CallbackTimeError(BridgeError):
    """The department cannot call at that time. Choose one of the next times."""

    code = "callback_time"
    status = 422

    def __init__(self, next_times: tuple[datetime, ...]) -> None:
        super().__init__()
        self.next_times = next_times


class TaskEndedError(BridgeError):
    """Somebody has ended this task already. Reload to see who and how."""

    code = "task_ended"
    status = 409
