"""Brings what happened to the open sockets of this process.

Notices carry ids only; what they stand for is read from the rows, so that several bridge processes on one database
each serve their own sockets. Notices that come close together are gathered, and their rows read at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.agent_pages import AgentSide
from handoff_bridge.web.broadcast import Broadcast, sign
from handoff_bridge.web.heard import Heard
from handoff_bridge.web.pace import Pace
from handoff_bridge.web.plumbing import by_courier, to_json

_TALK_EVERY = 0.02  # seconds: messages that come closer together are read and sent together
_LINE_EVERY = 1.0  # seconds between looks at the line while it changes; each waiting customer's place is read anew
_PRESENCE_EVERY = 30.0  # seconds between looks at who is there
_TRY_AGAIN_AFTER = 1.0  # second, when the database does not answer


class CustomerSide(Protocol):
    """A customer's socket: it is handed finished frames, and reads by itself what it may have missed."""

    is_waiting: bool

    def hand(self, message_id: int, frame: str) -> None: ...
    def read_again(self) -> None: ...
    def refresh(self) -> None: ...
    def whisper(self, frame: str) -> None: ...
    async def close(self, code: int) -> None: ...


class Hub:
    """The sockets of this process, and the tasks that serve them."""

    def __init__(self, services: Services) -> None:
        self._desk = services.desk
        self._gauge = services.metrics.sockets
        self._customers: defaultdict[str, set[CustomerSide]] = defaultdict(set)
        self._broadcast = Broadcast(services)
        self._pages = self._broadcast.pages
        self._heard = Heard()
        self._talk, self._line = Pace(_TALK_EVERY), Pace(_LINE_EVERY)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        work = (self._talk.keep(self._serve), self._line.keep(self._look_at_line), self._watch_presence())
        self._tasks = [asyncio.create_task(one) for one in (*work, *self._broadcast.work())]

    async def stop(self) -> None:
        """Says goodbye to everybody (1001: going away), so that they come back to another process."""
        for task in self._tasks:
            task.cancel()
        everybody: list[AgentSide | CustomerSide] = [*self._pages, *self._all_customers()]
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
        self._pages.join(socket)
        self._gauge.labels("inbox").inc()

    def leave_agent(self, socket: AgentSide) -> None:
        self._pages.leave(socket)
        self._gauge.labels("inbox").dec()

    def watch(self, socket: AgentSide, conversation_id: str | None) -> None:
        """The page has this conversation open now, or none."""
        self._pages.watch(socket, conversation_id)

    def _take(self, event: Event) -> None:
        self._heard.note(event)
        if self._heard.is_too_much():
            self._heard = Heard(has_gap=True)
        self._broadcast.note(event)
        self._talk.ring()
        if event.kind is Kind.QUEUE:
            self._line.ring()

    async def _serve(self) -> None:
        heard, self._heard = self._heard, Heard()
        if heard.has_gap:
            self._broadcast.send_back()
            for socket in self._all_customers():
                socket.read_again()
            return
        await self._bring_messages(heard.messages)
        for socket in self._customers_of(heard.changed):
            socket.refresh()
        for event in heard.signs.values():
            await self._bring_sign(event)

    async def _bring_messages(self, ids: Mapping[int, str]) -> None:
        has_pages = bool(self._pages)
        wanted = [one for one, conversation_id in ids.items() if has_pages or conversation_id in self._customers]
        try:
            said = await by_courier(self._desk.said, wanted) if wanted else ()
        except StoreUnavailableError:
            self._heard.messages = {**ids, **self._heard.messages}
            await asyncio.sleep(_TRY_AGAIN_AFTER)
            self._talk.ring()
            return
        except Exception:
            for socket in self._customers_of(ids.values()):
                socket.read_again()
            raise
        for message, holder in said:
            self._broadcast.bring_message(message, holder)
            if sockets := self._customers_of([message.conversation_id]):
                frame = to_json({"type": "message", "message": shapes.message(message)})
                for socket in sockets:
                    socket.hand(message.id, frame)

    async def _bring_sign(self, event: Event) -> None:
        sockets = self._customers_of([event.conversation_id or ""]) if event.agent_id is not None else []
        if not sockets and not self._pages.watching(event.conversation_id):
            return
        name = await by_courier(self._desk.name_of, event.agent_id) if event.kind is Kind.TYPING else None
        self._broadcast.bring_sign(event, name)
        frame = to_json(sign(event, name))
        for socket in sockets:
            socket.whisper(frame)

    async def _look_at_line(self) -> None:
        for socket in self._all_customers():
            if socket.is_waiting:
                socket.refresh()

    def _customers_of(self, conversation_ids: Iterable[str]) -> list[CustomerSide]:
        return [socket for one in conversation_ids for socket in self._customers.get(one, ())]

    def _all_customers(self) -> list[CustomerSide]:
        return self._customers_of(self._customers)

    async def _watch_presence(self) -> None:
        """Nobody says when they vanish, so it is looked for."""
        while True:
            await asyncio.sleep(_PRESENCE_EVERY)
            self._broadcast.look_who_is_there()
