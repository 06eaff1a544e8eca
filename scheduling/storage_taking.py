"""How an appointment takes its resource: the lock, the expired holds that give way, the rows, the constraint."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.exc import IntegrityError

from scheduling.model import Appointment, Status
from scheduling.storage_tables import group_visits, occupancies, resources
from scheduling.store import Change, OccupiedError

_RESOURCES = 7206516  # the first key of the advisory locks on resources; the second is the resource's id
_OVERLAP = "23P01"  # exclusion_violation
_TAKING = (Status.HELD, Status.CONFIRMED, Status.DONE)

_EXPIRE = text("""
    with expired as (
        update appointments set status = 'expired', updated_at = :now
        where id in (
            select a.id from appointments a join occupancies o on o.appointment_id = a.id
            where o.resource_id = :resource and o.blocking and o.during && tstzrange(:start, :end)
              and a.status = 'held' and a.hold_expires_at <= :now and a.id <> :own
            for update of a skip locked)
        returning id, account_id)
    insert into appointment_changes (account_id, appointment_id, who, what, before, after, at)
    select account_id, id, 'clock', 'expired', '{"status": "held"}', '{"status": "expired"}', :now from expired
""")


def takes_anew(change: Change) -> bool:
    """Whether the appointment needs a place that it does not have yet."""
    before, after = change.before, change.after
    if after.status not in _TAKING:
        return False
    return before is None or before.status not in _TAKING or _place(before) != _place(after)


def lock_resources(connection: Connection, change: Change, account_id: int) -> list[int]:
    """Waits for the resources that the change touches; gives the ids of those it ends with, the main one first.

    Whoever changes what takes up a resource holds its lock, and takes several in the order of their ids. Without it,
    one that ends an expired hold and one that is already taking its place wait for each other until PostgreSQL kills
    one. It is a queue and no guard: nothing is checked under it; the constraint decides.
    """
    ending = [change.after.resource, *change.besides]
    keys = {*ending} | ({change.before.resource} if change.before else set())
    ids = _ids(connection, sorted(keys), account_id)
    for number in sorted(ids.values()):
        connection.execute(select(func.pg_advisory_xact_lock(_RESOURCES, number)))
    return [ids[key] for key in ending]


def let_expired_holds_go(connection: Connection, change: Change, resource_ids: Sequence[int]) -> None:
    """Ends the holds that ran out and stand where the appointment wants to be."""
    before, after = _buffers(change)
    window = {"start": change.after.start - before, "end": change.after.end + after}
    for resource_id in resource_ids:
        connection.execute(_EXPIRE, {"resource": resource_id, "now": change.at, "own": change.after.id} | window)


def leave(connection: Connection, appointment_id: int) -> None:
    """Gives up the place that the appointment has or had."""
    for table in (occupancies, group_visits):
        connection.execute(delete(table).where(table.c.appointment_id == appointment_id))


def occupy(
    connection: Connection, change: Change, appointment_id: int, resource_ids: Sequence[int], account_id: int
) -> None:
    """Gives the appointment its place. Raises `OccupiedError` when somebody else has it.

    A group visit tries one seat after another, and the constraint says whether it is free.
    """
    common = {"account_id": account_id, "appointment_id": appointment_id, "blocking": True}
    if change.places == 1:
        _insert(connection, occupancies, [common | row for row in _rows(change, resource_ids, None)])
        return
    _insert(connection, group_visits, [common | row for row in _session(change, resource_ids[0])])
    for seat in range(1, change.places + 1):
        try:
            with connection.begin_nested():
                _insert(connection, occupancies, [common | row for row in _rows(change, resource_ids, seat)])
        except OccupiedError:
            continue
        return
    raise OccupiedError


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(insert(table), rows)
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) == _OVERLAP:
            raise OccupiedError from error
        raise


def _rows(change: Change, resource_ids: Sequence[int], seat: int | None) -> list[dict[str, Any]]:
    start, end = change.after.start, change.after.end
    before, after = _buffers(change)
    ranges = {"visit": (start, end), "before": (start - before, start), "after": (end, end + after)}
    return [
        {
            "resource_id": resource_id,
            "part": part,
            "kind": kind,
            "seat": seat if kind == "visit" else None,
            "during": Range(*of_kind),
        }
        for part, resource_id in enumerate(resource_ids, start=1)
        for kind, of_kind in ranges.items()
        if of_kind[0] < of_kind[1]
    ]


def _session(change: Change, resource_id: int) -> list[dict[str, Any]]:
    """The two rows of a group visit: those of one service, start and end have the same number."""
    start, end = change.after.start, change.after.end
    named = f"{change.after.service} {start.timestamp()} {end.timestamp()}"
    session = int.from_bytes(sha256(named.encode()).digest()[:7])
    common = {"resource_id": resource_id, "session": session, "during": Range(start, end)}
    return [common | {"side": side} for side in (0, 1)]


def _buffers(change: Change) -> tuple[timedelta, timedelta]:
    before, after = change.buffers
    return timedelta(minutes=before), timedelta(minutes=after)


def _place(appointment: Appointment) -> tuple[str, str, datetime, datetime]:
    return appointment.service, appointment.resource, appointment.start, appointment.end


def _ids(connection: Connection, keys: list[str], account_id: int) -> dict[str, int]:
    known = select(resources.c.key, resources.c.id).where(
        resources.c.account_id == account_id, resources.c.key.in_(keys)
    )
    ids = {row.key: row.id for row in connection.execute(known)}
    if len(ids) < len(keys):
        new = [{"account_id": account_id, "key": key} for key in keys if key not in ids]
        connection.execute(insert_or_skip(resources).values(new).on_conflict_do_nothing())
        ids = {row.key: row.id for row in connection.execute(known)}
    return ids
