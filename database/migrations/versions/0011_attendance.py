"""Visits done and missed, the promise to come, and the waitlist with what is offered to those on it.

`blocking` is a generated column, whose expression only newer servers can change; so it is made anew, and with it what
refers to it.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("occupancies", "group_visits")
_STATUSES = "alter table appointments add constraint ck_appointments_status check (status in ({statuses}))"
_HAS_CODE = "alter table appointments add constraint ck_appointments_confirmed_has_code check ({has_code})"
_NEW = (
    _STATUSES.format(statuses="'held', 'confirmed', 'cancelled', 'expired', 'done', 'no_show'"),
    _HAS_CODE.format(has_code="status not in ('confirmed', 'done', 'no_show') or code is not null"),
    "alter table appointments add column promised_at timestamptz",
    """
    create table waitlist (
        id bigint generated always as identity constraint pk_waitlist primary key,
        account_id integer not null default 1,
        conversation_id text not null,
        service text not null,
        wish jsonb not null,
        before timestamptz,
        created_at timestamptz not null,
        ended_at timestamptz
    )
    """,
    "create unique index uq_waitlist_waiting on waitlist (account_id, conversation_id, service) where ended_at is null",
    """
    create table waitlist_offers (
        id bigint generated always as identity constraint pk_waitlist_offers primary key,
        account_id integer not null default 1,
        waiting_id bigint not null
            constraint fk_waitlist_offers_waiting_id references waitlist (id) on delete cascade,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        offered_at timestamptz not null,
        expires_at timestamptz not null,
        closed_at timestamptz,
        constraint uq_waitlist_offers_waiting_id_starts_at unique (waiting_id, starts_at)
    )
    """,
    "create unique index uq_waitlist_offers_open on waitlist_offers (waiting_id) where closed_at is null",
)
_OLD = (
    "drop table waitlist_offers",
    "drop table waitlist",
    "alter table appointments drop column promised_at",
    "update appointments set status = 'confirmed' where status = 'done'",
    "update appointments set status = 'cancelled' where status = 'no_show'",
    _STATUSES.format(statuses="'held', 'confirmed', 'cancelled', 'expired'"),
    _HAS_CODE.format(has_code="status <> 'confirmed' or code is not null"),
)


def upgrade() -> None:
    _drop_checks()
    _make_blocking("'held'::text, 'confirmed'::text, 'done'::text")
    for statement in _NEW:
        op.execute(statement)


def downgrade() -> None:
    _drop_checks()
    for statement in _OLD:
        op.execute(statement)
    _make_blocking("'held'::text, 'confirmed'::text")


def _drop_checks() -> None:
    for name in ("status", "confirmed_has_code"):
        op.execute(f"alter table appointments drop constraint ck_appointments_{name}")


def _make_blocking(statuses: str) -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} drop constraint fk_{table}_appointment_id_blocking")
    op.execute("alter table appointments drop constraint uq_appointments_id_blocking")
    op.execute("drop index ix_appointments_limits")
    op.execute("alter table appointments drop column blocking")
    op.execute(
        "alter table appointments add column blocking boolean not null"
        f" generated always as (status = any (array[{statuses}])) stored"
    )
    op.execute("alter table appointments add constraint uq_appointments_id_blocking unique (id, blocking)")
    op.execute("create index ix_appointments_limits on appointments (account_id, service, starts_at) where blocking")
    for table in _TABLES:
        op.execute(
            f"alter table {table} add constraint fk_{table}_appointment_id_blocking"
            " foreign key (appointment_id, blocking) references appointments (id, blocking)"
            " on update cascade on delete cascade"
        )
