"""The history check itself: what customers and agents know they said, against what the front desk shows in the end.

Pure: records in, violations out. Nothing here knows a wording; who said what follows from ids and authors.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

_NEVER = datetime.max.replace(tzinfo=UTC)


class Kind(StrEnum):
    """What may not happen; the values are the keys of the bench's last line."""

    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out_of_order"
    DOUBLE_VOICE = "double_voice"


@dataclass(frozen=True)
class Violation:
    kind: Kind
    conversation_id: str
    what: str


@dataclass(frozen=True)
class Sent:
    """A message as its sender knows it; times in seconds of the bench's own clock.

    `acked` is None when no attempt was ever acknowledged. `alone` says that the assistant or an agent had answered
    everything before it when it was sent, so that what comes next belongs to it.
    """

    message_id: str
    began: float
    acked: float | None
    alone: bool = False


@dataclass(frozen=True)
class Said:
    """A message as a door of the front desk shows it; `message_id` is its sender's, `buttons` are their ids."""

    id: int
    author: str
    text: str
    at: datetime
    message_id: str | None = None
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moved:
    """A move of the conversation, as the inbox lists it."""

    move: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True)
class Talk:
    """Everything about one conversation: what was sent, and what both doors show when all is quiet.

    `heard` are the ids the customer got while following along, in the order in which they came.
    """

    conversation_id: str
    sent: Sequence[Sent]
    replies: Sequence[Sent]
    heard: Sequence[int]
    shown: Sequence[Said]
    inbox: Sequence[Said]
    moves: Sequence[Moved]


def check(talk: Talk) -> list[Violation]:
    """What went wrong in a conversation, as far as customers and agents can see it."""
    found = [
        *((Kind.LOST, what) for what in (*_lost(talk), *_unheard(talk), *_unanswered(talk))),
        *((Kind.DOUBLED, what) for what in (*_doubled(talk), *_said_twice(talk))),
        *((Kind.OUT_OF_ORDER, what) for what in (*_out_of_order(talk), *_falling(talk))),
        *((Kind.DOUBLE_VOICE, what) for what in _double_voice(talk)),
    ]
    return [Violation(kind, talk.conversation_id, what) for kind, what in found]


def _lost(talk: Talk) -> Iterator[str]:
    for author, sent, shown in (("customer", talk.sent, talk.shown), ("agent", talk.replies, talk.inbox)):
        there = {said.message_id for said in shown if said.author == author}
        for one in sent:
            if one.acked is not None and one.message_id not in there:
                yield f"the {author}'s message {one.message_id} was acknowledged and is not there"


def _unheard(talk: Talk) -> Iterator[str]:
    """Whoever follows along has heard all there is, and nothing else; both doors show the same."""
    there, heard, inbox = {s.id for s in talk.shown}, set(talk.heard), {s.id for s in talk.inbox}
    yield from (f"message {one} never reached the customer who followed along" for one in sorted(there - heard))
    yield from (f"message {one} was heard by the customer and is not there" for one in sorted(heard - there))
    yield from (f"message {one} is shown at one door only" for one in sorted(there ^ inbox))


def _unanswered(talk: Talk) -> Iterator[str]:
    if talk.shown and talk.shown[-1].author == "customer":
        yield f"nobody answered the customer's message {talk.shown[-1].message_id}"


def _doubled(talk: Talk) -> Iterator[str]:
    for author, shown in (("customer", talk.shown), ("agent", talk.inbox)):
        counts = Counter(said.message_id for said in shown if said.author == author)
        yield from (f"the {author}'s message {one} is there {n} times" for one, n in counts.items() if n > 1)
    buttons = Counter(button for said in talk.shown for button in said.buttons)
    yield from (f"the button {one} is there {n} times" for one, n in buttons.items() if n > 1)
    yield from (f"the customer heard message {one} {n} times" for one, n in Counter(talk.heard).items() if n > 1)


def _said_twice(talk: Talk) -> Iterator[str]:
    """The same words of the assistant twice after a message that was the only one open."""
    alone = {one.message_id for one in talk.sent if one.alone}
    asked: str | None = None
    words: set[str] = set()
    for said in talk.shown:
        if said.author == "customer":
            asked, words = said.message_id, set()
        elif said.author == "assistant" and asked in alone:
            if said.text in words:
                yield f"message {said.id} repeats an answer to the customer's message {asked}"
            words.add(said.text)


def _out_of_order(talk: Talk) -> Iterator[str]:
    """A message acknowledged before another was first sent stands before it. What overlapped may stand either way."""
    for author, sent, shown in (("customer", talk.sent, talk.shown), ("agent", talk.replies, talk.inbox)):
        place = {said.message_id: n for n, said in enumerate(shown) if said.author == author}
        acked = [one for one in sent if one.acked is not None and one.message_id in place]
        for later in acked:
            before = [one for one in acked if one.acked is not None and one.acked < later.began]
            if any(place[one.message_id] > place[later.message_id] for one in before):
                yield f"the {author}'s message {later.message_id} stands before one acknowledged earlier"


def _falling(talk: Talk) -> Iterator[str]:
    for what, ids in (("shown", [s.id for s in talk.shown]), ("heard", talk.heard)):
        yield from (f"message {b} is {what} after {a}" for a, b in pairwise(ids) if b < a)


def _double_voice(talk: Talk) -> Iterator[str]:
    """The times of moves and of the assistant's words are both taken under the conversation's lock."""
    ends = [*(move.at for move in talk.moves[1:]), _NEVER]
    held = [(move.at, end) for move, end in zip(talk.moves, ends, strict=False) if move.after == "with_agent"]
    for said in talk.inbox:
        if said.author == "assistant" and any(began < said.at < end for began, end in held):
            yield f"the assistant said message {said.id} while an agent held the conversation"
