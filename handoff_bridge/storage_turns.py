"""Turns on PostgreSQL. Leases and retries run on the database's clock, the one that all bridge processes share."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from handoff_bridge.messages import Message
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation
from handoff_bridge.storage_conversations import conversation_of
from handoff_bridge.storage_messages import message_of
from handoff_bridge.storage_tables import conversations, messages, turns
from handoff_bridge.turns import Turn, TurnState

_OPEN = turns.c.finished_at.is_(None)
_IS_MESSAGE = turns.c.message_id.is_not(None)


class PostgresTurns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_message(self, message: Message, conversation: Conversation) -> None:
        self._add(conversation, message_id=message.id)

    def add_events(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        self._add(conversation, events=list(events))

    def claim(self, lease: str, seconds: float) -> Turn | None:
        taken = self._connection.execute(_CLAIM, {"by": lease, "seconds": seconds}).one_or_none()
        return self._turn(taken) if taken else None

    def renew(self, lease_prefix: str, seconds: float) -> None:
        mine = (turns.c.state == TurnState.WORKING, turns.c.lease.startswith(lease_prefix, autoescape=True))
        self._connection.execute(update(turns).where(*mine).values(lease_until=_from_now(seconds)))

    def epoch_in_flight(self, conversation_id: str) -> int | None:
        working = (turns.c.conversation_id == conversation_id, turns.c.state == TurnState.WORKING, _IS_MESSAGE)
        return self._connection.scalar(select(turns.c.epoch).where(*working))

    def hold(self, turn: Turn) -> int | None:
        mine = (turns.c.id == turn.id, turns.c.lease == turn.lease)
        return self._connection.scalar(select(turns.c.epoch).where(*mine).with_for_update())

    def finish(self, turn: Turn, state: TurnState, note: Mapping[str, Any] | None = None) -> None:
        self._update(turns.c.id == turn.id, **_ended(state), note=note)

    def note_late(self, turn: Turn, note: Mapping[str, Any]) -> None:
        self._update(and_(turns.c.id == turn.id, turns.c.finished_at.is_not(None), turns.c.note.is_(None)), note=note)

    def retry(self, turn: Turn, seconds: float) -> None:
        again = {"state": TurnState.WAITING, "lease": None, "lease_until": None}
        self._update(turns.c.id == turn.id, **again, next_at=_from_now(seconds))

    def carry(self, conversation_id: str, before: int, after: int) -> None:
        taken = (turns.c.conversation_id == conversation_id, _OPEN, turns.c.epoch == before)
        self._update(and_(*taken), epoch=after)

    def settle_open(self, conversation_id: str, state: TurnState, *, taken: bool) -> None:
        states = [TurnState.WAITING, TurnState.WORKING] if taken else [TurnState.WAITING]
        theirs = (turns.c.conversation_id == conversation_id, _IS_MESSAGE, turns.c.state.in_(states))
        self._update(and_(*theirs), **_ended(state))

    def overdue(self, seconds: float, *, unnoticed: bool) -> Sequence[str]:
        query = (
            select(turns.c.conversation_id)
            .distinct()
            .join(conversations, conversations.c.id == turns.c.conversation_id)
            .where(*_late(seconds), conversations.c.state.in_(ASSISTANT_SPEAKS))
        )
        if unnoticed:
            query = query.where(conversations.c.noticed_at.is_(None))
        return self._connection.scalars(query.limit(100)).all()

    def is_overdue(self, conversation_id: str, seconds: float) -> bool:
        late = select(turns.c.id).where(turns.c.conversation_id == conversation_id, *_late(seconds))
        return self._connection.scalar(select(late.exists())) or False

    def _add(self, conversation: Conversation, **values: Any) -> None:
        self._connection.execute(
            insert(turns).values(account_id=conversation.account_id, conversation_id=conversation.id, **values)
        )

    def _update(self, which: ColumnElement[bool], **values: Any) -> None:
        self._connection.execute(update(turns).where(which).values(**values))

    def _turn(self, row: Row[Any]) -> Turn:
        of_turn = select(conversations).where(conversations.c.id == row.conversation_id)
        said = self._connection.execute(select(messages).where(messages.c.id == row.message_id)).one_or_none()
        return Turn(
            id=row.id,
            conversation=conversation_of(self._connection.execute(of_turn).one()),
            epoch=row.epoch,
            lease=row.lease,
            attempts=row.attempts,
            message=message_of(said) if said else None,
            events=tuple(row.events or ()),
        )


def _next_due() -> Any:
    earlier = turns.alias("earlier")
    is_behind = (
        select(earlier.c.id)
        .where(
            earlier.c.conversation_id == turns.c.conversation_id,
            earlier.c.finished_at.is_(None),
            earlier.c.id < turns.c.id,
        )
        .exists()
    )
    is_due = and_(turns.c.state == TurnState.WAITING, turns.c.next_at <= func.now())
    was_left = and_(turns.c.state == TurnState.WORKING, turns.c.lease_until < func.now())
    candidates = select(turns.c.id).where(_OPEN, or_(is_due, was_left), ~is_behind).order_by(turns.c.id).limit(1)
    return candidates.with_for_update(skip_locked=True)


def _late(seconds: float) -> tuple[ColumnElement[bool], ...]:
    return _OPEN, _IS_MESSAGE, turns.c.created_at < _from_now(-seconds)


def _from_now(seconds: Any) -> Any:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _ended(state: TurnState) -> dict[str, Any]:
    return {"state": state, "lease": None, "lease_until": None, "finished_at": func.now()}


# Made once: it is asked many times a second, and making it costs more than asking.
_CLAIM = (
    update(turns)
    .where(turns.c.id == _next_due().scalar_subquery(), conversations.c.id == turns.c.conversation_id)
    .values(
        state=TurnState.WORKING,
        lease=bindparam("by"),
        lease_until=_from_now(bindparam("seconds")),
        attempts=turns.c.attempts + 1,
        epoch=func.coalesce(turns.c.epoch, conversations.c.epoch),
    )
    .returning(turns)
)
