"""Invitations go with the mail about an appointment; mail nobody asked for can be dropped, stopped and answered."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "alter table notifications add column invitation jsonb",
    "alter table notifications drop constraint ck_notifications_state",
    """
    alter table notifications add constraint ck_notifications_state
        check (state in ('pending', 'sent', 'failed', 'unknown', 'dropped'))
    """,
    "alter table notifications drop constraint ck_notifications_failure",
    """
    alter table notifications add constraint ck_notifications_failure
        check (state not in ('failed', 'unknown', 'dropped') or failure is not null)
    """,
    """
    create table mail_opt_outs (
        account_id bigint not null default 1,
        address text not null constraint ck_mail_opt_outs_lower_case check (address = lower(address)),
        at timestamptz not null,
        constraint pk_mail_opt_outs primary key (account_id, address)
    )
    """,
    """
    create table visit_ratings (
        account_id bigint not null default 1,
        notification_id bigint constraint pk_visit_ratings primary key
            constraint fk_visit_ratings_notification_id references notifications (id) on delete cascade,
        score integer not null constraint ck_visit_ratings_score check (score between 1 and 5),
        at timestamptz not null
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """What was dropped counts as failed: the older version knows no other end for it."""
    op.execute("drop table visit_ratings, mail_opt_outs")
    op.execute("update notifications set state = 'failed' where state = 'dropped'")
    op.execute("alter table notifications drop column invitation")
    op.execute("alter table notifications drop constraint ck_notifications_state")
    op.execute(
        "alter table notifications add constraint ck_notifications_state"
        " check (state in ('pending', 'sent', 'failed', 'unknown'))"
    )
    op.execute("alter table notifications drop constraint ck_notifications_failure")
    op.execute(
        "alter table notifications add constraint ck_notifications_failure"
        " check (state not in ('failed', 'unknown') or failure is not null)"
    )
