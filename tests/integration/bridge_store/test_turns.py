"""Turns, their leases and their order, in any store."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from handoff_bridge.model import Move
from handoff_bridge.ports import Store
from handoff_bridge.turns import Turn, TurnState
from tests.integration.bridge_store.making import NOW, asked, hired, moved, opened, taken
from tests.integration.bridge_store.store_world import REFUSALS, World

type PassTime = Callable[[float], None]


def claimed(store: Store, lease: str = "worker:9") -> Turn | None:
    with store.begin() as t:
        return t.turns.claim(lease, 60)


def finished(store: Store, turn: Turn, state: TurnState = TurnState.DONE) -> None:
    with store.begin() as t:
        t.turns.finish(turn, state)


def test_a_turn_carries_its_message_and_the_conversation_as_it_is_now(store: Store) -> None:
    conversation = opened(store)
    message = asked(store, conversation)
    now = moved(store, conversation, Move.REQUEST)
    turn = taken(store, "me:1")
    assert (turn.conversation, turn.message, turn.events) == (now, message, ())
    assert (turn.epoch, turn.lease, turn.attempts) == (1, "me:1", 1)


def test_an_echo_carries_its_events(store: Store) -> None:
    events = ({"event": "pause"}, {"event": "slot", "name": "email", "value": ["a", 1, None]})
    conversation = opened(store)
    with store.begin() as t:
        t.turns.add_events(conversation, events)
    turn = taken(store)
    assert (turn.message, turn.events) == (None, events)


def test_workers_share_the_turns_and_never_one_conversation(store: Store) -> None:
    conversations = [opened(store) for _ in range(5)]
    for words, conversation in itertools.product(("one", "two"), conversations):
        asked(store, conversation, words)

    def claim(number: int) -> str | None:
        turn = claimed(store, f"worker:{number}")
        return f"{turn.conversation.id} {turn.message.text}" if turn and turn.message else None

    with ThreadPoolExecutor(10) as many:
        found = [claim for claim in many.map(claim, range(20)) if claim]
    assert sorted(found) == sorted(f"{conversation.id} one" for conversation in conversations)


def test_one_conversations_turns_come_in_order_and_one_at_a_time(store: Store, pass_time: PassTime) -> None:
    conversation = opened(store)
    first = asked(store, conversation, "first")
    with store.begin() as t:
        t.turns.add_events(conversation, [{"event": "pause"}])
    last = asked(store, conversation, "last")
    turn = taken(store)
    assert turn.message == first
    assert claimed(store) is None
    with store.begin() as t:
        t.turns.retry(turn, 1)
    assert claimed(store) is None
    pass_time(1.5)
    again = taken(store)
    assert (again.id, again.attempts) == (turn.id, 2)
    finished(store, again)
    echo = taken(store)
    assert echo.message is None
    finished(store, echo)
    assert taken(store).message == last


def test_the_oldest_turn_that_is_due_comes_first(store: Store) -> None:
    messages = [asked(store, opened(store), str(number)) for number in range(3)]
    assert [taken(store, f"worker:{number}").message for number in range(3)] == messages


def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_has_lost_it(store: Store, pass_time: PassTime) -> None:
    asked(store, opened(store))
    first = taken(store, "dead:1", 15)
    pass_time(14)
    assert claimed(store) is None
    pass_time(2)
    second = taken(store, "alive:1")
    assert (first.id, second.attempts) == (second.id, 2)
    with store.begin() as t:
        assert t.turns.hold(first) is None
        assert t.turns.hold(second) == 0
        t.turns.finish(second, TurnState.DONE)
        assert t.turns.hold(second) is None
        assert t.turns.claim("alive:2", 60) is None


def test_a_living_process_keeps_its_leases_and_only_those(store: Store, pass_time: PassTime) -> None:
    for _ in range(2):
        asked(store, opened(store))
    _, theirs = taken(store, "me:1", 15), taken(store, "me_too:1", 15)
    pass_time(20)
    with store.begin() as t:
        t.turns.renew("me:", 15)
    assert taken(store, "other:1").id == theirs.id
    assert claimed(store) is None


def test_the_epoch_of_a_turn_is_that_of_its_first_taking(store: Store, pass_time: PassTime) -> None:
    conversation = opened(store)
    asked(store, conversation)
    taken(store, "dead:1", 1)
    now = moved(store, moved(store, conversation, Move.TAKE_OVER, hired(store)), Move.REQUEUE)
    pass_time(2)
    again = taken(store)
    assert (again.epoch, again.conversation) == (0, now)


def test_the_epoch_in_flight_is_that_of_a_message_a_worker_has(store: Store) -> None:
    conversation = opened(store)
    with store.begin() as t:
        t.turns.add_events(conversation, [{"event": "pause"}])
    asked(store, conversation)

    def in_flight() -> int | None:
        with store.begin() as t:
            return t.turns.epoch_in_flight(conversation.id)

    echo = taken(store)
    assert in_flight() is None
    finished(store, echo)
    assert in_flight() is None
    turn = taken(store)
    assert in_flight() == 0
    finished(store, turn)
    assert in_flight() is None


def test_open_turns_are_carried_from_one_epoch_to_the_next(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    asked(store, conversation)
    turn = taken(store)
    asked(store, conversation)
    asked(store, other)
    theirs = taken(store, "worker:2")
    with store.begin() as t:
        t.turns.carry(conversation.id, 0, 1)
        t.turns.carry(conversation.id, 0, 9)
        assert t.turns.hold(turn) == 1
        assert t.turns.hold(theirs) == 0
        t.turns.finish(turn, TurnState.DONE)
        t.turns.carry(conversation.id, 1, 2)
    assert taken(store).epoch == 0


@pytest.mark.parametrize("with_taken", [False, True])
def test_settling_ends_the_messages_that_wait_and_those_taken_when_told(store: Store, with_taken: bool) -> None:
    conversation = opened(store)
    asked(store, conversation)
    turn = taken(store)
    asked(store, conversation)
    with store.begin() as t:
        t.turns.add_events(conversation, [{"event": "pause"}])
    with store.begin() as t:
        t.turns.settle_open(conversation.id, TurnState.GIVEN_UP, taken=with_taken)
        assert (t.turns.hold(turn) is None) is with_taken
        t.turns.finish(turn, TurnState.DONE)
    assert taken(store).events == ({"event": "pause"},)


def test_a_late_answer_is_noted_with_a_turn_that_was_settled_without_one(world: World) -> None:
    store = world.store
    for settled_with in (None, {"error": "broken"}):
        asked(store, opened(store))
        turn = taken(store)
        with store.begin() as t:
            t.turns.note_late(turn, {"reason": "too early"})
            t.turns.finish(turn, TurnState.FAILED, settled_with)
            t.turns.note_late(turn, {"reason": "late"})
            t.turns.note_late(turn, {"reason": "later"})
    assert [(row.state, row.note) for row in world.turns()] == [
        (TurnState.FAILED, {"reason": "late"}),
        (TurnState.FAILED, {"error": "broken"}),
    ]


def test_a_message_is_overdue_until_it_is_settled(store: Store, pass_time: PassTime) -> None:
    conversation, told = opened(store), opened(store)
    asked(store, conversation)
    asked(store, told)
    with store.begin() as t:
        t.turns.add_events(conversation, [{"event": "pause"}])
        t.conversations.notice(told.id, NOW)
        assert t.turns.overdue(5, unnoticed=False) == []
        assert not t.turns.is_overdue(conversation.id, 5)
    pass_time(6)
    with store.begin() as t:
        assert set(t.turns.overdue(5, unnoticed=False)) == {conversation.id, told.id}
        assert list(t.turns.overdue(5, unnoticed=True)) == [conversation.id]
        assert t.turns.is_overdue(conversation.id, 5)
        assert not t.turns.is_overdue(conversation.id, 60)
        t.turns.settle_open(conversation.id, TurnState.DROPPED, taken=True)
        assert list(t.turns.overdue(5, unnoticed=False)) == [told.id]
        assert not t.turns.is_overdue(conversation.id, 5)


def test_nobody_waits_for_the_assistant_where_an_agent_speaks(store: Store, pass_time: PassTime) -> None:
    conversation = opened(store)
    asked(store, conversation)
    moved(store, conversation, Move.TAKE_OVER, hired(store))
    pass_time(6)
    with store.begin() as t:
        assert t.turns.overdue(5, unnoticed=False) == []
        assert t.turns.is_overdue(conversation.id, 5)


def test_a_message_has_one_turn(store: Store) -> None:
    conversation = opened(store)
    message = asked(store, conversation)
    with pytest.raises(REFUSALS), store.begin() as t:
        t.turns.add_message(message, conversation)
