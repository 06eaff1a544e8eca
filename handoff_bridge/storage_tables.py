"""The bridge's tables. Their checks repeat the law of `model.TABLE`, so that nothing illegal can be stored by hand."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from database.engine import metadata
from handoff_bridge.model import TABLE


def account_column() -> Column[int]:
    return Column("account_id", BigInteger, nullable=False, server_default=text("1"))


def time_column(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def conversation_column(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "conversation_id",
        Text,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


LEGAL_MOVES = " or ".join(
    f"(before, move, after) = ('{before}', '{move}', '{rule.after}')" for (before, move), rule in TABLE.items()
)

agents = Table(
    "agents",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("departments", ARRAY(Text), nullable=False),
    Column("availability", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("skills", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("languages", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("place", Text, nullable=False, server_default=text("'inbox'")),
    time_column("last_seen_at", nullable=True),
    time_column("created_at"),
    UniqueConstraint("account_id", "email"),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("role in ('agent', 'supervisor', 'administrator')", name="role"),
    CheckConstraint("availability in ('online', 'busy', 'offline')", name="availability"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("place in ('inbox', 'outside')", name="place"),
    Index("uq_agents_one_outside", "account_id", unique=True, postgresql_where=text("place = 'outside'")),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    account_column(),
    Column("agent_id", BigInteger, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    time_column("created_at"),
    time_column("expires_at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    Column("email", Text, nullable=False),
    time_column("at"),
    Index(None, "account_id", "email", "at"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("token_hash", LargeBinary),
    Column("first_message_id", Text),
    time_column("token_used_at", nullable=True),
    time_column("created_at"),
    time_column("name_settled_at", nullable=True),
    time_column("email_settled_at", nullable=True),
    time_column("phone_settled_at", nullable=True),
    UniqueConstraint("account_id", "channel", "address"),
    Index(None, "account_id", "phone"),
    Index(None, "account_id", "address"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    account_column(),
    Column("contact_id", BigInteger, ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("agent_id", BigInteger, ForeignKey("agents.id")),
    time_column("waiting_since", nullable=True),
    Column("department", Text),
    Column("urgency", Text),
    Column("reason", Text),
    Column("note", Text),
    Column("wanted_agent_id", BigInteger, ForeignKey("agents.id")),
    time_column("noticed_at", nullable=True),
    Column("read_up_to", BigInteger, nullable=False, server_default=text("0")),
    time_column("created_at"),
    time_column("updated_at"),
    CheckConstraint("id ~ '^[A-Za-z0-9_.-]+$'", name="id"),
    CheckConstraint("state in ('with_assistant', 'waiting', 'with_agent', 'resolved')", name="state"),
    CheckConstraint("(state = 'with_agent') = (agent_id is not null)", name="agent"),
    CheckConstraint("(state = 'waiting') = (waiting_since is not null)", name="waiting_since"),
    CheckConstraint("state <> 'waiting' or department is not null", name="waiting_for"),
    CheckConstraint("(department is null) = (urgency is null)", name="handoff"),
    CheckConstraint("urgency in ('low', 'normal', 'high', 'urgent')", name="urgency"),
    CheckConstraint("epoch >= 0", name="epoch"),
    Index(None, "account_id", "state", "updated_at"),
    Index(None, "agent_id"),
    Index("ix_conversations_waiting", "department", "waiting_since", postgresql_where=text("state = 'waiting'")),
)

messages = Table(
    "messages",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("author", Text, nullable=False),
    Column("agent_id", BigInteger, ForeignKey("agents.id")),
    Column("name", Text),
    Column("text", Text, nullable=False),
    Column("buttons", JSONB, nullable=False, server_default=text("'[]'")),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("payload", Text),
    Column("status", Text, nullable=False),
    Column("failure", Text),
    Column("intent", Text),
    Column("confidence", Float),
    time_column("created_at"),
    UniqueConstraint("account_id", "source", "source_id"),
    CheckConstraint("author in ('customer', 'assistant', 'agent', 'system')", name="author"),
    CheckConstraint("(author = 'agent') = (agent_id is not null)", name="agent"),
    CheckConstraint("status in ('pending', 'sent', 'delivered', 'read', 'failed')", name="status"),
    CheckConstraint("(status = 'failed') = (failure is not null)", name="failure"),
    Index(None, "conversation_id", "id"),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("epoch", Integer, nullable=False),
    Column("move", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("mover", Text, nullable=False),
    Column("agent_id", BigInteger, ForeignKey("agents.id")),
    Column("reason", Text, nullable=False),
    time_column("at"),
    UniqueConstraint("conversation_id", "epoch"),
    CheckConstraint(LEGAL_MOVES, name="legal"),
    Index("ix_transitions_agent_id", "agent_id", "id", postgresql_where=text("agent_id is not null")),
)

facts = Table(
    "facts",
    metadata,
    conversation_column(primary_key=True),
    Column("name", Text, primary_key=True),
    account_column(),
    Column("value", JSONB, nullable=False),
    time_column("updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("message_id", BigInteger, ForeignKey("messages.id", ondelete="CASCADE"), unique=True),
    Column("events", JSONB(none_as_null=True)),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("epoch", Integer),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("lease", Text),
    time_column("lease_until", nullable=True),
    Column("note", JSONB(none_as_null=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    time_column("finished_at", nullable=True),
    CheckConstraint("state in ('waiting', 'working', 'done', 'dropped', 'failed', 'given_up')", name="state"),
    CheckConstraint("num_nonnulls(message_id, events) = 1", name="kind"),
    CheckConstraint("(state = 'working') = (lease is not null)", name="lease"),
    CheckConstraint("(lease is null) = (lease_until is null)", name="lease_until"),
    CheckConstraint("(state in ('waiting', 'working')) = (finished_at is null)", name="finished_at"),
    Index("ix_turns_open", "conversation_id", "id", postgresql_where=text("finished_at is null")),
    Index("ix_turns_due", "next_at", postgresql_where=text("finished_at is null")),
    Index("uq_turns_one_in_flight", "conversation_id", unique=True, postgresql_where=text("state = 'working'")),
)
