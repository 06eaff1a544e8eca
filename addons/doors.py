"""The web side of the bridge's channel: who may come in, how much is read, how an answer goes out."""

import hmac
import json
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from addons.json_fields import BodyTooLargeError, RequestError, WrongSecretError

BODY_LIMIT = 64 * 1024

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def guarded(secret: bytes, handler: Handler) -> Handler:
    """The handler, for those who show the secret; whoever is refused hears why."""

    @wraps(handler)
    async def checked(request: Request) -> HTTPResponse:
        try:
            _check(request, secret)
            return await handler(request)
        except RequestError as exc:
            return refusal(exc)

    return checked


async def body_of(request: Request) -> bytes:
    """The body of a streamed request. Raises `BodyTooLargeError` before more than the limit is in memory."""
    stream: Any = request.stream
    stream.request_max_size = BODY_LIMIT
    try:
        return b"".join([part async for part in stream])
    except PayloadTooLarge as exc:
        raise BodyTooLargeError(BodyTooLargeError.__doc__) from exc


def refusal(exc: RequestError) -> HTTPResponse:
    """The 4xx for what is wrong with a request."""
    return json_answer({"error": {"code": exc.code, "message": str(exc)}}, exc.status)


def json_answer(body: dict[str, Any], status: int = 200) -> HTTPResponse:
    """JSON in plain ASCII, so that no character of a customer's can break it."""
    return json_response(body, status=status, dumps=json.dumps)


def _check(request: Request, secret: bytes) -> None:
    shown = request.headers.getone("x-frontdesk-secret", "")
    if not hmac.compare_digest(shown.encode(errors="surrogateescape"), secret):
        raise WrongSecretError(WrongSecretError.__doc__)
