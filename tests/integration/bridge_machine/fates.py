"""What must be true of a conversation when all work is done: every message came to a good end."""

from handoff_bridge.messages import Author, Message
from handoff_bridge.model import ASSISTANT_SPEAKS, State
from handoff_bridge.turns import TurnState
from tests.fake_store.tables import TurnRow
from tests.integration.bridge_machine.assistant import Tracker
from tests.integration.bridge_machine.rows import Rows


def check_settled(rows: Rows, tracker: Tracker | None) -> None:
    assert [turn for turn in rows.turns if turn.is_open] == []
    by_message = {turn.message_id: turn for turn in rows.turns}
    for message in rows.by(Author.CUSTOMER):
        turn = by_message.get(message.id)
        assert turn is None or _is_settled(rows, message, turn), f"message {message.id} came to no good end: {turn}"
    _check_tracker(rows, tracker)


def _is_settled(rows: Rows, message: Message, turn: TurnRow) -> bool:
    match turn.state:
        case TurnState.DONE:
            return _is_answered(rows, message) or _was_told_where_in_line(rows)
        case TurnState.FAILED:
            return _is_answered(rows, message) or _was_taken_by_somebody(rows, message)
        case TurnState.DROPPED:
            return _was_taken_by_somebody(rows, message)
        case TurnState.GIVEN_UP:
            return _was_told(rows, "assistant_unavailable") or _was_taken_by_somebody(rows, message)
        case _:
            return False


def _is_answered(rows: Rows, message: Message) -> bool:
    """By the assistant, or by the sentence that there is no answer."""
    said = {answer.source_id.split(":")[0] for answer in rows.by(Author.ASSISTANT)}
    failed = {phrase.occasion for phrase in rows.phrases if phrase.name == "failed"}
    return str(message.id) in said | failed


def _was_told(rows: Rows, *names: str) -> bool:
    return any(phrase.name in names for phrase in rows.phrases)


def _was_told_where_in_line(rows: Rows) -> bool:
    return any(phrase.name.startswith("waiting") for phrase in rows.phrases)


def _was_taken_by_somebody(rows: Rows, message: Message) -> bool:
    """Whether an agent joined, or the conversation was closed, after the message."""
    return any(said.name in ("agent_joined", "resolved") and said.message.id > message.id for said in rows.phrases)


def _check_tracker(rows: Rows, tracker: Tracker | None) -> None:
    """Rasa's tracker is paused exactly while an agent speaks; what is resolved may be either."""
    echoed = [turn for turn in rows.turns if turn.events is not None]
    if not echoed:
        return
    assert tracker is not None
    if rows.conversation.state is State.WITH_AGENT:
        assert tracker.is_paused
    elif rows.conversation.state in ASSISTANT_SPEAKS:
        assert tracker.is_lost or not tracker.is_paused
    assert list(tracker.told[-1]) == list(echoed[-1].events or ())
