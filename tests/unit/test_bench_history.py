"""The history check sees each thing that may not happen in a history made by hand, and nothing in one that is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bench.history_check import Kind, Moved, Said, Sent, Talk, check
from bench.history_plan import Manner, Plan, plan
from bench.history_rows import MessageRow, MoveRow, check_rows
from bench.history_world import names

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def customer(id: int, message_id: str) -> Said:
    return Said(id, "customer", "hello", at(id), message_id=message_id)


def assistant(id: int, text: str = "Hello!", *buttons: str) -> Said:
    return Said(id, "assistant", text, at(id), buttons=buttons)


def agent(id: int, message_id: str) -> Said:
    return Said(id, "agent", "Sam here", at(id), message_id=message_id)


def system(id: int) -> Said:
    return Said(id, "system", "Sam has joined the conversation.", at(id))


def sent(message_id: str, began: float, acked: float | None, *, alone: bool = False) -> Sent:
    return Sent(message_id, began, acked, alone)


def seen(*said: Said, **more: object) -> Talk:
    """A conversation that both doors show like that, and that was heard like that."""
    talk = Talk("c", sent=(), replies=(), heard=[one.id for one in said], shown=said, inbox=said, moves=())
    return replace(talk, **more)  # type: ignore[arg-type]


RIGHT = seen(
    customer(1, "a"),
    assistant(2, "Hello!", "1:0:0"),
    customer(3, "b"),
    system(4),
    agent(5, "s1"),
    customer(6, "c"),
    agent(7, "s2"),
    system(8),
    customer(9, "d"),
    assistant(10),
    sent=(sent("a", 0, 1, alone=True), sent("b", 2, 3, alone=True), sent("c", 4, 5), sent("d", 6, 7)),
    replies=(sent("s1", 3.5, 3.6), sent("s2", 5.1, 5.2), sent("refused", 5.3, None)),
    moves=(Moved("take_over", "with_assistant", "with_agent", at(3.9)), Moved("return", "with_agent", "x", at(7.9))),
)


def kinds(talk: Talk) -> set[Kind]:
    return {violation.kind for violation in check(talk)}


def without(talk: Talk, id: int) -> Talk:
    left = [said for said in talk.shown if said.id != id]
    return replace(talk, shown=left, inbox=left, heard=[said.id for said in left])


def test_a_history_that_is_right_has_no_violation() -> None:
    assert check(RIGHT) == []


@pytest.mark.parametrize("id", [1, 3, 6, 9])
def test_an_acknowledged_message_that_is_not_there_is_lost(id: int) -> None:
    assert kinds(without(RIGHT, id)) == {Kind.LOST}


def test_an_agents_acknowledged_answer_that_is_not_there_is_lost() -> None:
    assert kinds(without(RIGHT, 5)) == {Kind.LOST}


def test_a_message_never_acknowledged_may_be_there_or_not() -> None:
    assert check(replace(RIGHT, sent=(*RIGHT.sent[:3], sent("d", 6, None), sent("e", 8, None)))) == []


def test_what_one_who_followed_along_never_heard_is_lost() -> None:
    assert kinds(replace(RIGHT, heard=[1, 3, 4, 5, 6, 7, 8, 9, 10])) == {Kind.LOST}


def test_what_was_heard_and_is_gone_is_lost() -> None:
    assert kinds(replace(RIGHT, heard=[*RIGHT.heard, 11])) == {Kind.LOST}


def test_what_only_one_door_shows_is_lost() -> None:
    assert kinds(replace(RIGHT, inbox=RIGHT.inbox[:-1])) == {Kind.LOST}


def test_a_last_word_of_the_customers_that_nobody_answered_is_lost() -> None:
    assert kinds(without(RIGHT, 10)) == {Kind.LOST}


def test_a_customers_message_that_is_there_twice_is_doubled() -> None:
    assert kinds(seen(customer(1, "a"), customer(2, "a"), assistant(3))) == {Kind.DOUBLED}


def test_an_agents_answer_that_is_there_twice_is_doubled() -> None:
    assert kinds(seen(customer(1, "a"), agent(2, "s"), agent(3, "s"))) == {Kind.DOUBLED}


def test_an_answer_with_the_same_buttons_twice_is_doubled() -> None:
    assert kinds(seen(customer(1, "a"), assistant(2, "Hello!", "1:0:0"), assistant(3, "Hi!", "1:0:0"))) == {
        Kind.DOUBLED
    }


def test_the_same_words_twice_after_a_message_that_was_alone_are_doubled() -> None:
    talk = seen(customer(1, "a"), assistant(2), assistant(3), sent=(sent("a", 0, 1, alone=True),))
    assert kinds(talk) == {Kind.DOUBLED}


def test_the_same_words_may_answer_two_messages_that_were_open_together() -> None:
    both = (sent("a", 0, 1, alone=True), sent("b", 1.5, 2))
    assert check(seen(customer(1, "a"), customer(2, "b"), assistant(3), assistant(4), sent=both)) == []


def test_what_is_heard_twice_is_doubled() -> None:
    assert kinds(replace(RIGHT, heard=[*RIGHT.heard, 10])) == {Kind.DOUBLED}


def test_a_message_that_stands_before_one_acknowledged_earlier_is_out_of_order() -> None:
    turned = replace(RIGHT, sent=(*RIGHT.sent[2:], sent("a", 8, 9), sent("b", 10, 11)))
    assert kinds(turned) == {Kind.OUT_OF_ORDER}


def test_messages_that_were_under_way_together_may_stand_either_way() -> None:
    together = (sent("a", 0, 5), sent("b", 1, 3))
    assert check(seen(customer(1, "b"), customer(2, "a"), assistant(3), sent=together)) == []
    assert check(seen(customer(1, "a"), customer(2, "b"), assistant(3), sent=together)) == []


def test_ids_that_fall_are_out_of_order() -> None:
    assert kinds(replace(RIGHT, heard=[2, 1, *RIGHT.heard[2:]])) == {Kind.OUT_OF_ORDER}


def test_a_word_of_the_assistant_while_an_agent_holds_the_conversation_is_a_double_voice() -> None:
    interrupted = [*RIGHT.shown[:6], replace(RIGHT.shown[6], author="assistant", message_id=None), *RIGHT.shown[7:]]
    talk = replace(RIGHT, shown=interrupted, inbox=interrupted, replies=RIGHT.replies[:1])
    assert kinds(talk) == {Kind.DOUBLE_VOICE}


def test_a_word_of_the_assistant_after_a_take_over_without_an_end_is_a_double_voice() -> None:
    talk = seen(customer(1, "a"), assistant(2), moves=(Moved("take_over", "with_assistant", "with_agent", at(1.5)),))
    assert kinds(talk) == {Kind.DOUBLE_VOICE}


def row(id: int, author: str, source_id: str, *, text: str = "", turn: str | None = None) -> MessageRow:
    source = {"customer": "website", "assistant": "assistant", "agent": "inbox", "system": "bridge"}[author]
    return MessageRow(id, "c", author, text or f"text {id}", source, source_id, turn)


ROWS = [
    row(1, "customer", "v:a", turn="done"),
    row(2, "assistant", "1:0"),
    row(3, "assistant", "1:1"),
    row(4, "customer", "v:b", turn="dropped"),
    row(5, "system", "c:agent_joined:1"),
    row(6, "agent", "7:s"),
    row(7, "customer", "v:c"),
    row(8, "system", "c:returned:2"),
    row(9, "customer", "v:d", turn="done"),
    row(10, "assistant", "9:0"),
]
MOVES = [MoveRow("c", 1, "with_agent"), MoveRow("c", 2, "with_assistant")]


def wrong(*rows: MessageRow) -> set[Kind]:
    return {violation.kind for violation in check_rows(rows, MOVES)}


def test_rows_that_are_right_have_no_violation() -> None:
    assert check_rows(ROWS, MOVES) == []


def test_the_same_key_twice_in_the_rows_is_doubled() -> None:
    assert wrong(*ROWS, row(11, "assistant", "9:0")) == {Kind.DOUBLED}


def test_the_same_words_twice_to_one_message_are_doubled() -> None:
    assert wrong(*ROWS, row(11, "assistant", "9:1", text="text 10")) == {Kind.DOUBLED}


def test_an_answer_to_an_earlier_message_after_one_to_a_later_is_out_of_order() -> None:
    assert wrong(*ROWS, row(11, "assistant", "1:2")) == {Kind.OUT_OF_ORDER}


@pytest.mark.parametrize("turn", ["waiting", "working"])
def test_a_turn_that_is_still_open_is_lost(turn: str) -> None:
    assert wrong(replace(ROWS[0], turn=turn), *ROWS[1:]) == {Kind.LOST}


@pytest.mark.parametrize("turn", ["done", "dropped", "given_up", None])
def test_a_message_after_which_nobody_said_anything_is_lost(turn: str | None) -> None:
    assert wrong(*ROWS, row(11, "customer", "v:e", turn=turn)) == {Kind.LOST}


def test_a_sentence_of_the_front_desk_is_an_answer_too() -> None:
    assert wrong(*ROWS, row(11, "customer", "v:e", turn="failed"), row(12, "system", "c:failed:11")) == set()


def test_an_answer_between_the_rows_of_two_moves_is_a_double_voice() -> None:
    late = row(7, "assistant", "4:0")
    assert wrong(*ROWS[:6], late, *ROWS[7:]) == {Kind.DOUBLE_VOICE}


def test_an_answer_after_the_row_of_a_move_without_an_end_is_a_double_voice() -> None:
    violations = check_rows([*ROWS[:6], row(7, "assistant", "4:0")], MOVES[:1])
    assert [violation.kind for violation in violations] == [Kind.DOUBLE_VOICE]


def planned(seed: int) -> Plan:
    return plan(seed, conversations=7, messages=100, kills=12, targets=names(2))


def test_the_seed_decides_the_whole_plan() -> None:
    assert planned(3) == planned(3)
    assert planned(3) != planned(4)


def test_a_plan_has_all_its_messages_and_kills_and_every_manner_of_sending() -> None:
    made = planned(3)
    assert made.messages == 100
    assert len(made.conversations) == 7
    assert [kill.after for kill in made.kills] == sorted(kill.after for kill in made.kills)
    assert all(sorted(kill.order) == sorted(names(2)) for kill in made.kills)
    assert {line.manner for lines in made.conversations for line in lines} == set(Manner)
    assert {lines[0].manner for lines in made.conversations} == {Manner.ONCE}
