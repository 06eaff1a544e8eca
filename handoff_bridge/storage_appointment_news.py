"""The calendar's changes that have not been announced, on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import DateTime, Engine, Integer, Text, cast, literal, select

from handoff_bridge.appointment_news import AppointmentChange, news_key
from handoff_bridge.storage_tables import conversations
from notifications.storage_tables import notifications
from scheduling.storage_tables import appointments, changes

_ANNOUNCED = ("booked", "moved", "cancelled")


class PostgresChanges:
    """The `Changes` of one account. What and when are as the change left them, who the customer is as of now."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def unannounced(self, since: datetime, limit: int) -> Sequence[AppointmentChange]:
        key = literal(news_key("")) + cast(changes.c.id, Text)
        of_change = (notifications.c.account_id == changes.c.account_id, notifications.c.key == key)
        query = (
            select(
                changes.c.id,
                appointments.c.id,
                appointments.c.created_at,
                changes.c.what,
                changes.c.after["service"].astext,
                cast(changes.c.after["start"].astext, DateTime(timezone=True)),
                cast(changes.c.after["end"].astext, DateTime(timezone=True)),
                cast(changes.c.after["sequence"].astext, Integer),
                changes.c.after["code"].astext,
                appointments.c.customer_name,
                appointments.c.customer_email,
                conversations.c.language,
            )
            .join(appointments, appointments.c.id == changes.c.appointment_id)
            .outerjoin(conversations, conversations.c.id == changes.c.conversation_id)
            .where(changes.c.account_id == self._account_id, changes.c.at > since, changes.c.what.in_(_ANNOUNCED))
            .where(appointments.c.customer_email.is_not(None))
            .where(~select(notifications.c.id).where(*of_change).exists())
            .order_by(changes.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [AppointmentChange(*row) for row in connection.execute(query)]
