"""Appointments whose time comes or has been, on PostgreSQL, for what is mailed about them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, select

from handoff_bridge.appointment_reminders import Visit
from handoff_bridge.storage_tables import conversations
from notifications.storage_tables import notifications
from scheduling.model import Status
from scheduling.storage_tables import appointments, changes


class PostgresVisits:
    """The `Visits` of one account."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def beginning(self, after: datetime, before: datetime) -> Sequence[Visit]:
        starts = appointments.c.starts_at
        return self._all(self._visits().where(starts > after, starts < before).order_by(starts))

    def ended(self, after: datetime, before: datetime) -> Sequence[Visit]:
        ends = appointments.c.ends_at
        return self._all(self._visits().where(ends > after, ends <= before).order_by(ends))

    def standing(self, appointment_id: int, sequence: int) -> Visit | None:
        is_it = (appointments.c.id == appointment_id, appointments.c.sequence == sequence)
        return next(iter(self._all(self._visits().where(*is_it))), None)

    def told(self, keys: Collection[str]) -> Collection[str]:
        if not keys:
            return ()
        key = notifications.c.key
        query = select(key).where(notifications.c.account_id == self._account_id, key.in_(keys))
        with self._engine.connect() as connection:
            return set(connection.scalars(query))

    def _visits(self) -> Select[Any]:
        of_it = (changes.c.appointment_id == appointments.c.id, changes.c.what.in_(("booked", "moved")))
        set_at = select(func.max(changes.c.at)).where(*of_it).scalar_subquery()
        a = appointments.c
        return (
            select(
                a.id,
                a.created_at,
                a.sequence,
                a.service,
                a.starts_at,
                a.ends_at,
                func.coalesce(set_at, a.created_at),
                a.code,
                a.customer_name,
                a.customer_email,
                conversations.c.language,
            )
            .outerjoin(conversations, conversations.c.id == a.conversation_id)
            .where(a.account_id == self._account_id, a.status == Status.CONFIRMED, a.customer_email.is_not(None))
        )

    def _all(self, query: Select[Any]) -> Sequence[Visit]:
        with self._engine.connect() as connection:
            return [Visit(*row) for row in connection.execute(query)]
