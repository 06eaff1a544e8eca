"""What must be true of a conversation after every step, read off its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from handoff_bridge.messages import Author, Message
from handoff_bridge.model import ASSISTANT_SPEAKS, TABLE, State
from handoff_bridge.turns import TurnState
from tests.integration.bridge_machine.assistant import Asking, Says
from tests.integration.bridge_machine.rows import Rows

JOINED = ("agent_joined",)
LEFT = ("returned", "returned_in_booking", "transferred", "requeued", "resolved")
_FOREVER = 10**18


@dataclass(frozen=True)
class Span:
    """A stretch of a conversation between the ids of two messages."""

    first: int
    last: int

    def __contains__(self, message: object) -> bool:
        return isinstance(message, Message) and self.first < message.id < self.last


def check(rows: Rows, accepted: Sequence[Message], askings: Sequence[Asking]) -> None:
    """Every law. `accepted` are the customer's messages as they were acknowledged."""
    every_accepted_message_is_there_once_and_in_order(rows, accepted)
    every_move_is_of_the_table(rows)
    the_row_says_what_the_last_move_said(rows)
    the_assistant_is_silent_while_an_agent_speaks(rows)
    nothing_said_to_an_agent_reaches_the_assistant(rows, askings)
    a_message_has_one_answer(rows, askings)
    what_waits_for_the_assistant_is_what_it_may_answer(rows)
    the_front_desk_answers_what_it_takes_for_itself(rows)
    a_handoff_is_open_while_somebody_is_wanted_or_there(rows)
    an_offer_is_open_only_while_somebody_is_wanted(rows)
    what_was_given_up_is_not_answered(rows)


def every_accepted_message_is_there_once_and_in_order(rows: Rows, accepted: Sequence[Message]) -> None:
    stored = [(message.id, message.text, message.source_id, message.payload) for message in rows.by(Author.CUSTOMER)]
    assert stored == [(message.id, message.text, message.source_id, message.payload) for message in accepted]
    ids = [message.id for message in rows.messages]
    assert ids == sorted(set(ids))


def every_move_is_of_the_table(rows: Rows) -> None:
    assert [transition.epoch for transition in rows.transitions] == list(range(1, len(rows.transitions) + 1))
    before = State.WITH_ASSISTANT
    for transition in rows.transitions:
        rule = TABLE[before, transition.move]
        assert (transition.before, transition.after) == (before, rule.after)
        assert transition.who.kind in rule.movers
        before = transition.after
    times = [transition.at for transition in rows.transitions]
    assert times == sorted(times)


def the_row_says_what_the_last_move_said(rows: Rows) -> None:
    now = rows.conversation
    last = rows.transitions[-1] if rows.transitions else None
    assert now.epoch == len(rows.transitions)
    assert now.state is (last.after if last else State.WITH_ASSISTANT)
    assert now.agent_id == (last.who.agent_id if last and now.state is State.WITH_AGENT else None)
    assert now.waiting_since == (last.at if last and now.state is State.WAITING else None)
    if now.state is State.WAITING:
        assert now.handoff is not None
    if now.state is State.WITH_ASSISTANT:
        assert now.handoff is None
    if now.state not in ASSISTANT_SPEAKS:
        assert now.noticed_at is None


def the_assistant_is_silent_while_an_agent_speaks(rows: Rows) -> None:
    for silent in (*with_agents(rows), *resolved(rows)):
        assert [message.text for message in rows.by(Author.ASSISTANT) if message in silent] == []


def nothing_said_to_an_agent_reaches_the_assistant(rows: Rows, askings: Sequence[Asking]) -> None:
    to_agents = _to_agents(rows)
    assert not to_agents & rows.turned
    assert not to_agents & {asking.message.id for asking in askings}


def a_message_has_one_answer(rows: Rows, askings: Sequence[Asking]) -> None:
    failed = {said.occasion for said in rows.phrases if said.name == "failed"}
    for question, said in _answers(rows).items():
        numbers = {message.text.split(",")[0] for message in said}
        assert len(numbers) == 1, f"{question} was answered twice: {numbers}"
        asking = askings[int(numbers.pop().removeprefix("answer ")) - 1]
        assert asking.message.id == question < said[0].id
        assert len(said) == asking.parts
        assert (str(question) in failed) == (asking.script.says is Says.ERROR)


