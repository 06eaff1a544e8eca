"""Who speaks: every state, every move, every mover."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from handoff_bridge.errors import IllegalMoveError, NotYourMoveError
from handoff_bridge.model import Conversation, Handoff, Move, Mover, State, Urgency, Who, move

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
ANA, BEN = 1, 2
SALES = Handoff("sales", Urgency.HIGH, "asked for a person")

LAW = {
    (State.WITH_ASSISTANT, Move.REQUEST): (State.WAITING, {Mover.ASSISTANT, Mover.TRIGGER, Mover.ADMINISTRATOR}),
    (State.WITH_ASSISTANT, Move.TAKE_OVER): (State.WITH_AGENT, {Mover.AGENT, Mover.ADMINISTRATOR}),
    (State.WAITING, Move.ACCEPT): (State.WITH_AGENT, {Mover.AGENT, Mover.ADMINISTRATOR, Mover.ROUTER}),
    (State.WAITING, Move.WITHDRAW): (State.WITH_ASSISTANT, {Mover.CUSTOMER}),
    (State.WAITING, Move.EXPIRE): (State.WITH_ASSISTANT, {Mover.CLOCK}),
    (State.WITH_AGENT, Move.TRANSFER): (State.WAITING, {Mover.AGENT, Mover.ADMINISTRATOR}),
    (State.WITH_AGENT, Move.REQUEUE): (State.WAITING, {Mover.CLOCK}),
    (State.WITH_AGENT, Move.RETURN): (State.WITH_ASSISTANT, {Mover.AGENT, Mover.ADMINISTRATOR}),
    (State.WITH_ASSISTANT, Move.RESOLVE): (State.RESOLVED, {Mover.AGENT, Mover.ADMINISTRATOR, Mover.CLOCK}),
    (State.WAITING, Move.RESOLVE): (State.RESOLVED, {Mover.AGENT, Mover.ADMINISTRATOR, Mover.CLOCK}),
    (State.WITH_AGENT, Move.RESOLVE): (State.RESOLVED, {Mover.AGENT, Mover.ADMINISTRATOR, Mover.CLOCK}),
    (State.RESOLVED, Move.REOPEN): (State.WITH_ASSISTANT, {Mover.CUSTOMER}),
}


def conversation(state: State) -> Conversation:
    return Conversation(
        id="c1",
        account_id=1,
        contact_id=1,
        channel="website",
        language="en",
        state=state,
        epoch=7,
        agent_id=ANA if state is State.WITH_AGENT else None,
        waiting_since=EARLIER if state is State.WAITING else None,
        handoff=SALES if state in (State.WAITING, State.WITH_AGENT) else None,
        noticed_at=EARLIER,
        read_up_to=0,
        created_at=EARLIER,
        updated_at=EARLIER,
    )


@pytest.mark.parametrize(("state", "what", "mover"), list(itertools.product(State, Move, Mover)))
def test_the_table_is_the_whole_law(state: State, what: Move, mover: Mover) -> None:
    who = Who(mover, ANA if mover in (Mover.AGENT, Mover.ADMINISTRATOR, Mover.ROUTER) else None)
    before = conversation(state)
    if (state, what) not in LAW:
        with pytest.raises(IllegalMoveError):
            move(before, what, who, NOW, handoff=SALES)
        return
    to, movers = LAW[state, what]
    if mover not in movers:
        with pytest.raises(NotYourMoveError):
            move(before, what, who, NOW, handoff=SALES)
        return
    after, transition = move(before, what, who, NOW, handoff=SALES, reason="because")
    assert after.state is to
    assert (after.epoch, transition.epoch) == (8, 8)
    assert (after.agent_id is not None) == (to is State.WITH_AGENT)
    assert after.waiting_since == (NOW if to is State.WAITING else None)
    assert (transition.before, transition.after, transition.move) == (state, to, what)
    assert (transition.who, transition.reason, transition.at) == (who, "because", NOW)


def test_a_return_forgets_why_a_person_was_wanted() -> None:
    after, _ = move(conversation(State.WITH_AGENT), Move.RETURN, Who(Mover.AGENT, ANA), NOW)
    assert after.handoff is None


def test_a_requeued_conversation_waits_for_the_same_department() -> None:
    after, _ = move(conversation(State.WITH_AGENT), Move.REQUEUE, Who(Mover.CLOCK), NOW)
    assert after.handoff == SALES


def test_a_transfer_says_for_whom() -> None:
    service = Handoff("service", wanted_agent_id=BEN)
    after, _ = move(conversation(State.WITH_AGENT), Move.TRANSFER, Who(Mover.AGENT, ANA), NOW, handoff=service)
    assert after.handoff == service


@pytest.mark.parametrize("what", [Move.TRANSFER, Move.RETURN, Move.RESOLVE])
def test_an_agent_does_not_move_what_another_agent_holds(what: Move) -> None:
    with pytest.raises(NotYourMoveError):
        move(conversation(State.WITH_AGENT), what, Who(Mover.AGENT, BEN), NOW, handoff=SALES)
    after, _ = move(conversation(State.WITH_AGENT), what, Who(Mover.ADMINISTRATOR, BEN), NOW, handoff=SALES)
    assert after.epoch == 8


def test_when_an_agent_takes_the_voice_the_slow_assistant_is_forgotten() -> None:
    taken, _ = move(conversation(State.WITH_ASSISTANT), Move.TAKE_OVER, Who(Mover.AGENT, ANA), NOW)
    waiting, _ = move(conversation(State.WITH_ASSISTANT), Move.REQUEST, Who(Mover.TRIGGER), NOW, handoff=SALES)
    assert taken.noticed_at is None
    assert waiting.noticed_at == EARLIER
