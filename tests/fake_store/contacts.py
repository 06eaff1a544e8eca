"""Contacts in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, override

from handoff_bridge import ports
from handoff_bridge.people import Contact
from tests.fake_store.locks import Kind
from tests.fake_store.work import Work


class FakeContacts(ports.Contacts):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.contacts

    def find(self, channel: str, address: str) -> Contact | None:
        return next((c for c in self._rows.values() if (c.channel, c.address) == (channel, address)), None)

    def get(self, contact_id: int) -> Contact:
        return self._rows[contact_id]

    @override
    def add(
        self, channel: str, address: str, token_hash: bytes | None, first_message_id: str | None, now: datetime
    ) -> bool:
        if self.find(channel, address) is not None:
            return False
        contact = Contact(
            id=next(self._work.ids),
            account_id=1,
            channel=channel,
            address=address,
            name=None,
            email=None,
            phone=None,
            token_hash=token_hash,
            first_message_id=first_message_id,
            token_used_at=None,
        )
        self._rows[contact.id] = contact
        return True

    def use_token(self, contact_id: int, now: datetime) -> None:
        if self._rows[contact_id].token_used_at is None:
            self._update(contact_id, {"token_used_at": now})

    def describe(self, contact_id: int, name: str | None, email: str | None, phone: str | None) -> None:
        heard = {"name": name, "email": email, "phone": phone}
        settled = self._rows[contact_id].settled
        self._update(contact_id, {k: v for k, v in heard.items() if v is not None and k not in settled})

    def settle(self, contact_id: int, values: Mapping[str, str | None], now: datetime) -> None:
        self._update(contact_id, {**values, **{f"{name}_settled_at": now for name in values}})

    def _update(self, contact_id: int, values: Mapping[str, Any]) -> None:
        self._work.locks.take(Kind.CONTACT, contact_id)
        self._rows[contact_id] = replace(self._rows[contact_id], **values)
