"""Which Rasa a conversation has, while all are up and while some are not."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from handoff_bridge.assistant import (
    AssistantConfusedError,
    AssistantError,
    AssistantRefusedError,
    AssistantSlowError,
    AssistantUnavailableError,
    RasaAssistant,
)
from handoff_bridge.messages import Message
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, State
from handoff_bridge.shard import ShardState
from handoff_bridge.shards import Shards
from handoff_bridge.turns import Answer
from tests.unit.test_bridge_assistant import HELLO
from tests.unit.test_conversation_moves import conversation

URLS = ("http://a:1", "http://b:2", "http://c:3")


@dataclass
class FakeRasa(RasaAssistant):
    """Answers with its address, or fails as it is told to."""

    url: str
    failure: AssistantError | None = None
    asked: list[str] = field(default_factory=list)
    checked: threading.Event = field(default_factory=threading.Event)

    def ask(self, conversation: Conversation, _: Message) -> Answer:
        self.asked.append(conversation.id)
        self._fail()
        return Answer((), {"url": self.url})

    def tell(self, conversation: Conversation, _: Any) -> None:
        self.ask(conversation, HELLO)

    def check(self) -> None:
        self.checked.set()
        self._fail()

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class World:
    """Three Rasas, all seen up; `someone_of` is a conversation that belongs to one of them."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.rasas = [FakeRasa(url) for url in URLS]
        self.shards = Shards(self.rasas, self.metrics)
        self.look()

    def look(self) -> None:
        for shard in self.shards.all:
            shard.look()

    def ask(self, someone: Conversation) -> str:
        return str(self.shards.ask(someone, HELLO).facts["url"])

    def someone_of(self, rasa: FakeRasa) -> Conversation:
        return next(one for one in conversations() if self.shards.line(one)[0].assistant is rasa)

    def states(self) -> list[str]:
        return [shard.state.value for shard in self.shards.all]


@pytest.fixture
def world() -> World:
    return World()


def conversations() -> Iterator[Conversation]:
    some = conversation(State.WITH_ASSISTANT)
    return (replace(some, id=f"c{number}") for number in range(300))


def homes(urls: tuple[str, ...]) -> list[str]:
    shards = Shards([FakeRasa(url) for url in urls], Metrics())
    return [shards.line(one)[0].assistant.url for one in conversations()]


def test_conversations_are_spread_over_all() -> None:
    assert all(share > 60 for share in Counter(homes(URLS)).values())


def test_the_order_of_the_addresses_does_not_matter() -> None:
    assert homes(URLS) == homes(URLS[::-1])


def test_when_one_goes_only_its_own_conversations_move() -> None:
    before, after = homes(URLS), homes(URLS[:2])
    assert all(was == now for was, now in zip(before, after, strict=True) if was != URLS[2])


def test_a_rasa_that_refuses_is_passed_over_at_once_and_the_question_asked_of_the_next(world: World) -> None:
    dead = world.rasas[0]
    someone = world.someone_of(dead)
    dead.failure = AssistantRefusedError("nobody listens")
    answered_by = world.ask(someone)
    assert answered_by != dead.url
    assert world.states()[0] == "down"
    assert world.ask(someone) == answered_by
    assert len(dead.asked) == 1, "while it is down it is not even tried"
    others = [one for one in conversations() if world.shards.line(one)[0].assistant.url == answered_by]
    assert len(others) < 250, "what the dead one had is shared out over all that are left"


def test_events_move_as_messages_do(world: World) -> None:
    dead = world.rasas[0]
    someone = world.someone_of(dead)
    dead.failure = AssistantRefusedError("nobody listens")
    world.shards.tell(someone, [])
    assert sum(someone.id in rasa.asked for rasa in world.rasas) == 2


def test_its_conversations_come_back_once_it_answers_a_check(world: World) -> None:
    dead = world.rasas[1]
    someone = world.someone_of(dead)
    dead.failure = AssistantRefusedError("nobody listens")
    world.ask(someone)
    dead.failure = AssistantUnavailableError("status 503")  # it listens, and has no model yet
    world.look()
    assert world.ask(someone) != dead.url
    dead.failure = AssistantSlowError("ReadTimeout")
    world.look()
    assert world.states()[1] == "down", "who was down must answer, not only take a connection"
    dead.failure = None
    world.look()
    assert world.ask(someone) == dead.url


