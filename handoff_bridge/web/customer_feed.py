"""What a customer's socket is told: messages in order and without a gap, the status, signs that are not kept."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from sanic import Websocket
from sanic.exceptions import ServerError, WebsocketClosed

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.plumbing import by_courier, to_json

TOO_SLOW = 4408
_SEND_WITHIN = 10  # seconds; whoever does not read that long is dropped and may come back
_TRY_AGAIN_AFTER = 1  # second, when the database does not answer
_HANDED = 100  # messages kept for a socket that is behind; it then reads them from the rows
_WHISPERS = 20  # typing and read marks kept for a socket that is behind


class CustomerFeed:
    """Of one socket, from the message after `seen` on.

    What is said is handed to it by the hub. At the beginning, and whenever something may have been missed, it reads the
    rows instead; that leaves no gap, since it is heard by the hub before it reads.
    """

    def __init__(self, services: Services, ws: Websocket, conversation_id: str, seen: int) -> None:
        self._services = services
        self._ws = ws
        self._conversation_id = conversation_id
        self._seen = seen
        self._may_have_missed = self._status_is_due = True
        self._handed: deque[tuple[int, str]] = deque()
        self._whispers: deque[str] = deque(maxlen=_WHISPERS)
        self._stirred = asyncio.Event()
        self._stirred.set()
        self.is_waiting = False

    def hand(self, message_id: int, frame: str) -> None:
        """Passes on a message that was just said."""
        self._handed.append((message_id, frame))
        if len(self._handed) > _HANDED:
            self._handed.clear()
            self._may_have_missed = True
        self._stirred.set()

    def read_again(self) -> None:
        """Something may have been missed."""
        self._may_have_missed = True
        self.refresh()

    def refresh(self) -> None:
        """The status may have changed."""
        self._status_is_due = True
        self._stirred.set()

    def whisper(self, frame: str) -> None:
        """Passes on a sign that is not kept: typing, read."""
        self._whispers.append(frame)
        self._stirred.set()

    async def close(self, code: int) -> None:
        await self._ws.close(code)

    async def run(self) -> None:
        """Sends what is new until the connection ends."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._send_messages()
                await self._send_status()
                while self._whispers:
                    await send_text(self._ws, self._whispers.popleft())
            except StoreUnavailableError:
                await asyncio.sleep(_TRY_AGAIN_AFTER)
                self._stirred.set()
            except TimeoutError:
                self._ws.fail_connection(TOO_SLOW)
            except (WebsocketClosed, ServerError):
                return  # it ended while something was under way

    async def _send_messages(self) -> None:
        while self._may_have_missed or self._handed:
            if self._may_have_missed:
                await self._send_from_rows()
            else:
                message_id, frame = self._handed.popleft()
                if message_id > self._seen:
                    await send_text(self._ws, frame)
                    self._seen = message_id

    async def _send_from_rows(self) -> None:
        self._may_have_missed = False
        try:
            while messages := await by_courier(self._services.visitors.messages, self._conversation_id, self._seen):
                for message in messages:
                    await send(self._ws, {"type": "message", "message": shapes.message(message)})
                    self._seen = message.id
        except StoreUnavailableError:
            self._may_have_missed = True
            raise

    async def _send_status(self) -> None:
        if not self._status_is_due:
            return
        status = await by_courier(self._services.line.status, self._conversation_id)
        self._status_is_due = False
        if status is not None:
            self.is_waiting = status.position is not None
            await send(self._ws, {"type": "status", "status": shapes.status(status)})


async def send(ws: Websocket, frame: Mapping[str, Any]) -> None:
    """Sends a frame. Raises TimeoutError when the other side does not read."""
    await send_text(ws, to_json(frame))


async def send_text(ws: Websocket, frame: str) -> None:
    await asyncio.wait_for(ws.send(frame), _SEND_WITHIN)
