"""The frames that every agent's page gets when something happens."""

import asyncio
from typing import Any, Protocol

from handoff_bridge.events import Event, Kind
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.plumbing import in_thread, to_json

_COME_BACK = 1012  # the service restarts


class AgentSide(Protocol):
    """An agent's socket: it is handed finished frames."""

    agent_id: int

    def hand(self, frame: str) -> None: ...
    async def close(self, code: int) -> None: ...


class Broadcast:
    """Reads what a notice stands for once, and hands it to all agents of this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._desk = services.desk
        self.sockets: set[AgentSide] = set()

    async def bring(self, event: Event) -> None:
        """Brings what happened to all pages."""
        if not self.sockets:
            return
        match event.kind:
            case Kind.MESSAGE:
                await self._message(event)
            case Kind.CONVERSATION:
                await self._conversation(event.conversation_id or "")
            case Kind.READ | Kind.TYPING:
                await self._sign(event)
            case Kind.AGENTS:
                await self._agents()
            case Kind.MISSED:  # a page that comes back asks what it missed
                await asyncio.gather(*(socket.close(_COME_BACK) for socket in tuple(self.sockets)))
            case _:
                pass

    async def _message(self, event: Event) -> None:
        said = await in_thread(self._desk.message, event.message_id or 0)
        if said is not None:
            shape = shapes.inbox_message(said)
            self._hand_all({"type": "message", "conversation_id": said.conversation_id, "message": shape})
        await self._conversation(event.conversation_id or "")

    async def _conversation(self, conversation_id: str) -> None:
        overview = await in_thread(self._desk.overview, conversation_id)
        if overview is not None:
            self._hand_all({"type": "conversation", "conversation": shapes.summary(overview)})
        counts = await in_thread(self._desk.counts)
        for socket in tuple(self.sockets):
            socket.hand(to_json({"type": "counts", "counts": counts.of(socket.agent_id)}))

    async def _sign(self, event: Event) -> None:
        name = await in_thread(self._desk.name_of, event.agent_id)
        frame = to_json({**sign(event, name), "conversation_id": event.conversation_id})
        for socket in tuple(self.sockets):
            if event.agent_id is None or socket.agent_id != event.agent_id:
                socket.hand(frame)

    async def _agents(self) -> None:
        agents, now = await in_thread(self._desk.agents), self._services.clock()
        self._hand_all({"type": "agents", "agents": [shapes.agent(person, now) for person in agents]})

    def _hand_all(self, frame: dict[str, Any]) -> None:
        text = to_json(frame)
        for socket in tuple(self.sockets):
            socket.hand(text)


def sign(event: Event, name: str | None) -> dict[str, Any]:
    """The frame of a sign that is not kept: somebody types, somebody has read."""
    if event.kind is Kind.READ:
        return {"type": "read", "author": event.author, "up_to": event.up_to}
    return {"type": "typing", "author": event.author, "name": name, "on": event.on}
