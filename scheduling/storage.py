"""The calendar on PostgreSQL: `PostgresStore` implements the `Store` port."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, false, func, insert, or_, select, update

from scheduling import storage_rows as rows
from scheduling import storage_taking as taking
from scheduling.agenda import Use
from scheduling.model import Appointment, Customer, Status, Who
from scheduling.storage_tables import appointments, changes, code_entries
from scheduling.storage_uses import read_starts, read_uses
from scheduling.storage_waitlist import PostgresWaitingList
from scheduling.store import Change
from scheduling.waiting import WaitingList

_SERVICES = 7206517  # the same for services that have limits
_CUSTOMERS = 7206518  # and for the addresses and numbers of customers
_CONVERSATIONS = 7206515  # the first key of the advisory locks on conversations; the second is a hash of its id


class PostgresStore:
    """The `Store` of one account."""

    def __init__(self, engine: Engine, *, account_id: int = 1) -> None:
        self._engine = engine
        self._account_id = account_id

    @contextmanager
    def transaction(self) -> Iterator["PostgresTransaction"]:
        with self._engine.begin() as connection:
            yield PostgresTransaction(connection, self._account_id)


class PostgresTransaction:
    """The `Transaction` port on one connection."""

    def __init__(self, connection: Connection, account_id: int) -> None:
        self._connection = connection
        self._account_id = account_id
        self.waitlist: WaitingList = PostgresWaitingList(connection, account_id)

    def wait_for(self, conversation_id: str) -> None:
        key = func.hashtext(f"{self._account_id}:{conversation_id}")
        self._connection.execute(select(func.pg_advisory_xact_lock(_CONVERSATIONS, key)))

    def recall(self, request_key: str) -> Appointment | None:
        found = self._connection.execute(
            rows.selected()
            .add_columns(changes.c.after)
            .join(changes, changes.c.appointment_id == appointments.c.id)
            .where(changes.c.account_id == self._account_id, changes.c.request_key == request_key)
        ).one_or_none()
        return rows.as_it_was(found) if found else None

    def unbooked(self, conversation_id: str) -> Appointment | None:
        return self._one(
            self._of(conversation_id)
            .where(appointments.c.status.in_((Status.HELD, Status.EXPIRED)))
            .with_for_update(of=appointments)
        )

    def appointment(self, appointment_id: int) -> Appointment | None:
        return self._one(self._ours(appointments.c.id == appointment_id).with_for_update(of=appointments))

    def by_code(self, code: str) -> Appointment | None:
        return self._one(self._ours(appointments.c.code == code))

    def upcoming(self, conversation_id: str, now: datetime) -> tuple[Appointment, ...]:
        wanted = self._of(conversation_id).where(
            appointments.c.status == Status.CONFIRMED, appointments.c.starts_at > now
        )
        found = self._connection.execute(wanted.order_by(appointments.c.starts_at, appointments.c.id))
        return tuple(map(rows.appointment, found))

    def of_customer(self, conversation_id: str, customer: Customer, limit: int) -> tuple[Appointment, ...]:
        wanted = self._ours(_theirs(conversation_id, customer)).where(
            appointments.c.status.in_((Status.HELD, Status.CONFIRMED, Status.DONE, Status.NO_SHOW))
        )
        latest_first = wanted.order_by(appointments.c.starts_at.desc(), appointments.c.id.desc()).limit(limit)
        return tuple(map(rows.appointment, self._connection.execute(latest_first)))

    def has_changed(self, conversation_id: str, customer: Customer, since: datetime) -> bool:
        settled = (changes.c.what.in_(("booked", "moved", "cancelled")), changes.c.at > since)
        query = (
            select(changes.c.id)
            .join(appointments, appointments.c.id == changes.c.appointment_id)
            .where(changes.c.account_id == self._account_id, *settled, _theirs(conversation_id, customer))
        )
        return self._connection.execute(select(query.exists())).scalar_one()

    def moves(self, appointment_id: int) -> int:
        by_customer = (changes.c.what == "moved", changes.c.who == Who.CUSTOMER)
        query = select(func.count()).where(changes.c.appointment_id == appointment_id, *by_customer)
        return self._connection.execute(query).scalar_one()

    def wait_for_customer(self, customer: Customer) -> None:
        ways = [f"{self._account_id}:{way}" for way in (customer.email, customer.phone) if way]
        for number in sorted(self._connection.execute(select(func.hashtext(way))).scalar_one() for way in ways):
            self._connection.execute(select(func.pg_advisory_xact_lock(_CUSTOMERS, number)))

    def at_the_same_time(self, customer: Customer, start: datetime, end: datetime, *, ignoring: int) -> bool:
        query = select(appointments.c.id).where(
            appointments.c.account_id == self._account_id,
            appointments.c.status == Status.CONFIRMED,
            appointments.c.id != ignoring,
            appointments.c.starts_at < end,
            appointments.c.ends_at > start,
            or_(false(), *_reached_by(customer)),
        )
        return self._connection.execute(select(query.exists())).scalar_one()

    def wait_for_service(self, service: str) -> None:
        key = func.hashtext(f"{self._account_id}:{service}")
        self._connection.execute(select(func.pg_advisory_xact_lock(_SERVICES, key)))

    def booked(
        self, service: str, start: datetime, end: datetime, *, now: datetime, ignoring: int | None
    ) -> Sequence[datetime]:
        return read_starts(self._connection, self._account_id, service, (start, end), now=now, ignoring=ignoring)

    def uses(
        self,
        resources: Sequence[str],
        start: datetime,
        end: datetime,
        *,
        now: datetime,
        ignoring: int | None,
        group: tuple[str, int, int] | None = None,
    ) -> Mapping[str, Use]:
        between = (start, end)
        return read_uses(
            self._connection, self._account_id, resources, between, now=now, ignoring=ignoring, group=group
        )

    def put(self, change: Change) -> Appointment:
        if taking.takes_anew(change):
            with self._connection.begin_nested():
                resource_ids = taking.lock_resources(self._connection, change, self._account_id)
                taking.let_expired_holds_go(self._connection, change, resource_ids)
                taking.leave(self._connection, change.after.id)
                stored = self._write(change)
                taking.occupy(self._connection, change, stored.id, resource_ids, self._account_id)
        else:
            taking.lock_resources(self._connection, change, self._account_id)
            stored = self._write(change)
        self._connection.execute(insert(changes).values(rows.of_change(change, stored.id, self._account_id)))
        return stored

    def wrong_codes(self, conversation_id: str, since: datetime) -> int:
        wrong = self._entries(conversation_id, code_entries.c.appointment_id.is_(None), code_entries.c.at > since)
        return self._connection.execute(wrong).scalar_one()

    def note_code(self, conversation_id: str, appointment_id: int | None, at: datetime) -> None:
        self._connection.execute(
            insert(code_entries).values(
                account_id=self._account_id, conversation_id=conversation_id, appointment_id=appointment_id, at=at
            )
        )

    def has_named_code(self, conversation_id: str, appointment_id: int) -> bool:
        named = self._entries(conversation_id, code_entries.c.appointment_id == appointment_id)
        return self._connection.execute(named).scalar_one() > 0

    def _write(self, change: Change) -> Appointment:
        values = rows.columns(change.after) | {"updated_at": change.at}
        if change.before is None:
            new = values | {
                "account_id": self._account_id,
                "conversation_id": change.after.conversation_id,
                "created_at": change.at,
            }
            statement = insert(appointments).values(new).returning(appointments.c.id)
            return replace(change.after, id=self._connection.execute(statement).scalar_one())
        self._connection.execute(update(appointments).where(appointments.c.id == change.after.id).values(values))
        return change.after

    def _ours(self, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return rows.selected().where(appointments.c.account_id == self._account_id, condition)

    def _of(self, conversation_id: str) -> Select[*tuple[Any, ...]]:
        return self._ours(appointments.c.conversation_id == conversation_id)

    def _one(self, statement: Select[*tuple[Any, ...]]) -> Appointment | None:
        found = self._connection.execute(statement).one_or_none()
        return rows.appointment(found) if found else None

    def _entries(self, conversation_id: str, *conditions: ColumnElement[bool]) -> Select[int]:
        return select(func.count()).where(
            code_entries.c.account_id == self._account_id,
            code_entries.c.conversation_id == conversation_id,
            *conditions,
        )


def _theirs(conversation_id: str, customer: Customer) -> ColumnElement[bool]:
    """Of the conversation, or under the customer's address or number."""
    return or_(appointments.c.conversation_id == conversation_id, *_reached_by(customer))


def _reached_by(customer: Customer) -> list[ColumnElement[bool]]:
    """Under the customer's address, or under the number."""
    ways: list[ColumnElement[bool]] = []
    if customer.email:
        ways.append(appointments.c.customer_email == customer.email)
    if customer.phone:
        ways.append(appointments.c.customer_phone == customer.phone)
    return ways
