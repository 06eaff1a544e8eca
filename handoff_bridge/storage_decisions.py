"""The triggers' decisions on PostgreSQL. The constraints repeat what `triggers.model` says of a decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
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
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from database.engine import metadata
from handoff_bridge.model import Conversation
from handoff_bridge.storage_tables import account_column, conversation_column, messages, time_column
from handoff_bridge.triggers.model import Decision, DecisionRecord, Fired, Judged, JudgedBy, OfferAnswer, Outcome, Said

handoff_decisions = Table(
    "handoff_decisions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("message_id", BigInteger, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, unique=True),
    time_column("at"),
    Column("fired", JSONB, nullable=False),
    Column("decision", Text, nullable=False),
    Column("trigger", Text),
    Column("judge", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sentiment", Float),
    Column("is_failed", Boolean, nullable=False),
    Column("form", Text),
    Column("is_offered", Boolean, nullable=False),
    Column("answer", Text),
    time_column("answered_at", nullable=True),
    CheckConstraint("decision in ('none', 'offer', 'connect', 'held_back', 'already')", name="decision"),
    CheckConstraint("judge in ('model', 'rule')", name="judge"),
    CheckConstraint("answer in ('accepted', 'declined')", name="answer"),
    CheckConstraint("(decision = 'none') = (trigger is null)", name="trigger"),
    CheckConstraint("decision <> 'offer' or is_offered", name="offered"),
    CheckConstraint("(answer is null) = (answered_at is null)", name="answered"),
    CheckConstraint("answer is null or decision = 'offer'", name="asked"),
    Index("ix_handoff_decisions_fired", "account_id", "id", postgresql_where=text("decision <> 'none'")),
    Index(None, "conversation_id", "message_id"),
)

_ROW = handoff_decisions.c
# Made once: these run with every message, and making a statement costs more than running it.
_ADD = insert(handoff_decisions).on_conflict_do_nothing().returning(handoff_decisions)
_OF_MESSAGE = select(handoff_decisions).where(_ROW.message_id == bindparam("message"))
_BEFORE = (
    select(
        handoff_decisions,
        messages.c.text.label("said"),
        messages.c.payload.is_not(None).label("is_button"),
        messages.c.intent,
        messages.c.confidence,
        messages.c.created_at.label("said_at"),
    )
    .join(messages, messages.c.id == _ROW.message_id)
    .where(_ROW.conversation_id == bindparam("conversation"), _ROW.message_id < bindparam("message"))
    .order_by(_ROW.message_id.desc())
    .limit(bindparam("most"))
)


class PostgresDecisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, conversation: Conversation, decision: Decision) -> DecisionRecord | None:
        columns = {
            "account_id": conversation.account_id,
            "conversation_id": conversation.id,
            "message_id": decision.message_id,
            "at": decision.at,
            "fired": [
                {"trigger": one.trigger, "score": one.score, "threshold": one.threshold, "judge": one.judge}
                for one in decision.fired
            ],
            "decision": decision.outcome,
            "trigger": decision.trigger,
            "judge": decision.judge,
            "version": decision.version,
            "epoch": decision.epoch,
            "sentiment": decision.sentiment,
            "is_failed": decision.is_failed,
            "form": decision.form,
            "is_offered": decision.is_offered,
        }
        row = self._connection.execute(_ADD, columns).one_or_none()
        return _record(row) if row else None

    def of_message(self, message_id: int) -> DecisionRecord | None:
        row = self._connection.execute(_OF_MESSAGE, {"message": message_id}).one_or_none()
        return _record(row) if row else None

    def get(self, decision_id: int) -> DecisionRecord | None:
        row = self._connection.execute(select(handoff_decisions).where(_ROW.id == decision_id)).one_or_none()
        return _record(row) if row else None

    def answer(self, decision_id: int, answer: OfferAnswer, now: datetime) -> None:
        which = update(handoff_decisions).where(_ROW.id == decision_id)
        self._connection.execute(which.values(answer=answer, answered_at=now))

    def before(self, conversation_id: str, message_id: int, limit: int) -> Sequence[Judged]:
        which = {"conversation": conversation_id, "message": message_id, "most": limit}
        return [_judged(row) for row in reversed(self._connection.execute(_BEFORE, which).all())]

    def page(
        self, *, before: int | None, trigger: str | None, outcome: Outcome | None, limit: int
    ) -> Sequence[DecisionRecord]:
        query = _filtered(select(handoff_decisions), before, trigger, outcome)
        return [_record(row) for row in self._connection.execute(query.order_by(_ROW.id.desc()).limit(limit))]

    def counts(self) -> Mapping[tuple[str | None, Outcome], int]:
        query = select(_ROW.trigger, _ROW.decision, func.count()).group_by(_ROW.trigger, _ROW.decision)
        return {(trigger, Outcome(outcome)): number for trigger, outcome, number in self._connection.execute(query)}


def _filtered(query: Select[Any], before: int | None, trigger: str | None, outcome: Outcome | None) -> Select[Any]:
    query = query.where(_ROW.decision == outcome if outcome else _ROW.decision != Outcome.NONE)
    if before is not None:
        query = query.where(_ROW.id < before)
    if trigger is not None:
        query = query.where(_ROW.trigger == trigger)
    return query


def _judged(row: Row[Any]) -> Judged:
    said = Said(
        message_id=row.message_id,
        at=row.said_at,
        text=row.said,
        is_button=row.is_button,
        intent=row.intent,
        confidence=row.confidence,
        sentiment=row.sentiment,
        is_failed=row.is_failed,
    )
    return Judged(said, _record(row))


def _record(row: Row[Any]) -> DecisionRecord:
    decision = Decision(
        message_id=row.message_id,
        at=row.at,
        fired=tuple(Fired(one["trigger"], one["score"], one["threshold"], JudgedBy(one["judge"])) for one in row.fired),
        outcome=Outcome(row.decision),
        trigger=row.trigger,
        judge=JudgedBy(row.judge),
        version=row.version,
        epoch=row.epoch,
        sentiment=row.sentiment,
        is_failed=row.is_failed,
        form=row.form,
        is_offered=row.is_offered,
    )
    answer = OfferAnswer(row.answer) if row.answer else None
    return DecisionRecord(row.id, row.conversation_id, decision, answer, row.answered_at)
