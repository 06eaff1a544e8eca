"""Places of a group visit, several resources for one visit, and an index for the limits of a service.

A visit takes all seats of its resource (null) unless it is a group visit, which takes one. Two group visits of one
resource that are not the same session must not overlap: `<>` as a constraint, in two rows each.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GUARD = """
    alter table occupancies add constraint ex_occupancies_no_overlap exclude using gist (
        int4range(resource_id, resource_id, '[]') with =,
        int4range(seat, seat, '[]') with {seats},
        (case when kind = 'visit' then int8range(null, null)
              else int8range(appointment_id, appointment_id, '[]') end) with &&,
        during with &&
    ) where (blocking)
"""
_UPGRADE = (
    "alter table occupancies drop constraint ex_occupancies_no_overlap",
    "alter table occupancies alter column seat drop not null, alter column seat drop default",
    "update occupancies set seat = null",
    _GUARD.format(seats="&&"),
    "alter table occupancies add column part integer not null default 1",
    """
    create table group_visits (
        id bigint generated always as identity constraint pk_group_visits primary key,
        account_id integer not null default 1,
        appointment_id bigint not null,
        blocking boolean not null,
        resource_id integer not null constraint fk_group_visits_resource_id references resources (id),
        session bigint not null,
        side integer not null,
        during tstzrange not null,
        constraint fk_group_visits_appointment_id_blocking foreign key (appointment_id, blocking)
            references appointments (id, blocking) on update cascade on delete cascade,
        constraint ck_group_visits_side check (side in (0, 1)),
        constraint ex_group_visits_one_session exclude using gist (
            int4range(resource_id, resource_id, '[]') with =,
            int4range(side, side, '[]') with -|-,
            (case when side = 0 then int8range(null, session) else int8range(session, session, '[]') end) with &&,
            during with &&
        ) where (blocking)
    )
    """,
    "create index ix_group_visits_appointment_id on group_visits (appointment_id)",
    "create index ix_appointments_limits on appointments (account_id, service, starts_at) where blocking",
)
_DOWNGRADE = (
    "drop index ix_appointments_limits",
    "drop table group_visits",
    "alter table occupancies drop constraint ex_occupancies_no_overlap",
    "delete from occupancies where part > 1",
    "alter table occupancies drop column part",
    "update occupancies set seat = 1 where seat is null",
    "alter table occupancies alter column seat set not null, alter column seat set default 1",
    _GUARD.format(seats="="),
)


def upgrade() -> None:
    for statement in _UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWNGRADE:
        op.execute(statement)
