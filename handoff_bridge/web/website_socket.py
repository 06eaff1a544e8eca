"""A visitor's socket: what is new goes out in order, what they write comes in."""

import asyncio
from typing import Any

from sanic import Websocket
from sanic.exceptions import ServerError, WebsocketClosed

from handoff_bridge.errors import (
    BridgeError,
    FieldInvalidError,
    NotFoundError,
    StoreUnavailableError,
    TokenMissingError,
)
from handoff_bridge.services import Services
from handoff_bridge.web import inbound
from handoff_bridge.web.customer_feed import TOO_SLOW, CustomerFeed, send
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.plumbing import at_the_door, error_body, flag, in_thread, optional_text, read_json, whole_number

_HELLO_WITHIN = 5  # seconds
_NO_HELLO, _BAD_TOKEN = 4400, 4401
_COME_BACK = 1013  # try again later: the database does not answer now


class WebsiteSocket:
    """One connection."""

    def __init__(self, services: Services, hub: Hub, ws: Websocket, visitor_id: str) -> None:
        self._services = services
        self._hub = hub
        self._ws = ws
        self._visitor_id = visitor_id
        self._token = ""
        self._conversation_id = ""
        self._seen = 0

    async def run(self) -> None:
        """Serves the connection until it ends."""
        if not await self._greet():
            return
        feed = CustomerFeed(self._services, self._ws, self._conversation_id, self._seen)
        self._hub.join_customer(self._conversation_id, feed)
        sender = asyncio.create_task(feed.run())
        try:
            while (content := await self._ws.recv()) is not None:
                await self._receive(content)
        except TimeoutError:
            self._ws.fail_connection(TOO_SLOW)
        except (WebsocketClosed, ServerError):
            pass  # it ended while an answer was under way
        finally:
            sender.cancel()
            self._hub.leave_customer(self._conversation_id, feed)

    async def _greet(self) -> bool:
        content = await self._ws.recv(timeout=_HELLO_WITHIN)
        try:
            hello = read_json(content or "")
            self._token = optional_text(hello, "token") or ""
            self._seen = whole_number(hello, "after", 0)
            if hello.get("type") != "hello":
                raise FieldInvalidError("type", "hello in the first frame")
            conversation = await in_thread(self._services.visitors.enter, self._visitor_id, self._token)
        except (TokenMissingError, NotFoundError):
            await self._ws.close(_BAD_TOKEN)
            return False
        except StoreUnavailableError:
            await self._ws.close(_COME_BACK)
            return False
        except BridgeError:
            await self._ws.close(TOO_SLOW if content is None else _NO_HELLO)
            return False
        self._conversation_id = conversation.id
        return True

    async def _receive(self, content: str | bytes) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = read_json(content)
            await self._obey(frame)
        except BridgeError as error:
            answer: dict[str, Any] = {"type": "error", **error_body(error.code, str(error))}
            if isinstance(frame.get("message_id"), str):
                answer["message_id"] = frame["message_id"]
            await send(self._ws, answer)

    async def _obey(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "message":
                received = await at_the_door(inbound.send, self._services, self._visitor_id, frame, self._token)
                accepted = {"message_id": frame["message_id"], "id": received.message.id}
                await send(self._ws, {"type": "accepted", **accepted, "conversation_id": self._conversation_id})
            case "typing":
                await in_thread(self._services.visitors.typing, self._conversation_id, flag(frame, "on"))
            case "read":
                await in_thread(self._services.visitors.read, self._conversation_id, whole_number(frame, "up_to"))
            case "ping":
                await send(self._ws, {"type": "pong"})
            case _:
                await send(self._ws, {"type": "error", **error_body("frame_unknown", "There is no such frame.")})
