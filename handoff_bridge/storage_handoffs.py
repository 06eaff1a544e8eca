"""Handoffs and assignments on PostgreSQL. The constraints repeat the law of `handoffs`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from database.engine import metadata
from handoff_bridge.handoffs import Assignment, Figures, HandoffDraft, HandoffRecord, Outcome
from handoff_bridge.model import Conversation, Urgency
from handoff_bridge.storage_handoff_figures import read_figures
from handoff_bridge.storage_tables import account_column, conversation_column, time_column

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("epoch", Integer, nullable=False),
    Column("department", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("context", JSONB, nullable=False, server_default=text("'{}'")),
    time_column("requested_at"),
    time_column("offered_at", nullable=True),
    time_column("accepted_at", nullable=True),
    Column("accepted_by", BigInteger, ForeignKey("agents.id")),
    time_column("answered_at", nullable=True),
    time_column("ended_at", nullable=True),
    Column("outcome", Text),
    time_column("rating_asked_at", nullable=True),
    Column("rating", Integer),
    Column("rating_comment", Text),
    time_column("rated_at", nullable=True),
    time_column("comment_awaited_at", nullable=True),
    CheckConstraint("urgency in ('low', 'normal', 'high', 'urgent')", name="urgency"),
    CheckConstraint(
        "outcome in ('resolved', 'returned', 'transferred', 'requeued', 'withdrawn', 'expired')", name="outcome"
    ),
    CheckConstraint("rating between 1 and 5", name="rating"),
    CheckConstraint("(accepted_at is null) = (accepted_by is null)", name="accepted"),
    CheckConstraint("answered_at is null or accepted_at is not null", name="answered"),
    CheckConstraint("(ended_at is null) = (outcome is null)", name="ended"),
    CheckConstraint("(rating is null) = (rated_at is null)", name="rated"),
    CheckConstraint("rating is null or rating_asked_at is not null", name="asked"),
    CheckConstraint("rating_asked_at is null or answered_at is not null", name="asked_of"),
    Index("uq_handoffs_one_open", "conversation_id", unique=True, postgresql_where=text("ended_at is null")),
    Index(None, "account_id", "requested_at"),
    Index("ix_handoffs_conversation_id", "conversation_id", "id"),
    Index("ix_handoffs_awaiting", "conversation_id", postgresql_where=text("comment_awaited_at is not null")),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("handoff_id", BigInteger, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False),
    Column("agent_id", BigInteger, ForeignKey("agents.id"), nullable=False),
    time_column("began_at"),
    time_column("ended_at", nullable=True),
    Index("uq_assignments_one_open", "conversation_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("ix_assignments_agent_id", "agent_id", "id"),
    Index("ix_assignments_conversation_id", "conversation_id", "id"),
)

# Made once: these run with every message, and making a statement costs more than running it.
_ANSWER = (
    update(handoffs)
    .where(handoffs.c.conversation_id == bindparam("conversation"), handoffs.c.ended_at.is_(None))
    .where(handoffs.c.accepted_at.is_not(None), handoffs.c.answered_at.is_(None))
    .values(answered_at=bindparam("at"))
)
_AWAITING = (
    select(handoffs)
    .where(handoffs.c.conversation_id == bindparam("conversation"), handoffs.c.comment_awaited_at.is_not(None))
    .order_by(handoffs.c.comment_awaited_at.desc())
    .limit(1)
)


class PostgresHandoffs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, conversation: Conversation, draft: HandoffDraft) -> HandoffRecord:
        asked = draft.handoff
        new = insert(handoffs).values(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            epoch=draft.epoch,
            department=asked.department,
            urgency=asked.urgency,
            reason=asked.reason,
            note=asked.note,
            requested_by=draft.requested_by,
            requested_at=draft.requested_at,
            context=draft.context,
        )
        return handoff_of(self._connection.execute(new.returning(handoffs)).one())

    def offered(self, conversation_id: str, at: datetime) -> None:
        self._update_open(conversation_id, offered_at=func.coalesce(handoffs.c.offered_at, at))

    def accept(self, handoff: HandoffRecord, agent_id: int, at: datetime) -> None:
        self._update(handoff.id, accepted_at=at, accepted_by=agent_id)
        self._connection.execute(
            insert(assignments).values(
                account_id=handoff.account_id,
                conversation_id=handoff.conversation_id,
                handoff_id=handoff.id,
                agent_id=agent_id,
                began_at=at,
            )
        )

    def answered(self, conversation_id: str, at: datetime) -> None:
        self._connection.execute(_ANSWER, {"conversation": conversation_id, "at": at})

    def end(self, conversation_id: str, outcome: Outcome, at: datetime) -> None:
        self._update_open(conversation_id, ended_at=at, outcome=outcome)
        held = (assignments.c.conversation_id == conversation_id, assignments.c.ended_at.is_(None))
        self._connection.execute(update(assignments).where(*held).values(ended_at=at))

    def current(self, conversation_id: str) -> HandoffRecord | None:
        return self._one(select(handoffs).where(*_open(conversation_id)))

    def last(self, conversation_id: str) -> HandoffRecord | None:
        theirs = select(handoffs).where(handoffs.c.conversation_id == conversation_id)
        return self._one(theirs.order_by(handoffs.c.id.desc()).limit(1))

    def get(self, handoff_id: int) -> HandoffRecord | None:
        return self._one(select(handoffs).where(handoffs.c.id == handoff_id))

    def ask_rating(self, handoff_id: int, at: datetime) -> None:
        self._update(handoff_id, rating_asked_at=at)

    def rate(self, handoff_id: int, rating: int, at: datetime) -> None:
        self._update(handoff_id, rating=rating, rated_at=at)

    def await_comment(self, handoff_id: int, at: datetime | None) -> None:
        self._update(handoff_id, comment_awaited_at=at)

    def comment(self, handoff_id: int, words: str) -> None:
        self._update(handoff_id, rating_comment=words, comment_awaited_at=None)

    def awaiting_comment(self, conversation_id: str) -> HandoffRecord | None:
        row = self._connection.execute(_AWAITING, {"conversation": conversation_id}).one_or_none()
        return handoff_of(row) if row else None

    def last_agent(self, conversation_id: str) -> int | None:
        last = self.last_assignment(conversation_id)
        return last.agent_id if last else None

    def last_assignment(self, conversation_id: str) -> Assignment | None:
        theirs = select(assignments).where(assignments.c.conversation_id == conversation_id)
        row = self._connection.execute(theirs.order_by(assignments.c.id.desc()).limit(1)).one_or_none()
        return Assignment(*(getattr(row, name) for name in Assignment.__dataclass_fields__)) if row else None

    def idle_since(self, agent_ids: Collection[int]) -> Mapping[int, datetime]:
        moved_at = func.max(func.coalesce(assignments.c.ended_at, assignments.c.began_at))
        query = select(assignments.c.agent_id, moved_at.label("moved_at"))
        theirs = query.where(assignments.c.agent_id.in_(agent_ids)).group_by(assignments.c.agent_id)
        return {row.agent_id: row.moved_at for row in self._connection.execute(theirs)}

    def figures(self, since: datetime, until: datetime) -> Sequence[Figures]:
        return read_figures(self._connection, since, until)

    def _update(self, handoff_id: int, **values: Any) -> None:
        self._connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(**values))

    def _update_open(self, conversation_id: str, **values: Any) -> None:
        self._connection.execute(update(handoffs).where(*_open(conversation_id)).values(**values))

    def _one(self, query: Select[Any]) -> HandoffRecord | None:
        row = self._connection.execute(query).one_or_none()
        return handoff_of(row) if row else None


def handoff_of(row: Row[Any]) -> HandoffRecord:
    """The handoff in a row that has the table's columns."""
    values = {name: getattr(row, name) for name in HandoffRecord.__dataclass_fields__}
    outcome = Outcome(row.outcome) if row.outcome else None
    return HandoffRecord(**{**values, "urgency": Urgency(row.urgency), "outcome": outcome})


def _open(conversation_id: str) -> tuple[Any, ...]:
    return handoffs.c.conversation_id == conversation_id, handoffs.c.ended_at.is_(None)
