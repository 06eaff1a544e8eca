"""The mailbox of developers: where mail goes when no mail server is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert

from notifications.email import Mail
from notifications.model import Outcome, Result
from notifications.ports import HandOver
from notifications.storage_tables import mailbox


@dataclass(frozen=True)
class KeptMail:
    """A mail that was kept instead of sent."""

    id: int
    sent_at: datetime
    recipient: str
    subject: str
    body: str


class PostgresMailbox:
    """A `Transport` that ends in the table `mailbox`, and what the mailbox page reads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def deliver(self, mail: Mail, hand_over: HandOver) -> Outcome:  # noqa: ARG002 - a repeat does no harm here
        row = {
            "account_id": mail.notification.account_id,
            "notification_id": mail.notification.id,
            "sent_at": mail.at,
            "recipient": mail.recipient.addr_spec,
            "subject": mail.subject,
            "body": mail.body,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(mailbox).values(row).on_conflict_do_nothing(index_elements=["notification_id"]))
        return Outcome(Result.ACCEPTED)

    def latest(self, limit: int = 50, *, account_id: int = 1) -> Sequence[KeptMail]:
        """The last mails kept, newest first."""
        columns = (mailbox.c.id, mailbox.c.sent_at, mailbox.c.recipient, mailbox.c.subject, mailbox.c.body)
        query = select(*columns).where(mailbox.c.account_id == account_id).order_by(mailbox.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [KeptMail(*row) for row in connection.execute(query)]
