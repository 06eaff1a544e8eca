"""The input channel by which the bridge, and nobody else, talks to Rasa. The contract is in docs/interfaces.md.

Rasa's REST channel answers `200 []` to a failure, a lock time-out and a paused conversation alike, knows no message
ids, no secret, and drops a turn half-way when the connection closes. This one does none of that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from addons.answers import Answer
from addons.bridge_requests import EventsRequest, TurnRequest
from addons.doors import body_of, guarded, json_answer, refusal
from addons.json_fields import RequestError
from addons.rasa_seams import fit
from addons.turns import CHANNEL, NoModelError, add_events, failure_of, take_turn

SECRET_LENGTH = 32
RESPONSE_TIMEOUT = 600
"""Seconds; above Rasa's 300 for an action and 60 for a lock, so that whoever waits hears how the turn went."""
DRAIN_TIMEOUT = 10
"""Seconds that turns under way get to finish when Rasa stops."""

log = structlog.get_logger()


class BadCredentialsError(RasaException):
    """credentials.yml sets up the bridge's channel in a way that is not safe or not known."""


class BridgeChannel(InputChannel):
    """`POST /webhooks/bridge/turn`, `POST /webhooks/bridge/events`, `GET /webhooks/bridge/`."""

    def __init__(self, secret: str, hidden_slots: Collection[str] = ()) -> None:
        """`hidden_slots` never leave Rasa. Raises `BadCredentialsError`."""
        if not isinstance(secret, str) or len(secret) < SECRET_LENGTH:
            raise BadCredentialsError(
                f"credentials.yml: the secret needs {SECRET_LENGTH} characters or more. It comes from FRONTDESK_SECRET."
            )
        if isinstance(hidden_slots, str) or not all(isinstance(name, str) for name in hidden_slots):
            raise BadCredentialsError("credentials.yml: hidden_slots must be a list of slot names.")
        self._secret = secret.encode()
        self._hidden_slots = frozenset(hidden_slots)
        self._running: set[asyncio.Task[HTTPResponse]] = set()

    @classmethod
    def name(cls) -> str:
        """The part of the path after `/webhooks/`."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "BridgeChannel":
        """`{secret, hidden_slots?}`. Raises `BadCredentialsError`."""
        given = credentials or {}
        unknown = set(given) - {"secret", "hidden_slots"}
        if unknown:
            raise BadCredentialsError(f"credentials.yml: the bridge's channel knows no {', '.join(sorted(unknown))}.")
        return cls(given.get("secret", ""), given.get("hidden_slots") or ())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:  # noqa: ARG002
        """The routes. Rasa's `on_new_message` is of no use: it hides what went wrong."""
        blueprint = Blueprint("bridge")
        blueprint.add_route(guarded(self._secret, self.health), "/", methods=["GET"])
        blueprint.add_route(guarded(self._secret, self.turn), "/turn", methods=["POST"], stream=True)
        blueprint.add_route(guarded(self._secret, self.events), "/events", methods=["POST"], stream=True)
        blueprint.listener("before_server_start")(_set_timeout)
        blueprint.listener("after_server_start")(_fit_early)
        blueprint.listener("before_server_stop")(self._drain)
        return blueprint

    async def health(self, request: Request) -> HTTPResponse:
        """200 when a model is loaded, 503 before."""
        try:
            _agent(request.app)
        except NoModelError as exc:
            return json_answer({"error": failure_of(exc, "")}, 503)
        return json_answer({"status": "ok"})

    async def turn(self, request: Request) -> HTTPResponse:
        """200 with the answer of a turn that ended; 503 for a turn to be tried again."""
        asked = TurnRequest.read(await body_of(request))
        return await self._whatever_the_client_does(self._turn(request.app, asked))

    async def events(self, request: Request) -> HTTPResponse:
        """200 `{paused, slots}`; 503 to be tried again."""
        asked = EventsRequest.read(await body_of(request))
        return await self._whatever_the_client_does(self._events(request.app, asked))

    async def _turn(self, app: Sanic, asked: TurnRequest) -> HTTPResponse:
        try:
            return json_answer((await take_turn(_agent(app), asked, self._hidden_slots)).as_dict())
        except RequestError as exc:
            return refusal(exc)
        except Exception as exc:  # noqa: BLE001 - the edge: the bridge must hear of whatever it was
            return json_answer(Answer(error=failure_of(exc, asked.conversation_id)).as_dict(), 503)

    async def _events(self, app: Sanic, asked: EventsRequest) -> HTTPResponse:
        try:
            return json_answer(await add_events(_agent(app), asked, self._hidden_slots))
        except RequestError as exc:
            return refusal(exc)
        except Exception as exc:  # noqa: BLE001 - the edge: the bridge must hear of whatever it was
            return json_answer({"error": failure_of(exc, asked.conversation_id)}, 503)

    async def _whatever_the_client_does(self, work: Coroutine[Any, Any, HTTPResponse]) -> HTTPResponse:
        """Sanic cancels a handler whose client has gone; half a turn would leave effects and no memory of them."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _drain(self, *_: Any) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_TIMEOUT)


def _agent(app: Sanic) -> Agent:
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise NoModelError(NoModelError.__doc__)
    fit(agent)
    return agent


async def _set_timeout(app: Sanic, *_: Any) -> None:
    app.config.RESPONSE_TIMEOUT = RESPONSE_TIMEOUT


async def _fit_early(app: Sanic, *_: Any) -> None:
    """Stops a Rasa that is set up wrongly before the first customer meets it."""
    try:
        _agent(app)
    except NoModelError as exc:
        log.warning(str(exc), action="no_model")
