"""The rows of `rasa_events`: what is asked of PostgreSQL, and how it is reached."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from rasa.shared.core.events import Event, UserUttered
from sqlalchemy.engine import Connection, Engine, make_url

SESSION = sa.text("""
    select position, data from rasa_events
    where sender_id = :sender_id and position >= coalesce(
        (select max(position) from rasa_events where sender_id = :sender_id and type_name = 'session_started'), 0)
    order by position
""")

EVERYTHING = sa.text("select position, data from rasa_events where sender_id = :sender_id order by position")

UP_TO_TURN = sa.text("""
    with turn as (select position, batch from rasa_events where sender_id = :sender_id and message_id = :message_id)
    select event.position, event.data from rasa_events event, turn
    where event.sender_id = :sender_id and event.batch <= turn.batch and event.position >= coalesce(
        (select max(start.position) from rasa_events start
         where start.sender_id = :sender_id and start.type_name = 'session_started' and start.position < turn.position),
        0)
    order by event.position
""")

EXISTS = sa.text("select exists (select from rasa_events where sender_id = :sender_id)")

SENDERS = sa.text("select distinct sender_id from rasa_events")

_ROWS = sa.table(
    "rasa_events",
    *map(sa.column, ("sender_id", "position", "batch", "type_name", "message_id", "timestamp", "data")),
)


def append(connection: Connection, sender_id: str, first: int, events: Sequence[Event]) -> None:
    """Writes the events from position `first` on. Raises `IntegrityError` if somebody else has written there."""
    rows = [_row(sender_id, position, first, event) for position, event in enumerate(events, first)]
    connection.execute(sa.insert(_ROWS), rows)


def connect(url: str, pool_size: int) -> Engine:
    """An engine for `url` (`postgresql://…`, by network or by socket folder); a fault is an error within 10 s."""
    address = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg2")
    return sa.create_engine(
        address,
        future=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=True,
        executemany_values_page_size=10_000,  # rows an INSERT; the default of 1000 would cut a long append in two
        hide_parameters=True,  # an error must not carry a customer's words into the log
        connect_args={
            "connect_timeout": 5,
            "options": "-c lock_timeout=10s -c statement_timeout=10s -c timezone=UTC",
            "application_name": "frontdesk-rasa",
        },
    )


def _row(sender_id: str, position: int, batch: int, event: Event) -> dict[str, Any]:
    return {
        "sender_id": sender_id,
        "position": position,
        "batch": batch,
        "type_name": event.type_name,
        "message_id": event.message_id if isinstance(event, UserUttered) else None,
        "timestamp": event.timestamp,
        "data": json.dumps(event.as_dict()),
    }
