"""The waitlist on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from scheduling.storage_tables import waitlist, waitlist_offers
from scheduling.waiting import Waiting, WaitlistOffer
from scheduling.wishes import Wish

_WAITLISTS = 7206519  # the first key of the advisory locks on waitlists; the second is the account


class PostgresWaitingList:
    """The `WaitingList` port on one connection."""

    def __init__(self, connection: Connection, account_id: int) -> None:
        self._connection = connection
        self._account_id = account_id

    def join(self, conversation_id: str, service: str, wish: Wish, before: datetime | None, at: datetime) -> Waiting:
        wanted = {"wish": wish.to_json(), "before": before}
        who = {"account_id": self._account_id, "conversation_id": conversation_id, "service": service}
        statement = insert_or_update(waitlist).values(who | wanted | {"created_at": at})
        statement = statement.on_conflict_do_update(
            index_elements=list(who), index_where=text("ended_at is null"), set_=wanted
        )
        waiting_id = self._connection.execute(statement.returning(waitlist.c.id)).scalar_one()
        return Waiting(waiting_id, conversation_id, service, wish, before, self._offered(waiting_id))

    def take_turns(self) -> None:
        self._connection.execute(select(func.pg_advisory_xact_lock(_WAITLISTS, self._account_id)))

    def waiting(self) -> Sequence[tuple[int, str]]:
        query = select(waitlist.c.id, waitlist.c.conversation_id).where(*self._wait())
        rows = self._connection.execute(query.order_by(waitlist.c.created_at, waitlist.c.id))
        return [(row.id, row.conversation_id) for row in rows]

    def one(self, waiting_id: int) -> Waiting | None:
        return self._read(waitlist.c.id == waiting_id)

    def of(self, conversation_id: str, service: str) -> Waiting | None:
        return self._read(waitlist.c.conversation_id == conversation_id, waitlist.c.service == service)

    def end(self, waiting_id: int, at: datetime) -> None:
        self._connection.execute(update(waitlist).where(waitlist.c.id == waiting_id).values(ended_at=at))
        is_open = (waitlist_offers.c.waiting_id == waiting_id, waitlist_offers.c.closed_at.is_(None))
        self._connection.execute(update(waitlist_offers).where(*is_open).values(closed_at=at))

    def open_offer(self, waiting_id: int) -> WaitlistOffer | None:
        row = self._connection.execute(self._open(waitlist.c.id == waiting_id)).one_or_none()
        return _offer(row) if row else None

    def open_offers(self) -> Sequence[WaitlistOffer]:
        rows = self._connection.execute(self._open().order_by(waitlist_offers.c.id))
        return [_offer(row) for row in rows]

    def close_offer(self, offer_id: int, at: datetime) -> None:
        statement = update(waitlist_offers).where(waitlist_offers.c.id == offer_id)
        self._connection.execute(statement.values(closed_at=at))

    def add_offer(self, waiting: Waiting, start: datetime, end: datetime, at: datetime, until: datetime) -> int:
        values = {"starts_at": start, "ends_at": end, "offered_at": at, "expires_at": until}
        statement = insert(waitlist_offers).values(account_id=self._account_id, waiting_id=waiting.id, **values)
        number: int = self._connection.execute(statement.returning(waitlist_offers.c.id)).scalar_one()
        return number

    def _wait(self) -> tuple[ColumnElement[bool], ...]:
        return waitlist.c.account_id == self._account_id, waitlist.c.ended_at.is_(None)

    def _read(self, *conditions: ColumnElement[bool]) -> Waiting | None:
        row = self._connection.execute(select(waitlist).where(*self._wait(), *conditions)).one_or_none()
        if row is None:
            return None
        wish = Wish.from_dict(row.wish)
        return Waiting(row.id, row.conversation_id, row.service, wish, row.before, self._offered(row.id))

    def _offered(self, waiting_id: int) -> tuple[datetime, ...]:
        query = select(waitlist_offers.c.starts_at).where(waitlist_offers.c.waiting_id == waiting_id)
        return tuple(self._connection.execute(query.order_by(waitlist_offers.c.id)).scalars())

    def _open(self, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return (
            select(waitlist_offers, waitlist.c.conversation_id, waitlist.c.service)
            .join(waitlist, waitlist.c.id == waitlist_offers.c.waiting_id)
            .where(*self._wait(), waitlist_offers.c.closed_at.is_(None), *conditions)
        )


def _offer(row: Row[Any]) -> WaitlistOffer:
    return WaitlistOffer(
        row.id, row.waiting_id, row.conversation_id, row.service, row.starts_at, row.ends_at, row.expires_at
    )