def what_waits_for_the_assistant_is_what_it_may_answer(rows: Rows) -> None:
    assert sum(turn.state is TurnState.WORKING for turn in rows.turns) <= 1
    if rows.conversation.state not in ASSISTANT_SPEAKS:
        untaken = [turn for turn in rows.turns if turn.is_open and turn.message_id and turn.epoch is None]
        assert untaken == []


def the_front_desk_answers_what_it_takes_for_itself(rows: Rows) -> None:
    """What is neither the assistant's nor an agent's is heard by the front desk itself, which says so at once."""
    ours = {message.id for message in rows.by(Author.CUSTOMER)} - rows.turned - _to_agents(rows)
    for message, following in pairwise((*rows.messages, None)):
        if message is not None and message.id in ours:
            assert following is not None, f"nobody answers {message.text}"
            assert following.author is Author.SYSTEM


def a_handoff_is_open_while_somebody_is_wanted_or_there(rows: Rows) -> None:
    now, handoff, assignment = rows.conversation, rows.handoff, rows.assignment
    assert (handoff is not None) == (now.state in (State.WAITING, State.WITH_AGENT))
    assert (handoff.accepted_by if handoff else None) == now.agent_id
    is_held = assignment is not None and assignment.ended_at is None
    assert (assignment.agent_id if assignment and is_held else None) == now.agent_id
    if handoff and assignment and is_held:
        assert assignment.handoff_id == handoff.id


def an_offer_is_open_only_while_somebody_is_wanted(rows: Rows) -> None:
    if rows.offer is not None:
        assert rows.conversation.state is State.WAITING
        assert rows.offer.epoch == rows.conversation.epoch


def what_was_given_up_is_not_answered(rows: Rows) -> None:
    """Whoever was told that a person will answer hears no late words of the assistant to what they said before."""
    for told in (said.message.id for said in rows.phrases if said.name == "assistant_unavailable"):
        for question, answer in _answers(rows).items():
            assert not question < told < answer[0].id


def with_agents(rows: Rows) -> Iterator[Span]:
    """From each time an agent has joined until they have left."""
    yield from _spans(rows, State.WITH_AGENT, JOINED, LEFT)


def resolved(rows: Rows) -> Iterator[Span]:
    """From each end of a conversation until its customer writes to the assistant again."""
    for epoch in (transition.epoch for transition in rows.transitions if transition.after is State.RESOLVED):
        closed = rows.phrase_of_move(epoch, "resolved")
        assert closed is not None, "a customer was not told that the conversation is closed"
        again = next((message_id for message_id in sorted(rows.turned) if message_id > closed.id), _FOREVER)
        yield Span(closed.id, again)


def _spans(rows: Rows, state: State, entry: Sequence[str], leaving: Sequence[str]) -> Iterator[Span]:
    """From entering a state to leaving it; whoever writes in between must have been told of both."""
    for came, went in pairwise((*rows.transitions, None)):
        if came is None or came.after is not state:
            continue
        first = rows.phrase_of_move(came.epoch, *entry)
        assert first is not None, f"a customer was not told of {came}"
        last = rows.phrase_of_move(went.epoch, *leaving) if went else None
        assert last is not None or went is None, f"a customer was not told of {went}"
        yield Span(first.id, last.id if last else _FOREVER)


def _to_agents(rows: Rows) -> set[int]:
    return {message.id for span in with_agents(rows) for message in rows.by(Author.CUSTOMER) if message in span}


def _answers(rows: Rows) -> dict[int, list[Message]]:
    """What the assistant said by the message that it answers."""
    found: dict[int, list[Message]] = {}
    for message in rows.by(Author.ASSISTANT):
        found.setdefault(int(message.source_id.split(":")[0]), []).append(message)
    return found
