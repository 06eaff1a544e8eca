"""The outbox on PostgreSQL. Leases run on the database's clock, the one that all processes share."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from notifications.errors import LeaseLostError
from notifications.invitation import Invitation
from notifications.model import BEFORE, UNASKED, Draft, Notification, State
from notifications.storage_tables import notifications

LEASE = timedelta(minutes=10)
"""Longer than an attempt can take."""

_MARKS = ("state", "next_at", "lease_until", "failure", "sent_at")
_IS_FREE = or_(notifications.c.lease_until.is_(None), notifications.c.lease_until < func.now())


def add(connection: Connection, draft: Draft, now: datetime, *, account_id: int = 1) -> bool:
    """Stores the draft in the caller's transaction; False when the account already has its key."""
    values = {name: getattr(draft, name) for name in ("key", "channel", "recipient", "language", "template")}
    invitation = draft.invitation.as_json() if draft.invitation else None
    kept = {"data": dict(draft.data), "invitation": invitation}
    row = values | kept | {"account_id": account_id, "next_at": now, "created_at": now}
    new = insert(notifications).values(row).on_conflict_do_nothing(index_elements=["account_id", "key"])
    return connection.scalar(new.returning(notifications.c.id)) is not None


class PostgresOutbox:
    """The `Store` of one account; `lease` is how long a claimed notification belongs to its sender alone."""

    def __init__(self, engine: Engine, *, account_id: int = 1, lease: timedelta = LEASE) -> None:
        self._engine = engine
        self._account_id = account_id
        self._lease = lease

    def add(self, draft: Draft, now: datetime) -> bool:
        with self._engine.begin() as connection:
            return add(connection, draft, now, account_id=self._account_id)

    def claim(self, now: datetime) -> Notification | None:
        claimed = (
            update(notifications)
            .where(notifications.c.id == _next_due(self._account_id, now).scalar_subquery())
            .values(attempts=notifications.c.attempts + 1, lease_until=func.now() + self._lease)
            .returning(notifications)
        )
        with self._engine.begin() as connection:
            row = connection.execute(claimed).one_or_none()
        return notification_of(row) if row else None

    def hand_over(self, notification: Notification, now: datetime) -> None:
        values = {"handed_over_at": now, "lease_until": func.now() + self._lease}
        if not self._mark(notification, frozenset({State.PENDING}), values):
            raise LeaseLostError

    def settle(self, notification: Notification) -> bool:
        values = {name: getattr(notification, name) for name in _MARKS}
        if notification.state is State.PENDING:
            values["handed_over_at"] = None
        return self._mark(notification, BEFORE[notification.state], values)

    def settle_interrupted(self, reason: str) -> int:
        is_interrupted = and_(
            notifications.c.account_id == self._account_id,
            notifications.c.state == State.PENDING,
            notifications.c.handed_over_at.is_not(None),
            notifications.c.lease_until < func.now(),
        )
        values = {"state": State.UNKNOWN, "lease_until": None, "failure": reason}
        with self._engine.begin() as connection:
            return connection.execute(update(notifications).where(is_interrupted).values(values)).rowcount

    def _mark(self, notification: Notification, before: frozenset[State], values: dict[str, Any]) -> bool:
        """Whether the row was still at this sender's attempt and in one of the states `before`."""
        is_ours = and_(
            notifications.c.id == notification.id,
            notifications.c.attempts == notification.attempts,
            notifications.c.state.in_(before),
        )
        with self._engine.begin() as connection:
            return connection.execute(update(notifications).where(is_ours).values(values)).rowcount == 1


def _next_due(account_id: int, now: datetime) -> Select[tuple[int]]:
    earlier = notifications.alias("earlier")
    is_behind = (
        select(earlier.c.id)
        .where(
            earlier.c.account_id == notifications.c.account_id,
            earlier.c.recipient == notifications.c.recipient,
            earlier.c.state == State.PENDING,
            earlier.c.template.not_in(UNASKED),
            earlier.c.id < notifications.c.id,
        )
        .exists()
    )
    return (
        select(notifications.c.id)
        .where(
            notifications.c.account_id == account_id,
            notifications.c.state == State.PENDING,
            notifications.c.next_at <= now,
            notifications.c.handed_over_at.is_(None),
            _IS_FREE,
            ~is_behind,
        )
        .order_by(notifications.c.next_at, notifications.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def notification_of(row: Row[Any]) -> Notification:
    """The notification in a row of the table."""
    invitation = Invitation.from_json(row.invitation) if row.invitation else None
    return Notification(**{**row._mapping, "state": State(row.state), "invitation": invitation})
