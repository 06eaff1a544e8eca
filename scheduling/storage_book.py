"""The appointment book as the business reads it: who comes when, to what, across all conversations. Reads only."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, and_, func, not_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from scheduling.book import Visit
from scheduling.model import Customer, Status
from scheduling.storage_tables import appointments, occupancies, resources


class PostgresBook:
    """The book of one account."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def between(self, start: datetime, end: datetime, *, now: datetime) -> Sequence[Visit]:
        """The appointments that take up any of the time from `start` to `end` (excluded), the first to begin first.

        Those booked, and those held by `now`. Each has the keys of all that it takes, the one it is with first.
        """
        keys = func.array_agg(aggregate_order_by(resources.c.key, occupancies.c.part))
        overlap = occupancies.c.during.op("&&")(func.tstzrange(start, end))
        ran_out = and_(appointments.c.status == Status.HELD, appointments.c.hold_expires_at <= now)
        query = (
            select(appointments, keys.label("resources"))
            .join(occupancies, occupancies.c.appointment_id == appointments.c.id)
            .join(resources, resources.c.id == occupancies.c.resource_id)
            .where(appointments.c.account_id == self._account_id, occupancies.c.kind == "visit")
            .where(occupancies.c.blocking, overlap, not_(ran_out))
            .group_by(appointments.c.id)
            .order_by(appointments.c.starts_at, appointments.c.id)
        )
        with self._engine.connect() as connection:
            return [
                Visit(
                    id=row.id,
                    conversation_id=row.conversation_id,
                    service=row.service,
                    resources=tuple(row.resources),
                    start=row.starts_at,
                    end=row.ends_at,
                    status=Status(row.status),
                    customer=Customer(row.customer_name, row.customer_email, row.customer_phone),
                )
                for row in connection.execute(query)
            ]
