"""The conversation: its states, the moves between them, and the one function that makes a move."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from handoff_bridge.errors import IllegalMoveError, NotYourMoveError


class State(StrEnum):
    """Who speaks with the customer; `waiting` means the assistant still does, until a person is free."""

    WITH_ASSISTANT = "with_assistant"
    WAITING = "waiting"
    WITH_AGENT = "with_agent"
    RESOLVED = "resolved"


ASSISTANT_SPEAKS = frozenset({State.WITH_ASSISTANT, State.WAITING})
"""The states in which a customer's message goes to the assistant (docs/decisions/0004-waiting-goes-on.md)."""


class Move(StrEnum):
    REQUEST = "request"
    TAKE_OVER = "take_over"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    TRANSFER = "transfer"
    REQUEUE = "requeue"
    RETURN = "return"
    RESOLVE = "resolve"
    REOPEN = "reopen"


class Mover(StrEnum):
    """The kinds of movers. An administrator is an agent too, and may in addition ask for a person."""

    ASSISTANT = "assistant"
    TRIGGER = "trigger"
    ADMINISTRATOR = "administrator"
    AGENT = "agent"
    ROUTER = "router"
    CUSTOMER = "customer"
    CLOCK = "clock"


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True)
class Who:
    """Who moves: the kind, and which agent if it is one."""

    kind: Mover
    agent_id: int | None = None


@dataclass(frozen=True)
class Handoff:
    """A request for a person, or the next person asked for in a transfer."""

    department: str
    urgency: Urgency = Urgency.NORMAL
    reason: str = ""
    note: str = ""
    wanted_agent_id: int | None = None


@dataclass(frozen=True)
class Conversation:
    """One customer on one channel. `epoch` counts the moves; times are aware."""

    id: str
    account_id: int
    contact_id: int
    channel: str
    language: str
    state: State
    epoch: int
    agent_id: int | None
    waiting_since: datetime | None
    handoff: Handoff | None
    noticed_at: datetime | None
    read_up_to: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Transition:
    """The record of one move; `epoch` is the conversation's after it."""

    conversation_id: str
    epoch: int
    move: Move
    before: State
    after: State
    who: Who
    reason: str
    at: datetime


@dataclass(frozen=True)
class Rule:
    after: State
    movers: frozenset[Mover]


_PERSON = frozenset({Mover.AGENT, Mover.ADMINISTRATOR})
_RESOLVE = Rule(State.RESOLVED, _PERSON | {Mover.CLOCK})

TABLE: Mapping[tuple[State, Move], Rule] = MappingProxyType(
    {
        (State.WITH_ASSISTANT, Move.REQUEST): Rule(
            State.WAITING, frozenset({Mover.ASSISTANT, Mover.TRIGGER, Mover.ADMINISTRATOR})
        ),
        (State.WITH_ASSISTANT, Move.TAKE_OVER): Rule(State.WITH_AGENT, _PERSON),
        (State.WAITING, Move.ACCEPT): Rule(State.WITH_AGENT, _PERSON | {Mover.ROUTER}),
        (State.WAITING, Move.WITHDRAW): Rule(State.WITH_ASSISTANT, frozenset({Mover.CUSTOMER})),
        (State.WAITING, Move.EXPIRE): Rule(State.WITH_ASSISTANT, frozenset({Mover.CLOCK})),
        (State.WITH_AGENT, Move.TRANSFER): Rule(State.WAITING, _PERSON),
        (State.WITH_AGENT, Move.REQUEUE): Rule(State.WAITING, frozenset({Mover.CLOCK})),
        (State.WITH_AGENT, Move.RETURN): Rule(State.WITH_ASSISTANT, _PERSON),
        (State.WITH_ASSISTANT, Move.RESOLVE): _RESOLVE,
        (State.WAITING, Move.RESOLVE): _RESOLVE,
        (State.WITH_AGENT, Move.RESOLVE): _RESOLVE,
        (State.RESOLVED, Move.REOPEN): Rule(State.WITH_ASSISTANT, frozenset({Mover.CUSTOMER})),
    }
)
"""The whole law of who speaks: what is not here does not happen."""


def move(
    conversation: Conversation, what: Move, who: Who, now: datetime, *, handoff: Handoff | None = None, reason: str = ""
) -> tuple[Conversation, Transition]:
    """The conversation after the move, and the record of it.

    `handoff` says to whom it goes when it will wait; a requeued one keeps its own. Raises `IllegalMoveError` when the
    table has no such move, `NotYourMoveError` when it is not this mover's to make.
    """
    rule = TABLE.get((conversation.state, what))
    if rule is None:
        raise IllegalMoveError(what, conversation.state)
    if who.kind not in rule.movers or _is_of_another_agent(conversation, who):
        raise NotYourMoveError
    after = replace(
        conversation,
        state=rule.after,
        epoch=conversation.epoch + 1,
        agent_id=who.agent_id if rule.after is State.WITH_AGENT else None,
        waiting_since=now if rule.after is State.WAITING else None,
        handoff=_handoff_after(conversation, rule.after, handoff),
        noticed_at=conversation.noticed_at if rule.after in ASSISTANT_SPEAKS else None,
        updated_at=now,
    )
    return after, Transition(conversation.id, after.epoch, what, conversation.state, after.state, who, reason, now)


def _is_of_another_agent(conversation: Conversation, who: Who) -> bool:
    return who.kind is Mover.AGENT and conversation.state is State.WITH_AGENT and who.agent_id != conversation.agent_id


def _handoff_after(conversation: Conversation, after: State, handoff: Handoff | None) -> Handoff | None:
    if after is State.WITH_ASSISTANT:
        return None
    return handoff or conversation.handoff
