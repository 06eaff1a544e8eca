"""A visitor's socket: what is new goes out in order, what they write comes in."""

import asyncio
from collections import deque
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
from handoff_bridge.web import inbound, shapes
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.plumbing import error_body, flag, in_thread, optional_text, read_json, to_json, whole_number

_HELLO_WITHIN = 5  # seconds
_SEND_WITHIN = 10  # seconds; whoever does not read that long is dropped and may come back
_NO_HELLO, _BAD_TOKEN, _TOO_SLOW = 4400, 4401, 4408
_TRY_AGAIN_AFTER = 1  # second, when the database does not answer
_WHISPERS = 20  # typing and read marks kept for a socket that is behind


class WebsiteSocket:
    """One connection. It reads the conversation's rows itself when stirred, so nothing piles up here."""

    def __init__(self, services: Services, hub: Hub, ws: Websocket, visitor_id: str) -> None:
        self._services = services
        self._hub = hub
        self._ws = ws
        self._visitor_id = visitor_id
        self._token = ""
        self._conversation_id = ""
        self._seen = 0
        self._stirred = asyncio.Event()
        self._status_is_due = True
        self._whispers: deque[dict[str, Any]] = deque(maxlen=_WHISPERS)
        self.is_waiting = False

    async def run(self) -> None:
        """Serves the connection until it ends."""
        if not await self._greet():
            return
        self._hub.join_customer(self._conversation_id, self)
        self.stir(status=True)
        sender = asyncio.create_task(self._send_what_is_new())
        try:
            while (content := await self._ws.recv()) is not None:
                await self._receive(content)
        except TimeoutError:
            self._ws.fail_connection(_TOO_SLOW)
        except (WebsocketClosed, ServerError):
            pass  # it ended while an answer was under way
        finally:
            sender.cancel()
            self._hub.leave_customer(self._conversation_id, self)

    def stir(self, *, status: bool = False) -> None:
        """Something is new: a message, and with `status` the status as well."""
        self._status_is_due = self._status_is_due or status
        self._stirred.set()

    def whisper(self, frame: dict[str, Any]) -> None:
        """Passes on a sign that is not kept: typing, read."""
        self._whispers.append(frame)
        self._stirred.set()

    async def close(self, code: int) -> None:
        await self._ws.close(code)

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
        except BridgeError:
            await self._ws.close(_TOO_SLOW if content is None else _NO_HELLO)
            return False
        self._conversation_id = conversation.id
        return True

    async def _send_what_is_new(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._send_messages()
                await self._send_status()
                while self._whispers:
                    await self._send(self._whispers.popleft())
            except StoreUnavailableError:
                await asyncio.sleep(_TRY_AGAIN_AFTER)
                self._stirred.set()
            except TimeoutError:
                self._ws.fail_connection(_TOO_SLOW)
            except (WebsocketClosed, ServerError):
                return  # it ended while something was under way

    async def _send_messages(self) -> None:
        while messages := await in_thread(self._services.visitors.messages, self._conversation_id, self._seen):
            for message in messages:
                await self._send({"type": "message", "message": shapes.message(message)})
                self._seen = message.id

    async def _send_status(self) -> None:
        if not self._status_is_due:
            return
        status = await in_thread(self._services.line.status, self._conversation_id)
        self._status_is_due = False
        if status is not None:
            self.is_waiting = status.position is not None
            await self._send({"type": "status", "status": shapes.status(status)})

    async def _receive(self, content: str | bytes) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = read_json(content)
            await self._obey(frame)
        except BridgeError as error:
            answer: dict[str, Any] = {"type": "error", **error_body(error.code, str(error))}
            if isinstance(frame.get("message_id"), str):
                answer["message_id"] = frame["message_id"]
            await self._send(answer)

    async def _obey(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "message":
                received = await in_thread(inbound.send, self._services, self._visitor_id, frame, self._token)
                accepted = {"message_id": frame["message_id"], "id": received.message.id}
                await self._send({"type": "accepted", **accepted, "conversation_id": self._conversation_id})
            case "typing":
                await in_thread(self._services.visitors.typing, self._conversation_id, flag(frame, "on"))
            case "read":
                await in_thread(self._services.visitors.read, self._conversation_id, whole_number(frame, "up_to"))
            case "ping":
                await self._send({"type": "pong"})
            case _:
                await self._send({"type": "error", **error_body("frame_unknown", "There is no such frame.")})

    async def _send(self, frame: dict[str, Any]) -> None:
        await asyncio.wait_for(self._ws.send(to_json(frame)), _SEND_WITHIN)
