"""Use cases of the bridge on a store in memory: what goes wrong has a name, and nobody is left without a word."""

from datetime import timedelta

import pytest

from business.model import Business
from handoff_bridge.answering import Wanted
from handoff_bridge.entrance import SESSION
from handoff_bridge.errors import (
    AlreadyMovedError,
    FieldInvalidError,
    LoggedOutError,
    LoginFailedError,
    TooManyLoginsError,
)
from handoff_bridge.messages import Author
from handoff_bridge.model import Conversation, Move, State
from handoff_bridge.people import ABSENT_AFTER, Agent
from handoff_bridge.services import Services
from tests.fake_store import FakeStore
from tests.integration.bridge_machine.assistant import Asks, Says, Script
from tests.integration.bridge_machine.customers import petition
from tests.integration.bridge_machine.house import QUICK_HASHER, House, staff
from tests.integration.bridge_machine.rows import Rows, read_rows
from tests.integration.bridge_store.store_world import FakeWorld


@pytest.fixture(scope="module")
def one_house(magnolia: Business) -> House:
    return House(FakeWorld(FakeStore()), magnolia, bridges=1)


@pytest.fixture
def house(one_house: House) -> House:
    one_house.clear()
    return one_house


@pytest.fixture
def bridge(house: House) -> Services:
    return house.bridges[0]


@pytest.fixture
def agents(house: House, bridge: Services) -> dict[str, Agent]:
    """Everybody, and all are there."""
    found = staff(house.store)
    for agent in found.values():
        bridge.desk.seen(agent)
    return found


def rows(house: House, conversation_id: str) -> Rows:
    return read_rows(house.world, house.store, conversation_id)


def written(bridge: Services, visitor: str = "visitor-1") -> str:
    """The id of the conversation of somebody who has just written."""
    return bridge.visitors.send(visitor, "message-1", "hello", token=None).message.conversation_id


def work(house: House, script: Script) -> None:
    """A worker works the next turn as the script wants it."""
    bridge = house.bridges[0]
    house.assistant.follow(script, lambda conversation_id, asks: petition(bridge, conversation_id, asks))
    turn = bridge.delivery.claim()
    assert turn is not None
    bridge.delivery.work(turn)


def test_what_a_vanished_agent_had_taken_over_waits_for_their_colleagues(
    house: House, bridge: Services, agents: dict[str, Agent]
) -> None:
    conversation_id = written(bridge)
    bridge.answering.reply(agents["jo"], conversation_id, "reply-1", "I can help")
    house.pass_time(ABSENT_AFTER.total_seconds() + 1)
    bridge.clockwork.requeue()
    waiting = rows(house, conversation_id).conversation
    assert (waiting.state, waiting.handoff and waiting.handoff.department) == (State.WAITING, "service")


def test_who_waits_is_told_of_it_when_the_words_about_it_are_lost(house: House, bridge: Services) -> None:
    """The assistant asks for a person, and is gone before it can say so."""
    conversation_id = written(bridge)
    work(house, Script(Says.UNAVAILABLE, (Asks.REQUEST,)))
    house.pass_time(bridge.business.handoff.give_up_seconds + 1)
    bridge.clockwork.tick()
    found = rows(house, conversation_id)
    assert found.conversation.state is State.WAITING
    assert "assistant_unavailable" in {phrase.name for phrase in found.phrases}


def test_a_wrong_epoch_of_what_nobody_has_moved_is_refused(bridge: Services, agents: dict[str, Agent]) -> None:
    conversation_id = written(bridge)
    with pytest.raises(AlreadyMovedError):
        bridge.answering.move(agents["sam"], conversation_id, Wanted(Move.TAKE_OVER, epoch=7))


def test_the_id_of_an_answer_elsewhere_is_refused_and_nothing_moves(
    house: House, bridge: Services, agents: dict[str, Agent]
) -> None:
    first, second = written(bridge, "visitor-1"), written(bridge, "visitor-2")
    bridge.answering.reply(agents["sam"], first, "reply-1", "I can help")
    before: Conversation = rows(house, second).conversation
    with pytest.raises(FieldInvalidError):
        bridge.answering.reply(agents["sam"], second, "reply-1", "and you as well")
    after = rows(house, second)
    assert after.conversation == before
    assert after.by(Author.AGENT) == []


def test_an_agent_is_in_for_twelve_hours_or_until_they_leave(house: House, bridge: Services) -> None:
    known = staff(house.store)["sam"]
    with house.store.begin() as t:
        t.agents.set_password(known.id, QUICK_HASHER.hash("right"))
    stays, leaves = (bridge.entrance.log_in(" SAM@x.example ", "right") for _ in range(2))
    bridge.entrance.log_out(leaves.token)
    assert bridge.entrance.agent(stays.token) == known
    for token in (leaves.token, "made up", None):
        with pytest.raises(LoggedOutError):
            bridge.entrance.agent(token)
    house.pass_time(SESSION.total_seconds())
    with pytest.raises(LoggedOutError):
        bridge.entrance.agent(stays.token)


def test_after_ten_wrong_passwords_the_address_must_wait(house: House, bridge: Services) -> None:
    staff(house.store)
    for _ in range(10):
        with pytest.raises(LoginFailedError):
            bridge.entrance.log_in("sam@x.example", "wrong")
    with pytest.raises(TooManyLoginsError):
        bridge.entrance.log_in("sam@x.example", "wrong")
    with pytest.raises(LoginFailedError):
        bridge.entrance.log_in("jo@x.example", "wrong")
    house.pass_time(timedelta(minutes=15).total_seconds())
    bridge.clockwork.tidy()
    with pytest.raises(LoginFailedError):
        bridge.entrance.log_in("sam@x.example", "wrong")
