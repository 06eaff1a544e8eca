"""A stranger's JSON read into checked values; what is wrong with it is said in words."""

import json
import re
from typing import Any

DEPTH_LIMIT = 8


class RequestError(Exception):
    """The request cannot be answered as it is."""

    code, status = "bad_request", 400


class WrongSecretError(RequestError):
    """The header X-Frontdesk-Secret is missing or wrong. Rasa and the bridge must run with one FRONTDESK_SECRET."""

    code, status = "unauthorized", 401


class BodyTooLargeError(RequestError):
    """The body is over 64 KiB."""

    code, status = "too_large", 413


class NotJsonError(RequestError):
    """The body is not a JSON object in UTF-8."""

    code, status = "not_json", 400


class InvalidFieldError(RequestError):
    """A field is missing, unknown, or not as docs/interfaces.md says."""

    code, status = "invalid_field", 422


class Fields:
    """The fields of a JSON object. Every method raises `InvalidFieldError` with the name of the field."""

    def __init__(self, body: bytes, known: set[str]) -> None:
        """Raises `NotJsonError`, and `InvalidFieldError` for a field that is not `known`."""
        self.values = json_object(body)
        unknown = sorted(set(self.values) - known)
        if unknown:
            raise InvalidFieldError(f"{unknown[0][:40]}: unknown; allowed are {', '.join(sorted(known))}.")

    def text(self, name: str, limit: int) -> str:
        """Unicode that everybody can store: no NUL, no half of a surrogate pair."""
        value = self.values.get(name)
        if not isinstance(value, str) or len(value) > limit or not _storable(value):
            raise InvalidFieldError(f"{name}: a text of at most {limit} characters is needed.")
        return value

    def matching(self, name: str, pattern: re.Pattern[str]) -> str:
        """A text that is all pattern."""
        value = self.values.get(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidFieldError(f"{name}: must match {pattern.pattern}.")
        return value

    def object(self, name: str) -> dict[str, Any]:
        """An object, empty when left out."""
        value = self.values.get(name, {})
        if not isinstance(value, dict) or is_deep(value):
            raise InvalidFieldError(f"{name}: an object at most {DEPTH_LIMIT} levels deep is needed.")
        return value


def json_object(body: bytes | str) -> dict[str, Any]:
    """Raises `NotJsonError` for anything but an object, for NaN and for what is nested too deep to be read."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        raise NotJsonError(NotJsonError.__doc__) from exc
    if not isinstance(value, dict):
        raise NotJsonError(NotJsonError.__doc__)
    return value


def is_deep(value: Any, limit: int = DEPTH_LIMIT) -> bool:
    """Whether lists and objects are nested in more than `limit` levels."""
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return limit == 0 or any(is_deep(part, limit - 1) for part in inner)


def _no_constant(name: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(name)


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
