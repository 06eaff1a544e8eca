"""What the routes share: threads for the core, JSON in and out, checks at the door."""

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NoReturn

from sanic import HTTPResponse, Request, Sanic
from sanic.response import raw

from handoff_bridge.errors import BodyInvalidError, FieldInvalidError, SecretWrongError

type App = Sanic[Any, Any]

LARGEST_BODY = 64 * 1024  # bytes


async def in_thread[**P, R](call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs the synchronous core beside the event loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


class Lane:
    """Threads of its own for one kind of work, so that it does not stand in line behind another kind.

    Few of them: Python runs one at a time, and the more there are, the longer each waits for its turn.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__[**P, R](self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))


by_courier = Lane("courier", 4)
"""For what is brought to open sockets."""

at_the_door = Lane("door", 4)
"""For the messages that come in."""


def reply(data: Mapping[str, Any], status: int = 200) -> HTTPResponse:
    return raw(to_json(data).encode(), status=status, content_type="application/json")


def nothing() -> HTTPResponse:
    return raw(b"", status=204)


def to_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def error_body(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def read_json(content: bytes | str) -> dict[str, Any]:
    """The JSON object in a body or a frame. Raises `BodyInvalidError` for anything else, and for NaN."""
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BodyInvalidError from error
    if not isinstance(data, dict):
        raise BodyInvalidError
    return data


def text_field(data: Mapping[str, Any], name: str, pattern: str, allowed: str) -> str:
    """A required text that matches `pattern` as a whole. Raises `FieldInvalidError` saying what is allowed."""
    value = data.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise FieldInvalidError(name, allowed)
    return value


def optional_text(data: Mapping[str, Any], name: str, longest: int = 200) -> str | None:
    """A text that may be missing or null, without control characters."""
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest or not _is_storable(value):
        raise FieldInvalidError(name, f"a text of at most {longest} characters")
    return value


def flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise FieldInvalidError(name, "true or false")
    return value


def whole_number(data: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A number from 0 to 2^53, as a JSON number or as decimal digits in a query."""
    value = data.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2**53:
        raise FieldInvalidError(name, "a whole number, 0 or more")
    return value


def query(request: Request) -> dict[str, str]:
    """The first value of each query argument."""
    return {name: values[0] for name, values in request.args.items()}


def bearer(request: Request) -> str | None:
    """The token of an Authorization header; None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def check_secret(request: Request, secret: str) -> None:
    """Lets only Frontdesk's own processes through. Raises `SecretWrongError`."""
    given = request.headers.get("x-frontdesk-secret", "")
    if not hmac.compare_digest(given.encode(errors="replace"), secret.encode()):
        raise SecretWrongError


def _is_storable(text: str) -> bool:
    return text.isprintable() or not any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
