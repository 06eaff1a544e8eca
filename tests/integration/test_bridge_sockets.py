"""What happens reaches the open sockets: those who need it, in order, once, and gathered when much happens."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine
from websockets.sync.client import ClientConnection

from business.model import Business
from handoff_bridge.desk import Counts
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Author, DeliveryState, Message, Source
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, State
from handoff_bridge.people import Contact
from handoff_bridge.ports import Overview
from handoff_bridge.web.customer_feed import CustomerFeed
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.inbox_socket import InboxSocket
from tests.integration.bridge_world import (
    PATIENCE,
    AgentClient,
    Bridge,
    SetClock,
    StandInRasa,
    Visitor,
    bridge_process,
    frames_until,
    rasa_server,
)

# ── with a bridge, a database and real sockets ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def rasa_url() -> Iterator[str]:
    with rasa_server(StandInRasa()) as url:
        yield url


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa_url: str) -> Iterator[Bridge]:
    with bridge_process(engine, magnolia, rasa_url) as running:
        yield running


@pytest.fixture
def second(bridge: Bridge, engine: Engine, magnolia: Business, rasa_url: str) -> Iterator[Bridge]:
    """Another process on the same database, begun after the first, which made the agents."""
    with bridge_process(engine, magnolia, rasa_url) as running:
        yield running


@pytest.fixture
def visitor(bridge: Bridge, sam: AgentClient) -> Visitor:
    """A visitor whose conversation Sam holds."""
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    assert sam.reply(visitor.conversation_id, "I am Sam").status_code == 201
    return visitor


@contextmanager
def page_of(agent: AgentClient, conversation_id: str | None = None) -> Iterator[ClientConnection]:
    """An agent's page that is listened to already, with a conversation open or none."""
    with agent.socket() as page:
        look_at(page, conversation_id)
        yield page


def look_at(page: ClientConnection, conversation_id: str | None) -> None:
    """Opens a conversation, and waits until the bridge knows."""
    page.send(json.dumps({"type": "watch", "conversation_id": conversation_id}))
    page.send("[]")  # refused, which tells that what came before it has been heard
    frames_until(page, lambda frame: frame["type"] == "error")


def shows(frame: dict[str, Any], text: str) -> bool:
    """Whether a frame tells how conversations stand, and one of them ends with the text."""
    said = [one["last_message"] for one in frame.get("conversations", ()) if one["last_message"]]
    return any(message["text"] == text for message in said)


