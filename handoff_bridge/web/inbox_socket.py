"""An agent's socket: what happens at the desk goes out; heartbeats and what the page has open come in."""

import asyncio

from sanic import Websocket
from sanic.exceptions import ServerError, WebsocketClosed

from handoff_bridge.errors import BridgeError, LoggedOutError
from handoff_bridge.people import Agent
from handoff_bridge.services import Services
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.plumbing import error_body, in_thread, optional_text, read_json, to_json

_BACKLOG = 500  # frames; a page that is further behind is dropped, comes back and asks what it missed
_SEND_WITHIN = 10  # seconds
LOGGED_OUT, WRONG_ORIGIN, TOO_SLOW = 4401, 4403, 4408


class InboxSocket:
    """One connection of an agent's page."""

    def __init__(self, services: Services, hub: Hub, ws: Websocket, agent: Agent, token: str) -> None:
        self._services = services
        self._hub = hub
        self._ws = ws
        self._agent = agent
        self._token = token
        self._frames: asyncio.Queue[str] = asyncio.Queue(_BACKLOG)
        self.agent_id = agent.id

    async def run(self) -> None:
        """Serves the connection until it ends; being here is the first sign of life."""
        self._hub.join_agent(self)
        sender = asyncio.create_task(self._send_frames())
        try:
            await self._show_up()
            while (content := await self._ws.recv()) is not None:
                await self._receive(content)
        except LoggedOutError:
            await self._ws.close(LOGGED_OUT)
        finally:
            sender.cancel()
            self._hub.leave_agent(self)

    def hand(self, frame: str) -> None:
        """Queues a frame."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._ws.fail_connection(TOO_SLOW)

    async def close(self, code: int) -> None:
        await self._ws.close(code)

    async def _send_frames(self) -> None:
        try:
            while True:
                await asyncio.wait_for(self._ws.send(await self._frames.get()), _SEND_WITHIN)
        except TimeoutError:
            self._ws.fail_connection(TOO_SLOW)
        except (WebsocketClosed, ServerError):
            return  # it ended while something was under way

    async def _receive(self, content: str | bytes) -> None:
        try:
            frame = read_json(content)
            if frame.get("type") == "heartbeat":
                await self._show_up()
            elif frame.get("type") == "watch":
                self._hub.watch(self, optional_text(frame, "conversation_id"))
        except LoggedOutError:
            raise
        except BridgeError as error:
            self.hand(to_json({"type": "error", **error_body(error.code, str(error))}))

    async def _show_up(self) -> None:
        await in_thread(self._services.entrance.agent, self._token)
        await in_thread(self._services.desk.seen, self._agent)
