"""The calendar: resources, appointments, what they occupy, what changed them, codes named."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _resources()
    _appointments()
    _occupancies()
    _appointment_changes()
    _code_entries()


def downgrade() -> None:
    for table in ("code_entries", "appointment_changes", "occupancies", "appointments", "resources"):
        op.drop_table(table)


def _resources() -> None:
    op.create_table(
        "resources",
        sa.Column("id", sa.Integer, sa.Identity(always=True), nullable=False),
        _account(),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
        sa.UniqueConstraint("account_id", "key", name="uq_resources_account_id_key"),
    )


def _appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _account(),
        sa.Column("code", sa.Text),
        sa.Column("service", sa.Text, nullable=False),
        _time("starts_at"),
        _time("ends_at"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column(
            "blocking",
            sa.Boolean,
            sa.Computed("status = ANY (ARRAY['held'::text, 'confirmed'::text])", persisted=True),
            nullable=False,
        ),
        sa.Column("customer_name", sa.Text),
        sa.Column("customer_email", sa.Text),
        sa.Column("customer_phone", sa.Text),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
        _time("hold_expires_at", nullable=True),
        _time("created_at"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
        sa.UniqueConstraint("account_id", "code", name="uq_appointments_account_id_code"),
        sa.UniqueConstraint("id", "blocking", name="uq_appointments_id_blocking"),
        sa.CheckConstraint(
            "status in ('held', 'confirmed', 'cancelled', 'expired')", name=op.f("ck_appointments_status")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointments_times")),
        sa.CheckConstraint(
            "status <> 'held' or hold_expires_at is not null", name=op.f("ck_appointments_hold_expires")
        ),
        sa.CheckConstraint(
            "status <> 'confirmed' or code is not null", name=op.f("ck_appointments_confirmed_has_code")
        ),
    )
    op.create_index(
        "uq_appointments_unbooked",
        "appointments",
        ["account_id", "conversation_id"],
        unique=True,
        postgresql_where=sa.text("status in ('held', 'expired')"),
    )
    op.create_index(
        "ix_appointments_holds", "appointments", ["hold_expires_at"], postgresql_where=sa.text("status = 'held'")
    )
    for column in ("conversation_id", "customer_email", "customer_phone"):
        op.create_index(f"ix_appointments_account_id_{column}", "appointments", ["account_id", column])


def _occupancies() -> None:
    op.create_table(
        "occupancies",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _account(),
        sa.Column("appointment_id", sa.BigInteger, nullable=False),
        sa.Column("blocking", sa.Boolean, nullable=False),
        sa.Column("resource_id", sa.Integer, nullable=False),
        sa.Column("seat", sa.Integer, nullable=False, server_default="1"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("during", postgresql.TSTZRANGE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_occupancies"),
        sa.ForeignKeyConstraint(
            ["appointment_id", "blocking"],
            ["appointments.id", "appointments.blocking"],
            name="fk_occupancies_appointment_id_blocking",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name="fk_occupancies_resource_id"),
        sa.CheckConstraint("kind in ('visit', 'before', 'after')", name=op.f("ck_occupancies_kind")),
        sa.CheckConstraint("not isempty(during)", name=op.f("ck_occupancies_during")),
    )
    op.execute("""
        alter table occupancies add constraint ex_occupancies_no_overlap exclude using gist (
            int4range(resource_id, resource_id, '[]') with =,
            int4range(seat, seat, '[]') with =,
            (case when kind = 'visit' then int8range(null, null)
                  else int8range(appointment_id, appointment_id, '[]') end) with &&,
            during with &&
        ) where (blocking)
    """)
    op.create_index("ix_occupancies_appointment_id", "occupancies", ["appointment_id"])
    op.create_index("ix_occupancies_resource_id_id", "occupancies", ["resource_id", "id"])
    op.create_index(
        "ix_occupancies_during",
        "occupancies",
        ["during"],
        postgresql_using="gist",
        postgresql_where=sa.text("blocking"),
    )


def _appointment_changes() -> None:
    op.create_table(
        "appointment_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _account(),
        sa.Column("appointment_id", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB, nullable=False),
        sa.Column("request_key", sa.Text),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_appointment_changes"),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_appointment_changes_appointment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("account_id", "request_key", name="uq_appointment_changes_account_id_request_key"),
    )
    op.create_index("ix_appointment_changes_appointment_id", "appointment_changes", ["appointment_id"])
    op.create_index("ix_appointment_changes_account_id_at", "appointment_changes", ["account_id", "at"])


def _code_entries() -> None:
    op.create_table(
        "code_entries",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _account(),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("appointment_id", sa.BigInteger),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_code_entries"),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_code_entries_appointment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_code_entries_account_id_conversation_id_at", "code_entries", ["account_id", "conversation_id", "at"]
    )


def _account() -> sa.Column[int]:
    return sa.Column("account_id", sa.Integer, nullable=False, server_default="1")


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
