"""Two at once on a real PostgreSQL: of two agents one wins, and agent and assistant never both speak."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import structlog
from sqlalchemy import Engine

from business.model import Business
from handoff_bridge.answering import Wanted
from handoff_bridge.errors import AlreadyMovedError
from handoff_bridge.handoffs import HandoffDraft
from handoff_bridge.messages import Author
from handoff_bridge.model import Conversation, Move, Mover, Who, move
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store
from handoff_bridge.storage import PostgresStore
from handoff_bridge.turns import Turn, TurnState
from tests.integration.bridge_machine.assistant import Script
from tests.integration.bridge_machine.customers import petition
from tests.integration.bridge_machine.house import House
from tests.integration.bridge_machine.laws import with_agents
from tests.integration.bridge_machine.rows import read_rows
from tests.integration.bridge_store.making import NOW, SALES, asked, begun, hired, met, opened
from tests.integration.bridge_store.store_world import PATIENCE, PostgresWorld

pytestmark = pytest.mark.timeout(900)  # so many races take their time where everything else does

ACCEPTED, ANSWERED = 1000, 300  # races
DONE, DROPPED = TurnState.DONE, TurnState.DROPPED


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nobody reads the log of thousands of moves."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def house(engine: Engine, magnolia: Business) -> House:
    return House(PostgresWorld(PostgresStore(engine), engine), magnolia, bridges=1)


def test_of_two_agents_who_accept_at_once_one_wins_and_the_other_is_told_who(house: House) -> None:
    store = house.world.store
    agents = [hired(store, name, capacity=ACCEPTED) for name in ("Sam", "Jo")]
    waiting = [in_line(store) for _ in range(ACCEPTED)]

    def accept(agent: Agent, conversation: Conversation) -> str | None:
        """How the agent was refused."""
        try:
            wanted = Wanted(Move.ACCEPT, conversation.epoch)
            house.bridges[0].answering.move(agent, conversation.id, wanted)
        except AlreadyMovedError as error:
            return str(error)
        return None

    refusals = in_step(waiting, *(partial(accept, agent) for agent in agents))
    with store.begin() as t:
        held = [t.conversations.find(conversation.id) for conversation in waiting]
    by_id = {agent.id: agent for agent in agents}
    for conversation, told in zip(held, refusals, strict=True):
        assert conversation is not None
        assert conversation.epoch == 2
        winner = by_id[conversation.agent_id or 0]
        loser = agents.index(winner) - 1
        assert told[agents.index(winner)] is None
        assert told[loser] == f"{winner.name} was faster: the conversation is with_agent now."
    winners = {conversation.agent_id for conversation in held if conversation}
    assert winners == set(by_id), "nobody ever lost, so there was no race"


def test_an_answer_is_heard_before_an_agent_comes_or_not_at_all(house: House) -> None:
    store, bridge, assistant = house.world.store, house.bridges[0], house.assistant
    sam = hired(store, "Sam", capacity=ANSWERED)
    turns = [next_turn(house) for _ in range(ANSWERED)]

    def answer(turn: Turn) -> None:
        assistant.follow(Script(), partial(petition, bridge))
        bridge.delivery.work(turn)

    def take_over(turn: Turn) -> None:
        bridge.answering.reply(sam, turn.conversation.id, f"reply-{turn.id}", "I am a person")

    in_step(turns, answer, take_over)
    talks = [read_rows(house.world, store, turn.conversation.id) for turn in turns]
    for rows in talks:
        (with_sam,) = with_agents(rows)
        said = rows.by(Author.ASSISTANT)
        assert not any(message in with_sam for message in said)
        assert [turn.state for turn in rows.turns if turn.message_id] == [DONE if said else DROPPED]
    heard = sum(bool(rows.by(Author.ASSISTANT)) for rows in talks)
    assert 0 < heard < ANSWERED, "one of them always came first, so there was no race"


def in_line(store: Store) -> Conversation:
    """A conversation that waits, with its handoff, in one transaction."""
    with store.begin() as t:
        conversation = t.conversations.lock_or_open(begun(met(t)))
        waiting, transition = move(conversation, Move.REQUEST, Who(Mover.ASSISTANT), NOW, handoff=SALES)
        t.conversations.move(waiting, transition)
        t.handoffs.open(waiting, HandoffDraft(SALES, waiting.epoch, "assistant", NOW, {}))
    return waiting


def next_turn(house: House) -> Turn:
    """What a new customer said, taken by a worker."""
    store = house.world.store
    asked(store, opened(store))
    turn = house.bridges[0].delivery.claim()
    assert turn is not None
    return turn


def in_step[T, R](rounds: Sequence[T], *racers: Callable[[T], R]) -> list[list[R]]:
    """What the racers give in each round, which all of them begin at the same moment."""
    start = threading.Barrier(len(racers), timeout=PATIENCE)

    def run(racer: Callable[[T], R]) -> list[R]:
        given = []
        for one in rounds:
            start.wait()
            given.append(racer(one))
        return given

    with ThreadPoolExecutor(len(racers)) as many:
        results = list(many.map(run, racers))
    return [list(given) for given in zip(*results, strict=True)]
