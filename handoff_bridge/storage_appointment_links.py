"""Appointments behind links, on PostgreSQL."""

from sqlalchemy import Engine, select

from handoff_bridge.appointment_links import Linked
from handoff_bridge.storage_tables import conversations
from scheduling.model import Status
from scheduling.storage_tables import appointments


class PostgresLinked:
    """The `LinkedStore` of one account."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def appointment(self, appointment_id: int) -> Linked | None:
        a = appointments.c
        query = (
            select(
                a.id,
                a.created_at.label("made_at"),
                a.service,
                a.starts_at.label("start"),
                a.ends_at.label("end"),
                a.status,
                a.code,
                a.customer_name,
                a.conversation_id,
                conversations.c.language,
            )
            .outerjoin(conversations, conversations.c.id == a.conversation_id)
            .where(a.account_id == self._account_id, a.id == appointment_id, a.code.is_not(None))
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return Linked(**{**row._mapping, "status": Status(row.status)}) if row else None
