"""What takes up resources, read for many of them and many days at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from scheduling.agenda import Use
from scheduling.openings import Range, Taken

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
) -> Mapping[str, Use]:
    """How each resource is used between two times; the appointment `ignoring` and holds expired by `now` left out."""
    ours = {"account": account_id, "resources": list(resources)}
    window = {"start": between[0], "end": between[1], "now": now, "ignoring": ignoring or 0}
    visits: dict[str, list[Range]] = {}
    buffers: dict[str, list[Range]] = {}
    for key, is_visit, starts, ends in connection.execute(_TAKEN, ours | window):
        (visits if is_visit else buffers)[key] = list(zip(starts, ends, strict=True))
    last = {key: number for key, number in connection.execute(_LAST, ours)}  # noqa: C416 - rows are no pairs to mypy
    return {key: Use(Taken(visits.get(key, ()), buffers.get(key, ())), last.get(key) or 0) for key in resources}
