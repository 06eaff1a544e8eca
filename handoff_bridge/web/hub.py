"""Brings what happened to the open sockets of this process.

Notices carry ids only; what they stand for is read from the rows, so that several bridge processes on one database
each serve their own sockets.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

import structlog

from handoff_bridge.events import Event, Kind
from handoff_bridge.services import Services
from handoff_bridge.web.broadcast import AgentSide, Broadcast, sign
from handoff_bridge.web.plumbing import in_thread

log = structlog.get_logger(__name__)

_PRESENCE_EVERY = 30.0  # seconds between looks at who is there
_BACKLOG = 10_000  # notices; a process further behind tells its sockets to read again instead


class CustomerSide(Protocol):
    """A customer's socket: it reads what is new by itself when it is stirred."""

    is_waiting: bool

    def stir(self, *, status: bool = False) -> None: ...
    def whisper(self, frame: dict[str, Any]) -> None: ...
    async def close(self, code: int) -> None: ...


class Hub:
    """The sockets of this process, and the task that serves them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._gauge = services.metrics.sockets
        self._customers: defaultdict[str, set[CustomerSide]] = defaultdict(set)
        self._agents = Broadcast(services)
        self._heard: asyncio.Queue[Event] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._serve()), asyncio.create_task(self._watch_presence())]

    async def stop(self) -> None:
        """Says goodbye to everybody (1001: going away), so that they come back to another process."""
        for task in self._tasks:
            task.cancel()
        everybody: list[AgentSide | CustomerSide] = [*self._agents.sockets, *self._all_customers()]
        await asyncio.gather(*(socket.close(1001) for socket in everybody), return_exceptions=True)

    def post(self, event: Event) -> None:
        """Takes a notice from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, event)

    def join_customer(self, conversation_id: str, socket: CustomerSide) -> None:
        self._customers[conversation_id].add(socket)
        self._gauge.labels("website").inc()

    def leave_customer(self, conversation_id: str, socket: CustomerSide) -> None:
        self._customers[conversation_id].discard(socket)
        if not self._customers[conversation_id]:
            del self._customers[conversation_id]
        self._gauge.labels("website").dec()

    def join_agent(self, socket: AgentSide) -> None:
        self._agents.sockets.add(socket)
        self._gauge.labels("inbox").inc()

    def leave_agent(self, socket: AgentSide) -> None:
        self._agents.sockets.discard(socket)
        self._gauge.labels("inbox").dec()

    def _take(self, event: Event) -> None:
        if self._heard.qsize() > _BACKLOG:
            while not self._heard.empty():
                self._heard.get_nowait()
            event = Event(Kind.MISSED)
        self._heard.put_nowait(event)

    async def _serve(self) -> None:
        while True:
            event = await self._heard.get()
            try:
                await self._bring_to_customers(event)
                await self._agents.bring(event)
            except Exception:
                log.exception("A notice could not be brought to the sockets.", action="hub_failed")

    async def _bring_to_customers(self, event: Event) -> None:
        match event.kind:
            case Kind.MISSED:
                self._stir(self._all_customers(), status=True)
            case Kind.QUEUE:
                self._stir([socket for socket in self._all_customers() if socket.is_waiting], status=True)
            case Kind.MESSAGE | Kind.CONVERSATION:
                self._stir(self._customers_of(event), status=event.kind is Kind.CONVERSATION)
            case Kind.READ | Kind.TYPING if event.agent_id is not None and self._customers_of(event):
                frame = sign(event, await in_thread(self._services.desk.name_of, event.agent_id))
                for socket in self._customers_of(event):
                    socket.whisper(frame)
            case _:
                pass

    def _stir(self, sockets: Iterable[CustomerSide], *, status: bool) -> None:
        for socket in sockets:
            socket.stir(status=status)

    def _customers_of(self, event: Event) -> list[CustomerSide]:
        return list(self._customers.get(event.conversation_id or "", ()))

    def _all_customers(self) -> list[CustomerSide]:
        return [socket for sockets in self._customers.values() for socket in sockets]

    async def _watch_presence(self) -> None:
        """Nobody says when they vanish, so it is looked for."""
        while True:
            await asyncio.sleep(_PRESENCE_EVERY)
            self._heard.put_nowait(Event(Kind.AGENTS))