@pytest.mark.parametrize("error", [AssistantSlowError, AssistantUnavailableError, AssistantConfusedError])
def test_what_is_not_a_refusal_never_moves_a_conversation(world: World, error: Callable[[str], AssistantError]) -> None:
    slow = world.rasas[2]
    someone = world.someone_of(slow)
    slow.failure = error("seen")
    for _ in range(3):
        with pytest.raises(type(slow.failure)):
            world.ask(someone)
    slow.failure = None
    assert world.ask(someone) == slow.url


def test_a_slow_check_is_shown_and_moves_nothing(world: World) -> None:
    slow = world.rasas[0]
    someone = world.someone_of(slow)
    slow.failure = AssistantSlowError("ReadTimeout")
    world.look()
    assert world.states() == ["slow", "up", "up"]
    slow.failure = None
    assert world.ask(someone) == slow.url


def test_a_turn_that_timed_out_on_a_substitute_is_asked_for_there_though_its_own_rasa_is_back(world: World) -> None:
    home = world.rasas[0]
    someone = world.someone_of(home)
    home.failure = AssistantRefusedError("nobody listens")
    substitute = next(rasa for rasa in world.rasas if rasa.url == world.ask(someone))
    substitute.failure = AssistantSlowError("ReadTimeout")
    with pytest.raises(AssistantSlowError):
        world.ask(someone)
    home.failure = substitute.failure = None
    world.look()
    assert world.ask(someone) == substitute.url, "the turn may still be under way there"
    assert world.ask(someone) == home.url


def test_a_substitute_that_dies_with_a_turn_holds_nobody(world: World) -> None:
    home = world.rasas[0]
    someone = world.someone_of(home)
    home.failure = AssistantRefusedError("nobody listens")
    substitute = next(rasa for rasa in world.rasas if rasa.url == world.ask(someone))
    substitute.failure = AssistantUnavailableError("ConnectionError")
    with pytest.raises(AssistantUnavailableError):
        world.ask(someone)
    substitute.failure = AssistantRefusedError("nobody listens")
    assert world.ask(someone) not in (home.url, substitute.url)


def test_with_all_down_the_question_is_refused_and_each_was_tried(world: World) -> None:
    for rasa in world.rasas:
        rasa.failure = AssistantRefusedError("nobody listens")
    someone = conversation(State.WITH_ASSISTANT)
    for times in (1, 2):
        with pytest.raises(AssistantRefusedError):
            world.ask(someone)
        assert [len(rasa.asked) for rasa in world.rasas] == [times] * 3
    world.rasas[1].failure = None
    assert world.ask(someone) == URLS[1], "no check need come first"
    assert world.states() == ["down", "up", "down"]


def test_no_rasa_at_all_is_refused() -> None:
    with pytest.raises(AssistantRefusedError):
        Shards([], Metrics()).ask(conversation(State.WITH_ASSISTANT), HELLO)


def test_operators_can_count_failures_and_see_each_rasa(world: World) -> None:
    someone = world.someone_of(world.rasas[0])
    for rasa, error in zip(world.rasas, (AssistantRefusedError("r"), *[AssistantSlowError("s")] * 2), strict=True):
        rasa.failure = error
    with pytest.raises(AssistantSlowError):
        world.ask(someone)
    page = world.metrics.page({}).decode()
    assert 'frontdesk_assistant_failures_total{kind="refused"} 1.0' in page
    assert 'frontdesk_assistant_failures_total{kind="slow"} 1.0' in page
    assert 'frontdesk_rasa_up{url="http://a:1"} 0.0' in page
    assert 'frontdesk_rasa_up{url="http://b:2"} 1.0' in page


def test_each_rasa_is_looked_after_by_a_thread_of_its_own_that_nothing_ends() -> None:
    rasas = [FakeRasa(url) for url in URLS]
    rasas[0].failure = ValueError("what nobody foresaw")  # type: ignore[assignment]
    shards = Shards(rasas, Metrics())
    assert [shard.state for shard in shards.all] == [ShardState.DOWN] * 3, "nobody has asked yet"
    shards.start()
    assert all(rasa.checked.wait(10) for rasa in rasas)
    rasas[0].failure = None
    rasas[0].checked.clear()
    assert rasas[0].checked.wait(10)
    shards.stop()
    assert [shard.state for shard in shards.all] == [ShardState.UP] * 3
