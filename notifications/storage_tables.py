"""The tables of the outbox and of the developers' mailbox. Their checks repeat the law of `model`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from database.engine import metadata


def _account() -> Column[int]:
    return Column("account_id", BigInteger, nullable=False, server_default=text("1"))


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


_IS_PENDING = text("state = 'pending'")

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _account(),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("invitation", JSONB(none_as_null=True)),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _time("next_at"),
    _time("lease_until", nullable=True),
    _time("handed_over_at", nullable=True),
    Column("failure", Text),
    _time("created_at"),
    _time("sent_at", nullable=True),
    UniqueConstraint("account_id", "key"),
    CheckConstraint("channel = 'email'", name="channel"),
    CheckConstraint("state in ('pending', 'sent', 'failed', 'unknown', 'dropped')", name="state"),
    CheckConstraint("attempts >= 0 and (attempts > 0 or state = 'pending')", name="attempts"),
    CheckConstraint("lease_until is null or state = 'pending'", name="lease"),
    CheckConstraint("handed_over_at is null or lease_until is not null or state <> 'pending'", name="handed_over"),
    CheckConstraint("state <> 'unknown' or handed_over_at is not null", name="unknown"),
    CheckConstraint("state not in ('failed', 'unknown', 'dropped') or failure is not null", name="failure"),
    CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent"),
    Index("ix_notifications_due", "account_id", "next_at", "id", postgresql_where=_IS_PENDING),
    Index("ix_notifications_in_line", "account_id", "recipient", "id", postgresql_where=_IS_PENDING),
    Index(None, "account_id", "recipient"),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _account(),
    Column(
        "notification_id", BigInteger, ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    _time("sent_at"),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""What would have been mailed if a mail server were set."""

mail_opt_outs = Table(
    "mail_opt_outs",
    metadata,
    _account(),
    Column("address", Text, nullable=False),
    _time("at"),
    PrimaryKeyConstraint("account_id", "address"),
    CheckConstraint("address = lower(address)", name="lower_case"),
)
"""Who wants no mail that they did not ask for. Written in lower case, so that each address is there once."""

visit_ratings = Table(
    "visit_ratings",
    metadata,
    _account(),
    Column("notification_id", BigInteger, ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("score", Integer, nullable=False),
    _time("at"),
    CheckConstraint("score between 1 and 5", name="score"),
)
"""What customers answered to the question after their visit: 1 is poor, 5 is excellent."""
