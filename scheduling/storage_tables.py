"""The calendar's tables. They repeat the law: a state that the service would refuse cannot be stored by hand either."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from database.engine import metadata


def _account() -> Column[int]:
    return Column("account_id", Integer, nullable=False, server_default=text("1"))


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


resources = Table(
    "resources",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    _account(),
    Column("key", Text, nullable=False),
    UniqueConstraint("account_id", "key"),
)
"""A stable number for each resource of business.yml, made when it is first taken."""

appointments = Table(
    "appointments",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("code", Text),
    Column("service", Text, nullable=False),
    _time("starts_at"),
    _time("ends_at"),
    Column("status", Text, nullable=False),
    Column(
        "blocking",
        Boolean,
        Computed("status = ANY (ARRAY['held'::text, 'confirmed'::text, 'done'::text])", persisted=True),
        nullable=False,
    ),
    Column("customer_name", Text),
    Column("customer_email", Text),
    Column("customer_phone", Text),
    Column("conversation_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False, server_default=text("0")),
    _time("hold_expires_at", nullable=True),
    _time("promised_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    UniqueConstraint("account_id", "code"),
    UniqueConstraint("id", "blocking"),
    CheckConstraint("status in ('held', 'confirmed', 'cancelled', 'expired', 'done', 'no_show')", name="status"),
    CheckConstraint("starts_at < ends_at", name="times"),
    CheckConstraint("status <> 'held' or hold_expires_at is not null", name="hold_expires"),
    CheckConstraint("status not in ('confirmed', 'done', 'no_show') or code is not null", name="confirmed_has_code"),
    Index(
        "uq_appointments_unbooked",
        "account_id",
        "conversation_id",
        unique=True,
        postgresql_where=text("status in ('held', 'expired')"),
    ),
    Index("ix_appointments_limits", "account_id", "service", "starts_at", postgresql_where=text("blocking")),
    Index("ix_appointments_holds", "hold_expires_at", postgresql_where=text("status = 'held'")),
    Index(None, "account_id", "conversation_id"),
    Index(None, "account_id", "customer_email"),
    Index(None, "account_id", "customer_phone"),
)

occupancies = Table(
    "occupancies",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("appointment_id", BigInteger, nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("resource_id", Integer, ForeignKey("resources.id"), nullable=False),
    Column("seat", Integer),
    Column("kind", Text, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("part", Integer, nullable=False, server_default=text("1")),
    # The cascade keeps `blocking` true to the appointment's status, so that undoing a cancellation is guarded too.
    ForeignKeyConstraint(
        ["appointment_id", "blocking"],
        ["appointments.id", "appointments.blocking"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    CheckConstraint("kind in ('visit', 'before', 'after')", name="kind"),
    CheckConstraint("not isempty(during)", name="during"),
    # A visit overlaps no visit and no buffer; a buffer may overlap another's, so the third term of a buffer is a
    # number of its own and that of a visit all numbers (docs/decisions/0001-buffers.md). Ranges instead of plain
    # numbers because `=` on numbers would need the btree_gist extension.
    ExcludeConstraint(
        (text("int4range(resource_id, resource_id, '[]')"), "="),
        (text("int4range(seat, seat, '[]')"), "&&"),
        (
            text(
                "(case when kind = 'visit' then int8range(null, null)"
                " else int8range(appointment_id, appointment_id, '[]') end)"
            ),
            "&&",
        ),
        (Column("during", TSTZRANGE), "&&"),
        name="ex_occupancies_no_overlap",
        using="gist",
        where=text("blocking"),
    ),
    Index(None, "appointment_id"),
    Index(None, "resource_id", "id"),
    Index("ix_occupancies_during", "during", postgresql_using="gist", postgresql_where=text("blocking")),
)
"""One row for each resource taken by a visit, and one for each buffer kept free around it.

Part 1 is the resource that the appointment is with, further parts are what it needs besides. A row without a seat takes
all of them: only the visits of a group take one each.
"""

group_visits = Table(
    "group_visits",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("appointment_id", BigInteger, nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("resource_id", Integer, ForeignKey("resources.id"), nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("side", Integer, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    ForeignKeyConstraint(
        ["appointment_id", "blocking"],
        ["appointments.id", "appointments.blocking"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    CheckConstraint("side in (0, 1)", name="side"),
    # Sides 0 and 1 touch each other and not themselves. Side 0 is all numbers below the session's, side 1 its number:
    # of two sessions that differ, the lower one's number is among those below the other's.
    ExcludeConstraint(
        (text("int4range(resource_id, resource_id, '[]')"), "="),
        (text("int4range(side, side, '[]')"), "-|-"),
        (
            text("(case when side = 0 then int8range(null, session) else int8range(session, session, '[]') end)"),
            "&&",
        ),
        (Column("during", TSTZRANGE), "&&"),
        name="ex_group_visits_one_session",
        using="gist",
        where=text("blocking"),
    ),
    Index(None, "appointment_id"),
)
"""Two rows for each visit of a group, so that overlapping visits of a resource are of one session."""

changes = Table(
    "appointment_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("appointment_id", BigInteger, ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("conversation_id", Text),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    Column("request_key", Text),
    _time("at"),
    UniqueConstraint("account_id", "request_key"),
    Index(None, "appointment_id"),
    Index(None, "account_id", "at"),
)
"""Who changed what, and under which key; a key that is already here has had its effect. Holds nothing personal."""

code_entries = Table(
    "code_entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("conversation_id", Text, nullable=False),
    Column("appointment_id", BigInteger, ForeignKey("appointments.id", ondelete="CASCADE")),
    _time("at"),
    Index(None, "account_id", "conversation_id", "at"),
)
"""Confirmation codes named in a conversation: the appointment they opened, or none when they were wrong."""

waitlist = Table(
    "waitlist",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("conversation_id", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("wish", JSONB, nullable=False),
    _time("before", nullable=True),
    _time("created_at"),
    _time("ended_at", nullable=True),
    Index(
        "uq_waitlist_waiting",
        "account_id",
        "conversation_id",
        "service",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)
"""Who waits for an opening of a service, one row a conversation and service; those that ended stay."""

waitlist_offers = Table(
    "waitlist_offers",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account(),
    Column("waiting_id", BigInteger, ForeignKey("waitlist.id", ondelete="CASCADE"), nullable=False),
    _time("starts_at"),
    _time("ends_at"),
    _time("offered_at"),
    _time("expires_at"),
    _time("closed_at", nullable=True),
    UniqueConstraint("waiting_id", "starts_at"),
    Index("uq_waitlist_offers_open", "waiting_id", unique=True, postgresql_where=text("closed_at is null")),
)
"""What was offered to whom: one opening at a time, and none twice."""