def test_a_message_goes_to_its_holders_page_and_to_those_that_have_it_open(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    jo, maria = bridge.agent("Jo"), bridge.agent("Maria")
    with page_of(sam) as holder, page_of(maria, visitor.conversation_id) as looking, page_of(jo) as other:
        said = visitor.say("here I am")
        for page in (holder, looking):
            frame = frames_until(page, lambda one: one["type"] == "message")[-1]
            assert (frame["conversation_id"], frame["message"]["id"]) == (visitor.conversation_id, said)
        heard = frames_until(other, lambda one: shows(one, "here I am"))
        assert "message" not in [frame["type"] for frame in heard]
        look_at(looking, None)
        visitor.say("still here")
        heard = frames_until(looking, lambda one: shows(one, "still here"))
        assert "message" not in [frame["type"] for frame in heard]


def test_who_begins_to_wait_shows_on_every_page_with_the_new_counts(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    with page_of(sam) as one, page_of(bridge.agent("Jo")) as another:
        sam.moves(visitor.conversation_id, "transfer", department="service")
        for page in (one, another):
            frames = frames_until(page, lambda frame: frame.get("counts", {}).get("waiting") == 1)
            assert [c["state"] for frame in frames for c in frame.get("conversations", ())][-1] == "waiting"


def test_counts_are_told_only_when_they_changed(visitor: Visitor, sam: AgentClient) -> None:
    with page_of(sam) as page:
        sam.moves(visitor.conversation_id, "return")
        frames_until(page, lambda frame: frame.get("counts", {}).get("mine") == 0)
        sam.reply(visitor.conversation_id, "me again")
        frames_until(page, lambda frame: frame.get("counts", {}).get("mine") == 1)
        visitor.say("good")
        heard = frames_until(page, lambda frame: shows(frame, "good"))
        sam.post("/availability", {"availability": "busy"})
        heard += frames_until(page, lambda frame: frame["type"] == "agents")
        assert not any("counts" in frame for frame in heard)


def test_signs_reach_those_who_have_the_conversation_open_but_not_their_author(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    jo = bridge.agent("Jo")
    with page_of(sam, visitor.conversation_id) as own, page_of(jo, visitor.conversation_id) as other:
        sam.post(f"/conversations/{visitor.conversation_id}/typing", {"on": True})
        frame = frames_until(other, lambda one: one["type"] == "typing")[-1]
        assert (frame["name"], frame["on"], frame["conversation_id"]) == ("Sam Okafor", True, visitor.conversation_id)
        visitor.say("I read that")
        heard = frames_until(own, lambda one: shows(one, "I read that"))
        assert "typing" not in [frame["type"] for frame in heard]


def test_a_customer_who_comes_and_goes_while_an_agent_writes_hears_each_word_once_and_in_order(
    visitor: Visitor, sam: AgentClient
) -> None:
    texts = [f"word {number}" for number in range(40)]
    heard, seen = [], visitor.history()[-1]["id"]
    with ThreadPoolExecutor(1) as writing:
        written = writing.submit(lambda: [sam.reply(visitor.conversation_id, text).status_code for text in texts])
        while len(heard) < len(texts):
            with visitor.socket(after=seen) as socket:
                frames = frames_until(socket, lambda frame: frame["type"] == "message")
                frames += frames_until(socket, lambda frame: frame["type"] == "message") if len(heard) < 38 else []
            said = [frame["message"] for frame in frames if frame["type"] == "message"]
            heard += [message["text"] for message in said]
            seen = said[-1]["id"]
    assert set(written.result()) == {201}
    assert heard == texts


def test_two_processes_serve_each_others_customers_and_agents(
    second: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    elsewhere = copy(sam)
    elsewhere.bridge = second
    seen = visitor.history()[-1]["id"]
    with page_of(elsewhere) as page, visitor.socket(after=seen) as theirs:
        visitor.say("from the first")
        frame = frames_until(page, lambda one: one["type"] == "message")[-1]
        assert frame["message"]["text"] == "from the first"
        assert elsewhere.reply(visitor.conversation_id, "from the second").status_code == 201
        frames_until(theirs, lambda one: one.get("message", {}).get("text") == "from the second")


# ── the hub alone ───────────────────────────────────────────────────────────────────────────────────────────────────

NOW = SetClock()()


def message(number: int, conversation_id: str = "c-1") -> Message:
    return Message(
        id=number,
        conversation_id=conversation_id,
        author=Author.AGENT,
        name="Sam",
        agent_id=1,
        text=f"text {number}",
        buttons=(),
        source=Source.INBOX,
        source_id=f"1:m{number}",
        payload=None,
        status=DeliveryState.SENT,
        failure=None,
        intent=None,
        confidence=None,
        created_at=NOW,
    )


def overview(conversation_id: str) -> Overview:
    conversation = Conversation(
        id=conversation_id,
        account_id=1,
        contact_id=1,
        channel="website",
        language="en",
        state=State.WITH_AGENT,
        epoch=1,
        agent_id=1,
        waiting_since=None,
        handoff=None,
        noticed_at=None,
        read_up_to=0,
        created_at=NOW,
        updated_at=NOW,
    )
    return Overview(conversation, Contact(1, 1, "website", "v", *(None,) * 6), "Sam", None, None, 0)


@dataclass
class FakeDesk:
    """Answers from nowhere, and keeps what it was asked for; it does not answer as often as `failures` says."""

    failures: int = 0
    asked: list[Sequence[Any]] = field(default_factory=list)

    def said(self, ids: Sequence[int]) -> list[tuple[Message, int | None]]:
        self._ask(ids)
        return [(message(number), 1) for number in sorted(ids)]

    def standing(self, ids: Sequence[str], some_moved: bool) -> tuple[list[Overview], Counts | None]:
        self._ask(ids)
        return [overview(one) for one in ids], Counts({}) if some_moved else None

    def agents(self) -> list[Any]:
        return []

    def name_of(self, agent_id: int | None) -> str | None:
        return "Sam" if agent_id else None

    def _ask(self, ids: Sequence[Any]) -> None:
        self.asked.append(ids)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError


class Page:
    """An agent's socket that keeps what it is handed."""

    def __init__(self, agent_id: int = 1) -> None:
        self.agent_id = agent_id
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None

    def hand(self, frame: str) -> None:
        self.frames.append(json.loads(frame))

    async def close(self, code: int) -> None:
        self.closed = code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def told(self) -> set[str]:
        """The conversations of which it was told how they stand."""
        return {one["id"] for frame in self.of("conversations") for one in frame["conversations"]}


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, PATIENCE))


async def until(is_so: Any) -> None:
    while not is_so():
        await asyncio.sleep(0.005)


def hub_on(desk: FakeDesk) -> Hub:
    services = SimpleNamespace(desk=desk, clock=SetClock(), metrics=Metrics(), task_list=None)
    hub = Hub(services)  # type: ignore[arg-type]
    hub.start()
    return hub


def test_what_comes_close_together_is_read_and_told_at_once() -> None:
    async def test() -> None:
        desk, page = FakeDesk(), Page()
        hub = hub_on(desk)
        hub.join_agent(page)
        for number in range(1, 101):
            hub.post(Event(Kind.MESSAGE, f"c-{number % 10}", number))
        await until(lambda: len(page.of("message")) == 100 and page.of("conversations"))
        assert [frame["message"]["id"] for frame in page.of("message")] == list(range(1, 101))
        assert [len(frame["conversations"]) for frame in page.of("conversations")] == [10]
        assert sorted(map(len, desk.asked)) == [10, 100]
        await hub.stop()

    run(test())


def test_counts_that_stayed_as_they_were_are_not_told_again() -> None:
    async def test() -> None:
        desk, page = FakeDesk(), Page()
        hub = hub_on(desk)
        hub.join_agent(page)
        for number in range(1, 4):
            hub.post(Event(Kind.CONVERSATION, f"c-{number}"))
            await until(lambda number=number: len(page.told()) == number)
        assert sum("counts" in news for news in page.of("conversations")) == 1
        await hub.stop()

    run(test())


def test_what_could_not_be_read_is_told_when_the_database_is_back() -> None:
    async def test() -> None:
        desk, page = FakeDesk(failures=2), Page()
        hub = hub_on(desk)
        hub.join_agent(page)
        hub.post(Event(Kind.CONVERSATION, "c-1"))
        hub.post(Event(Kind.MESSAGE, "c-1", 1))
        await until(lambda: len(desk.asked) == 2)
        hub.post(Event(Kind.MESSAGE, "c-2", 2))
        await until(lambda: len(page.told()) == 2 and len(page.of("message")) == 2)
        assert [frame["message"]["id"] for frame in page.of("message")] == [1, 2]
        assert page.told() == {"c-1", "c-2"}
        assert any("counts" in news for news in page.of("conversations"))
        await hub.stop()

    run(test())


def test_pages_come_back_after_notices_were_missed_or_are_too_many_to_keep() -> None:
    async def test(*events: Event) -> None:
        desk, page = FakeDesk(), Page()
        hub = hub_on(desk)
        hub.join_agent(page)
        for event in events:
            hub.post(event)
        await until(lambda: page.closed)
        assert page.closed == 1012
        await hub.stop()

    run(test(Event(Kind.MISSED)))
    run(test(*(Event(Kind.MESSAGE, "c-1", number) for number in range(1, 10_003))))


def test_whoever_has_left_is_forgotten() -> None:
    async def test() -> None:
        desk, staying, leaving = FakeDesk(), Page(2), Page(1)
        hub = hub_on(desk)
        hub.join_agent(staying)
        hub.join_agent(leaving)
        hub.watch(leaving, "c-1")
        hub.leave_agent(leaving)
        hub.post(Event(Kind.MESSAGE, "c-1", 1))
        hub.post(Event(Kind.TYPING, "c-1", author="customer", on=True))
        await until(lambda: staying.of("conversations"))
        assert leaving.frames == []
        await hub.stop()

    run(test())


@dataclass
class FakeLine:
    """A WebSocket whose other side reads only when it is let."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    is_read: asyncio.Event = field(default_factory=asyncio.Event)
    failed_with: int | None = None

    async def send(self, frame: str) -> None:
        await self.is_read.wait()
        self.sent.append(json.loads(frame))

    def fail_connection(self, code: int) -> None:
        self.failed_with = code


class FakeVisitors:
    """The rows of a conversation that grows."""

    def __init__(self, count: int) -> None:
        self.count = count

    def messages(self, _: str, after: int) -> list[Message]:
        return [message(number) for number in range(after + 1, self.count + 1)][:200]


def test_a_customer_who_reads_slowly_is_told_everything_once_and_in_order() -> None:
    async def test() -> None:
        line, visitors = FakeLine(), FakeVisitors(count=5)
        services = SimpleNamespace(visitors=visitors, line=SimpleNamespace(status=lambda _: None))
        feed = CustomerFeed(services, line, "c-1", 0)  # type: ignore[arg-type]
        running = asyncio.create_task(feed.run())
        line.is_read.set()
        await until(lambda: len(line.sent) == 5)
        line.is_read.clear()
        for number in range(4, 260):  # the first ones were read from the rows
            visitors.count = max(visitors.count, number)
            feed.hand(number, json.dumps({"type": "message", "message": {"id": number}}))
            await asyncio.sleep(0)
        line.is_read.set()
        await until(lambda: len(line.sent) >= 259)
        assert [frame["message"]["id"] for frame in line.sent] == list(range(1, 260))
        running.cancel()

    run(test())


def test_a_page_that_does_not_read_is_dropped() -> None:
    async def test() -> None:
        line = FakeLine()
        socket = InboxSocket(None, None, line, SimpleNamespace(id=1), "")  # type: ignore[arg-type]
        for _ in range(501):
            socket.hand("{}")
        assert line.failed_with == 4408

    run(test())
