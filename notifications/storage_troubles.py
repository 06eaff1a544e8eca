"""What went wrong in the outbox, on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from notifications.model import State
from notifications.storage_tables import notifications
from notifications.troubles import Trouble

_COLUMNS = tuple(notifications.c[name] for name in Trouble.__dataclass_fields__)
_TROUBLED = (State.PENDING, State.FAILED, State.UNKNOWN)


class PostgresTroubles:
    """The `Troubled` of one account."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def since(self, since: datetime, limit: int) -> Sequence[Trouble]:
        of_ours = (notifications.c.account_id == self._account_id, notifications.c.created_at > since)
        is_troubled = (notifications.c.state.in_(_TROUBLED), notifications.c.failure.is_not(None))
        query = select(*_COLUMNS).where(*of_ours, *is_troubled).order_by(notifications.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [Trouble(**{**row._mapping, "state": State(row.state)}) for row in connection.execute(query)]
