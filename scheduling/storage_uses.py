"""What takes up resources, read for many of them and many days at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from scheduling.agenda import Use
from scheduling.openings import Minutes, Range, Taken

# date_part, not extract: a number of minutes needs no decimal arithmetic, which would cost more than all the rest.
_TAKEN = text("""
    select r.key, o.kind = 'visit',
           array_agg((date_part('epoch', lower(o.during)) / 60)::int),
           array_agg((date_part('epoch', upper(o.during)) / 60)::int)
    from occupancies o join resources r on r.id = o.resource_id
    where o.blocking and o.during && tstzrange(:start, :end)
      and r.account_id = :account and r.key = any(:resources)
      and o.appointment_id <> :ignoring
      and o.appointment_id not in (select id from appointments where status = 'held' and hold_expires_at <= :now)
    group by 1, 2
""")
# The numbers of the occupancies rise with time, so the highest one of a resource says how lately it was booked.
_JOINABLE = text("""
    select r.key, array_agg((date_part('epoch', found.starts_at) / 60)::int)
    from (select o.resource_id, a.starts_at, a.ends_at
          from occupancies o join appointments a on a.id = o.appointment_id
          where o.blocking and o.kind = 'visit' and o.part = 1 and o.during && tstzrange(:start, :end)
            and a.account_id = :account and a.service = :service and o.seat is not null
            and a.id <> :ignoring and not (a.status = 'held' and a.hold_expires_at <= :now)
            and a.ends_at - a.starts_at = make_interval(mins => :length)
          group by 1, 2, 3 having count(*) < :places) found
    join resources r on r.id = found.resource_id
    where r.account_id = :account and r.key = any(:resources)
    group by 1
""")
_STARTS = text("""
    select starts_at from appointments
    where account_id = :account and service = :service and blocking and starts_at >= :start and starts_at < :end
      and id <> :ignoring and not (status = 'held' and hold_expires_at <= :now)
""")
_LAST = text("""
    select key, (select max(id) from occupancies where resource_id = r.id)
    from resources r where account_id = :account and key = any(:resources)
""")


def read_uses(
    connection: Connection,
    account_id: int,
    resources: Sequence[str],
    between: tuple[datetime, datetime],
    *,
    now: datetime,
    ignoring: int | None,
    group: tuple[str, int, int] | None = None,
) -> Mapping[str, Use]:
    """How each resource is used between two times; the appointment `ignoring` and holds expired by `now` left out.

    `group` is a service with its places and minutes, whose visits with places left can be joined.
    """
    ours = {"account": account_id, "resources": list(resources)}
    window = {"start": between[0], "end": between[1], "now": now, "ignoring": ignoring or 0}
    visits: dict[str, list[Range]] = {}
    buffers: dict[str, list[Range]] = {}
    for key, is_visit, starts, ends in connection.execute(_TAKEN, ours | window):
        (visits if is_visit else buffers)[key] = list(zip(starts, ends, strict=True))
    last = {key: number for key, number in connection.execute(_LAST, ours)}  # noqa: C416 - rows are no pairs to mypy
    joinable: dict[str, frozenset[Minutes]] = {}
    if group is not None:
        asked = ours | window | dict(zip(("service", "places", "length"), group, strict=True))
        joinable = {key: frozenset(starts) for key, starts in connection.execute(_JOINABLE, asked)}
    return {
        key: Use(Taken(visits.get(key, ()), buffers.get(key, ())), last.get(key) or 0, joinable.get(key, frozenset()))
        for key in resources
    }


def read_starts(
    connection: Connection,
    account_id: int,
    service: str,
    between: tuple[datetime, datetime],
    *,
    now: datetime,
    ignoring: int | None,
) -> Sequence[datetime]:
    """When the appointments of a service start; the same ones left out."""
    window = {"start": between[0], "end": between[1], "now": now, "ignoring": ignoring or 0}
    return connection.execute(_STARTS, {"account": account_id, "service": service} | window).scalars().all()
