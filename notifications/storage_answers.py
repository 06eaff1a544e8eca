"""Who wants no mail, and how visits were, on PostgreSQL."""

from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from notifications.answers import Scores
from notifications.model import Notification
from notifications.storage import notification_of
from notifications.storage_tables import mail_opt_outs, notifications, visit_ratings


class PostgresAnswers:
    """The `AnswerStore` of one account, and who has opted out."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    def notification(self, notification_id: int) -> Notification | None:
        is_it = (notifications.c.account_id == self._account_id, notifications.c.id == notification_id)
        with self._engine.connect() as connection:
            row = connection.execute(select(notifications).where(*is_it)).one_or_none()
        return notification_of(row) if row else None

    def stop(self, address: str, at: datetime) -> None:
        row = {"account_id": self._account_id, "address": address.lower(), "at": at}
        with self._engine.begin() as connection:
            connection.execute(insert(mail_opt_outs).values(row).on_conflict_do_nothing())

    def has(self, address: str) -> bool:
        """Whether it wants nothing that it did not ask for, however it is written."""
        ours = (mail_opt_outs.c.account_id == self._account_id, mail_opt_outs.c.address == address.lower())
        with self._engine.connect() as connection:
            return connection.execute(select(mail_opt_outs.c.at).where(*ours)).one_or_none() is not None

    def rate(self, notification_id: int, score: int, at: datetime) -> None:
        answer = {"score": score, "at": at}
        row = {"account_id": self._account_id, "notification_id": notification_id, **answer}
        with self._engine.begin() as connection:
            new = insert(visit_ratings).values(row)
            connection.execute(new.on_conflict_do_update(index_elements=["notification_id"], set_=answer))

    def scores(self, since: datetime, until: datetime) -> Scores:
        n, r = notifications.c, visit_ratings.c
        figures = [func.count().filter(r.score == score) for score in range(1, 6)]
        query = (
            select(func.count(), *figures)
            .select_from(notifications.outerjoin(visit_ratings, r.notification_id == n.id))
            .where(n.account_id == self._account_id, n.template == "follow_up", n.sent_at >= since, n.sent_at < until)
        )
        with self._engine.connect() as connection:
            asked, *scores = connection.execute(query).one()
        return Scores(asked, tuple(scores))
