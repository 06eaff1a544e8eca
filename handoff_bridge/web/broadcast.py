"""What the open pages of agents are told.

A message goes to the pages of the agent who holds its conversation and to those that have it open. How conversations
stand goes to all pages: gathered, read once, and written down once.
"""

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Message
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.agent_pages import AgentPages, hand
from handoff_bridge.web.pace import Pace
from handoff_bridge.web.plumbing import by_courier, to_json

_NEWS_EVERY, _URGENT_EVERY = 0.5, 0.02  # seconds; that somebody begins to wait is urgent
_AGENTS_EVERY = 1.0  # seconds
_TRY_AGAIN_AFTER = 1.0  # second, when the database does not answer
_AT_ONCE = 200  # conversations in a frame
_COME_BACK = 1012  # the service restarts
_OFFERS, _TASKS = to_json({"type": "offers"}), to_json({"type": "tasks"})


class Broadcast:
    """The agents' sockets of this process."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._desk = services.desk
        self._tasks = services.task_list
        self.pages = AgentPages()
        self._changed: set[str] = set()  # conversations
        self._some_moved = False
        self._tasks_changed = False
        self._due: dict[int, None] = {}  # tasks that fall due
        self._news = Pace(_NEWS_EVERY, hurried=_URGENT_EVERY)
        self._agents = Pace(_AGENTS_EVERY)
        self._agents_told = ""
        self._must_tell_agents = False
        self._closing: asyncio.Future[Any] | None = None

    def work(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """The tasks that must run."""
        return self._news.keep(self._tell_news), self._agents.keep(self._tell_agents)

    def note(self, event: Event) -> None:
        """Takes a notice; what it stands for is told with the next round."""
        match event.kind:
            case _ if not self.pages:
                pass
            case Kind.MESSAGE | Kind.CONVERSATION:
                self._changed.add(event.conversation_id or "")
                self._some_moved = self._some_moved or event.kind is Kind.CONVERSATION
                self._news.ring()
            case Kind.QUEUE:
                self._news.ring(hurry=event.conversation_id is not None)
            case Kind.TASK:
                self._tasks_changed = True
                if event.task_id is not None:
                    self._due[event.task_id] = None
                self._news.ring()
            case Kind.OFFER:
                hand(self.pages.of_agent(event.agent_id), _OFFERS)
            case Kind.ESCALATION:
                went_up = {"conversation_id": event.conversation_id, "tier": event.tier, "after": event.to}
                hand(self.pages.of_agent(event.agent_id), to_json({"type": "escalation", **went_up}))
            case Kind.AGENTS:
                self._must_tell_agents = True
                self._agents.ring()
            case _:
                pass

    def look_who_is_there(self) -> None:
        """Tells who is there if somebody came or vanished."""
        self._agents.ring()

    def send_back(self) -> None:
        """Something was missed: a page that comes back asks what."""
        self._changed.clear()
        goodbyes = (socket.close(_COME_BACK) for socket in self.pages)
        self._closing = asyncio.gather(*goodbyes, return_exceptions=True)

    def bring_message(self, said: Message, holder: int | None) -> None:
        """Hands a message to the pages that need it."""
        pages = self.pages.watching(said.conversation_id) | self.pages.of_agent(holder)
        if pages:
            shape = shapes.inbox_message(said)
            hand(pages, to_json({"type": "message", "conversation_id": said.conversation_id, "message": shape}))

    def bring_sign(self, event: Event, name: str | None) -> None:
        """Hands a sign that is not kept to the pages that have the conversation open, but to none of who made it."""
        pages = self.pages.watching(event.conversation_id) - self.pages.of_agent(event.agent_id)
        if pages:
            hand(pages, to_json({**sign(event, name), "conversation_id": event.conversation_id}))

    async def _tell_news(self) -> None:
        if self._tasks_changed:
            self._tasks_changed = False
            hand(self.pages, _TASKS)
        await self._tell_due()
        if self._changed:
            await self._tell_standing()

    async def _tell_standing(self) -> None:
        changed, some_moved = set(itertools.islice(self._changed, _AT_ONCE)), self._some_moved
        self._changed -= changed
        self._some_moved = False
        try:
            overviews, counts = await by_courier(self._desk.standing, tuple(changed), some_moved)
        except StoreUnavailableError:
            self._changed |= changed
            self._some_moved = self._some_moved or some_moved
            self._news.ring()
            await asyncio.sleep(_TRY_AGAIN_AFTER)
            return
        summaries = [shapes.summary(overview) for overview in overviews]
        self.pages.show({"type": "conversations", "conversations": summaries}, counts)
        if self._changed:
            self._news.ring()

    async def _tell_due(self) -> None:
        """Tells the pages of those who look after a task that it falls due."""
        while self._due and self.pages:
            task_id = next(iter(self._due))
            try:
                record, agents = await by_courier(self._tasks.due, task_id)
            except StoreUnavailableError:
                self._news.ring()
                await asyncio.sleep(_TRY_AGAIN_AFTER)
                return
            del self._due[task_id]
            if record is not None:
                pages = [page for page in self.pages if page.agent_id in agents]
                hand(pages, to_json({"type": "task_due", "task": shapes.task(record)}))

    async def _tell_agents(self) -> None:
        if not self.pages:
            return
        agents, now = await by_courier(self._desk.agents), self._clock()
        must, self._must_tell_agents = self._must_tell_agents, False
        frame = to_json({"type": "agents", "agents": [shapes.agent(person, now) for person in agents]})
        if must or frame != self._agents_told:
            self._agents_told = frame
            hand(self.pages, frame)


def sign(event: Event, name: str | None) -> dict[str, Any]:
    """The frame of a sign that is not kept: somebody types, somebody has read."""
    if event.kind is Kind.READ:
        return {"type": "read", "author": event.author, "up_to": event.up_to}
    return {"type": "typing", "author": event.author, "name": name, "on": event.on}
