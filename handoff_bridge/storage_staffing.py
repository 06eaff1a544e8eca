"""What staffing is computed from, on PostgreSQL. Reads only."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from handoff_bridge.handoffs import TAKE_OVER
from handoff_bridge.people import Place
from handoff_bridge.storage_handoffs import handoffs
from handoff_bridge.storage_tables import agents


class PostgresStaffing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def requests(self, department: str, since: datetime, time_zone: str) -> Mapping[datetime, int]:
        hour = func.date_trunc("hour", func.timezone(time_zone, handoffs.c.requested_at)).label("hour")
        came = (handoffs.c.department == department, handoffs.c.requested_at >= since, handoffs.c.reason != TAKE_OVER)
        query = select(hour, func.count().label("number")).where(*came).group_by(hour)
        return {row.hour: row.number for row in self._connection.execute(query)}

    def first_request(self) -> datetime | None:
        first: datetime | None = self._connection.scalar(select(func.min(handoffs.c.requested_at)))
        return first

    def handling(self, department: str, since: datetime) -> tuple[int, float | None]:
        seconds = func.extract("epoch", handoffs.c.ended_at - handoffs.c.accepted_at)
        ended = (handoffs.c.department == department, handoffs.c.accepted_at >= since, handoffs.c.ended_at.is_not(None))
        inside = select(func.count(), func.avg(seconds)).join(agents, agents.c.id == handoffs.c.accepted_by)
        number, mean = self._connection.execute(inside.where(*ended, agents.c.place == Place.INBOX)).one()
        return number, float(mean) if mean is not None else None
