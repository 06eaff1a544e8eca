"""The second look of the history check, at the rows themselves: which answer belongs to which message, exactly.

The doors show what was said, but not to which message the assistant answered, nor between which messages a move lies.
The rows do: an answer's key is `<message>:<part>`, and what the bridge says about a move ends in the move's epoch.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.history_check import Kind, Violation

_OF_MOVES = frozenset(
    {"agent_joined", "returned", "returned_in_booking", "resolved", "transferred", "requeued", "expired", "waiting"}
    | {"waiting_closed", "assistant_unavailable"}
)
"""The phrases of business.yml that tell of a move."""


@dataclass(frozen=True)
class MessageRow:
    """A row of `messages`; `turn` is the state of the turn that it became, if any."""

    id: int
    conversation_id: str
    author: str
    text: str
    source: str
    source_id: str
    turn: str | None


@dataclass(frozen=True)
class MoveRow:
    conversation_id: str
    epoch: int
    after: str


def check_rows(messages: Sequence[MessageRow], moves: Sequence[MoveRow]) -> list[Violation]:
    """What went wrong by the rows, in order of ids."""
    found = [*_same_key(messages)]
    by_conversation: dict[str, list[MessageRow]] = defaultdict(list)
    for row in sorted(messages, key=lambda row: row.id):
        by_conversation[row.conversation_id].append(row)
    states: dict[str, dict[int, str]] = defaultdict(dict)
    for move in moves:
        states[move.conversation_id][move.epoch] = move.after
    for one, rows in by_conversation.items():
        wrong = (*_repeated(rows), *_overtaken(rows), *_unanswered(rows), *_double_voice(rows, states[one]))
        found += [Violation(kind, one, what) for kind, what in wrong]
    return found


def _same_key(messages: Iterable[MessageRow]) -> Iterator[Violation]:
    counts = Counter((row.conversation_id, row.source, row.source_id) for row in messages)
    for (conversation_id, source, source_id), number in counts.items():
        if number > 1:
            yield Violation(Kind.DOUBLED, conversation_id, f"{source} {source_id} is stored {number} times")


def _repeated(rows: Iterable[MessageRow]) -> Iterator[tuple[Kind, str]]:
    counts = Counter((_origin(row), row.text) for row in rows if row.author == "assistant")
    for (origin, _), number in counts.items():
        if number > 1:
            yield Kind.DOUBLED, f"message {origin} was answered {number} times in the same words"


def _overtaken(rows: Iterable[MessageRow]) -> Iterator[tuple[Kind, str]]:
    """Answers come in the order of the messages that they belong to."""
    last = 0
    for row in rows:
        if row.author == "assistant":
            if _origin(row) < last:
                yield Kind.OUT_OF_ORDER, f"message {row.id} answers {_origin(row)} after {last} was answered"
            last = max(last, _origin(row))


def _unanswered(rows: Sequence[MessageRow]) -> Iterator[tuple[Kind, str]]:
    """No turn is open, and a message without an answer of its own has at least somebody's words after it."""
    answered = {_origin(row) for row in rows if row.author == "assistant"}
    newest = max((row.id for row in rows if row.author != "customer"), default=0)
    for row in rows:
        if row.turn in ("waiting", "working"):
            yield Kind.LOST, f"message {row.id} still waits for the assistant"
        elif row.author == "customer" and row.id not in answered and row.id > newest:
            yield Kind.LOST, f"nobody answered message {row.id} (its turn: {row.turn or 'none'})"


def _double_voice(rows: Sequence[MessageRow], moves: Mapping[int, str]) -> Iterator[tuple[Kind, str]]:
    """What the bridge says about a move is written with the move: its id is the border, whatever the clocks say."""
    border = {epoch: row.id for row in reversed(rows) if (epoch := _epoch(row)) is not None}
    for epoch, after in moves.items():
        has_ended = epoch + 1 in moves
        if after != "with_agent" or epoch not in border or (has_ended and epoch + 1 not in border):
            continue
        first, last = border[epoch], border[epoch + 1] if has_ended else sys.maxsize
        for row in rows:
            if row.author == "assistant" and first < row.id < last:
                yield Kind.DOUBLE_VOICE, f"message {row.id} of the assistant came in epoch {epoch}, which is an agent's"


def _origin(row: MessageRow) -> int:
    """The message that a row of the assistant's answers."""
    return int(row.source_id.partition(":")[0])


def _epoch(row: MessageRow) -> int | None:
    """The epoch of the move that a sentence of the bridge is about."""
    if row.source != "bridge" or row.source_id.count(":") != 2:
        return None
    _, phrase, occasion = row.source_id.split(":")
    return int(occasion) if phrase in _OF_MOVES and occasion.isdigit() else None
