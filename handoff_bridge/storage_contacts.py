"""Contacts on PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from handoff_bridge.people import Contact
from handoff_bridge.storage_tables import contacts

COLUMNS = tuple(contacts.c[name] for name in Contact.__dataclass_fields__)

_FIND = select(*COLUMNS).where(
    contacts.c.channel == bindparam("channel"), contacts.c.address == bindparam("address")
)  # made once: it runs with every message of a customer


class PostgresContacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, channel: str, address: str) -> Contact | None:
        row = self._connection.execute(_FIND, {"channel": channel, "address": address}).one_or_none()
        return Contact(*row) if row else None

    def get(self, contact_id: int) -> Contact:
        return Contact(*self._connection.execute(select(*COLUMNS).where(contacts.c.id == contact_id)).one())

    def add(
        self, channel: str, address: str, token_hash: bytes | None, first_message_id: str | None, now: datetime
    ) -> bool:
        added = self._connection.execute(
            insert(contacts)
            .values(
                channel=channel,
                address=address,
                token_hash=token_hash,
                first_message_id=first_message_id,
                created_at=now,
            )
            .on_conflict_do_nothing()
        )
        return added.rowcount == 1

    def use_token(self, contact_id: int, now: datetime) -> None:
        unused = (contacts.c.id == contact_id, contacts.c.token_used_at.is_(None))
        self._connection.execute(update(contacts).where(*unused).values(token_used_at=now))

    def describe(self, contact_id: int, name: str | None, email: str | None, phone: str | None) -> None:
        heard = {"name": name, "email": email, "phone": phone}
        said = {field: _unless_settled(field, value) for field, value in heard.items() if value is not None}
        if said:
            is_news = or_(*(contacts.c[field].is_distinct_from(value) for field, value in said.items()))
            self._connection.execute(update(contacts).where(contacts.c.id == contact_id, is_news).values(said))

    def settle(self, contact_id: int, values: Mapping[str, str | None], now: datetime) -> None:
        since = {f"{field}_settled_at": now for field in values}
        self._connection.execute(update(contacts).where(contacts.c.id == contact_id).values({**values, **since}))


def _unless_settled(field: str, value: str) -> Any:
    return case((contacts.c[f"{field}_settled_at"].is_(None), value), else_=contacts.c[field])
