"""Offers and escalations on PostgreSQL."""

from collections.abc import Collection, Sequence
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
    UniqueConstraint,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from database.engine import metadata
from handoff_bridge.model import Conversation, State, Urgency
from handoff_bridge.offers import Escalation, Offer, OfferState
from handoff_bridge.storage_tables import account_column, conversation_column, conversations, time_column

_AT_ONCE = 100

offers = Table(
    "offers",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("epoch", Integer, nullable=False),
    Column("agent_id", BigInteger, ForeignKey("agents.id"), nullable=False),
    Column("state", Text, nullable=False),
    time_column("offered_at"),
    time_column("until"),
    time_column("ended_at", nullable=True),
    CheckConstraint("state in ('open', 'accepted', 'declined', 'timed_out', 'rescinded')", name="state"),
    CheckConstraint("(state = 'open') = (ended_at is null)", name="ended"),
    CheckConstraint("until > offered_at", name="until"),
    Index("uq_offers_one_open", "conversation_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_offers_open", "agent_id", postgresql_where=text("state = 'open'")),
    Index(None, "conversation_id", "id"),
)

escalations = Table(
    "escalations",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("epoch", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    time_column("at"),
    CheckConstraint("tier > 0", name="tier"),
    UniqueConstraint("conversation_id", "epoch", "tier"),
)


class PostgresOffers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, conversation: Conversation, agent_id: int, now: datetime, until: datetime) -> Offer:
        new = insert(offers).values(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            epoch=conversation.epoch,
            agent_id=agent_id,
            state=OfferState.OPEN,
            offered_at=now,
            until=until,
        )
        return _offer(self._connection.execute(new.returning(offers)).one())

    def end(self, offer: Offer, state: OfferState, now: datetime) -> None:
        self._connection.execute(update(offers).where(offers.c.id == offer.id).values(state=state, ended_at=now))

    def open(self) -> Sequence[Offer]:
        return self._found(_open_ones())

    def open_of(self, conversation_id: str) -> Offer | None:
        found = self._found(_open_ones().where(offers.c.conversation_id == conversation_id))
        return found[0] if found else None

    def open_to(self, agent_id: int) -> Sequence[Offer]:
        return self._found(_open_ones().where(offers.c.agent_id == agent_id))

    def last(self, conversation_id: str, agent_id: int) -> Offer | None:
        theirs = (offers.c.conversation_id == conversation_id, offers.c.agent_id == agent_id)
        found = self._found(select(offers).where(*theirs).order_by(offers.c.id.desc()).limit(1))
        return found[0] if found else None

    def _found(self, query: Select[Any]) -> list[Offer]:
        return [_offer(row) for row in self._connection.execute(query)]


class PostgresEscalations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, urgency: Urgency, tier: int, departments: Collection[str], waiting_before: datetime) -> Sequence[str]:
        of_tier = (escalations.c.conversation_id == conversations.c.id, escalations.c.epoch == conversations.c.epoch)
        went_up = select(escalations.c.id).where(*of_tier, escalations.c.tier == tier).exists()
        overdue = (
            conversations.c.state == State.WAITING,
            conversations.c.urgency == urgency,
            conversations.c.department.in_(departments),
            conversations.c.waiting_since < waiting_before,
        )
        query = select(conversations.c.id).where(*overdue, ~went_up).order_by(conversations.c.waiting_since)
        return self._connection.scalars(query.limit(_AT_ONCE)).all()

    def add(self, conversation: Conversation, escalation: Escalation) -> bool:
        new = insert_or_skip(escalations).values(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            epoch=conversation.epoch,
            tier=escalation.tier,
            before=escalation.before,
            after=escalation.after,
            at=escalation.at,
        )
        return self._connection.execute(new.on_conflict_do_nothing()).rowcount == 1

    def refer(self, conversation_id: str, department: str, now: datetime) -> None:
        which = conversations.c.id == conversation_id
        self._connection.execute(update(conversations).where(which).values(department=department, updated_at=now))

    def of(self, conversation_id: str) -> Sequence[Escalation]:
        columns = [escalations.c[name] for name in Escalation.__dataclass_fields__]
        query = select(*columns).where(escalations.c.conversation_id == conversation_id).order_by(escalations.c.id)
        return [Escalation(*row) for row in self._connection.execute(query)]


def _open_ones() -> Select[Any]:
    return select(offers).where(offers.c.state == OfferState.OPEN).order_by(offers.c.id)


def _offer(row: Row[Any]) -> Offer:
    values = {name: getattr(row, name) for name in Offer.__dataclass_fields__}
    return Offer(**{**values, "state": OfferState(row.state)})
