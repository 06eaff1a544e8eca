"""Rasa's conversations: the events of the tracker, written by addons/tracker_store.py.

`position` counts a conversation's events without a gap; `batch` is the position at which the append began that wrote
the row. The unique constraints keep two writers from interleaving and a message from being answered twice.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table rasa_events (
            id bigint generated always as identity constraint pk_rasa_events primary key,
            account_id integer not null default 1,
            sender_id varchar(128) not null,
            position bigint not null,
            batch bigint not null,
            type_name varchar(64) not null,
            message_id varchar(255),
            "timestamp" double precision not null,
            data text not null,
            constraint uq_rasa_events_sender_id_position unique (sender_id, position),
            constraint ck_rasa_events_batch check (0 <= batch and batch <= position)
        )
    """)
    op.execute("""
        create unique index uq_rasa_events_sender_id_message_id on rasa_events (sender_id, message_id)
        where message_id is not null
    """)
    op.execute("""
        create index ix_rasa_events_session_start on rasa_events (sender_id, position)
        where type_name = 'session_started'
    """)


def downgrade() -> None:
    op.execute("drop table rasa_events")
