"""Turns: the work that waits for the assistant, a customer's message or an echo of a move.

States: waiting (for its time) → working (leased by a worker) → done, dropped (somebody else has the voice),
failed (the assistant cannot answer it) or given_up (it took too long). One conversation's turns are worked
one at a time in the order of their ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation


class TurnState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    DROPPED = "dropped"
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class Turn:
    """A piece of work taken by a worker under a lease. It carries a message or events, never both.

    `epoch` is the conversation's when the turn was first taken; `conversation` is as it was at this taking.
    """

    id: int
    conversation: Conversation
    epoch: int
    lease: str
    attempts: int
    message: Message | None
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Utterance:
    """One thing the assistant says; `buttons` are (title, payload), `response` is its name among what it can say."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    response: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back for a turn. `error` is a code of the contract when the turn ended badly, `form` what is asked for
    now: the name of a form."""

    utterances: tuple[Utterance, ...]
    facts: Mapping[str, Any]
    intent: str | None = None
    confidence: float | None = None
    paused: bool = False
    error: str | None = None
    form: str | None = None
