"""Which openings to offer out of all there are. Pure; starts are in the business's time zone.

A day is the list of its starts, in order, and may be empty; days come in order and are read only as far as needed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduling.wishes import Wish

_SOON = 3  # days that an offer without a last day is spread over
_AROUND = 2  # days that stand in for a wished day on which nothing is free
_NONE = timedelta()
_A_DAY = timedelta(days=1)
_EXCLUDED = timedelta(days=365 * 1000)  # distances beyond this are those of excluded times

Day = Sequence[datetime]


@dataclass(frozen=True)
class Choice:
    """Starts to offer, in order, and whether more would have fitted."""

    starts: tuple[datetime, ...]
    has_more: bool


def fitting(days: Iterable[Day], wish: Wish, limit: int, *, bounded: bool) -> Choice:
    """At most `limit` starts that the wish admits.

    `earliest` gives the first ones. A wish with a last day (`bounded`) is spread over all its days, any other over the
    first three that have something, so that a customer sees mornings and afternoons rather than five half hours.
    """
    admitted = ([start for start in day if wish.admits(start)] for day in days)
    filled = (day for day in admitted if day)
    if wish.earliest:
        first = _first(filled, limit + 1)
        return Choice(tuple(first[:limit]), len(first) > limit)
    taken = list(filled) if bounded else _take(filled, _SOON)
    chosen = spread(taken, limit)
    return Choice(chosen, len(chosen) < sum(map(len, taken)) or next(filled, None) is not None)


def last_fitting(days: Sequence[Day], wish: Wish, limit: int) -> Choice:
    """At most `limit` of the last starts that the wish admits: what "earlier than those" asks for."""
    admitted = [start for day in days for start in day if wish.admits(start)]
    return Choice(tuple(admitted[-limit:]), len(admitted) > limit)


def nearest(days: Iterable[Day], wish: Wish, limit: int) -> Choice:
    """At most `limit` starts near a wish that nothing fits: those of the wished days first, on both sides of the wished
    time, then those of the days around, later days before earlier ones."""
    starts = [start for day in days for start in day if wish.distance(start) < _EXCLUDED]
    if wish.names_a_time:
        ranked = _both_sides(sorted(starts, key=lambda start: _farness(wish, start)), wish)
        chosen = tuple(sorted(ranked[:limit], key=datetime.timestamp))
    else:
        chosen = spread(_nearest_days(starts, wish), limit)
    return Choice(chosen, len(chosen) < len(starts))


def spread(days: Sequence[Day], limit: int) -> tuple[datetime, ...]:
    """At most `limit` starts, spread evenly over the days (over some of them, if there are more days than `limit`), and
    within each day from its first to its last."""
    days = _evenly(days, min(limit, len(days)))
    shares = _shares([len(day) for day in days], limit)
    shared = zip(days, shares, strict=True)
    return tuple(start for i, (day, share) in enumerate(shared) for start in _of_day(day, share, i / len(days)))


def _of_day(day: Day, share: int, at: float) -> Day:
    """`share` starts of a day; a single one is taken `at` a fraction of it, so that days differ."""
    return [day[int(at * len(day))]] if share == 1 else _evenly(day, share)


def _shares(sizes: Sequence[int], limit: int) -> list[int]:
    """How many to take of each day: one each in turn, from the first day on, until `limit` or until all are used."""
    shares = [0] * len(sizes)
    for _ in range(min(limit, sum(sizes))):
        shares[min((i for i, size in enumerate(sizes) if shares[i] < size), key=lambda i: shares[i])] += 1
    return shares


def _evenly[T](items: Sequence[T], count: int) -> list[T]:
    """`count` of the items, the first and the last among them."""
    if count <= 1:
        return list(items[:count])
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]


def _farness(wish: Wish, start: datetime) -> tuple[int, int, timedelta, float]:
    """Orders starts by days off, then, on other days than the wished ones, later days first, then by minutes off."""
    days_off, minutes_off = divmod(wish.distance(start), _A_DAY)
    return days_off, -start.toordinal() if days_off else 0, minutes_off, start.timestamp()


def _both_sides(ranked: list[datetime], wish: Wish) -> list[datetime]:
    """The same, but with the nearest on the other side of the wished time in the second place, if it is that day."""
    for place, start in enumerate(ranked):
        best = ranked[0]
        # Distances add up to the gap only where the wish lies between the two.
        if start.date() == best.date() and abs(start - best) >= wish.distance(start) + wish.distance(best) > _NONE:
            return [best, start, *ranked[1:place], *ranked[place + 1 :]]
    return ranked


def _nearest_days(starts: Sequence[datetime], wish: Wish) -> list[Day]:
    """The nearest day with openings and the next nearest, in order."""
    by_day: dict[date, list[datetime]] = {}
    for start in starts:
        by_day.setdefault(start.date(), []).append(start)
    ranked = sorted(by_day.values(), key=lambda day: _farness(wish, day[0]))
    return sorted(ranked[:_AROUND], key=lambda day: day[0].timestamp())


def _first(days: Iterator[list[datetime]], count: int) -> list[datetime]:
    found: list[datetime] = []
    for day in days:
        found += day
        if len(found) >= count:
            break
    return found[:count]


def _take(days: Iterator[list[datetime]], count: int) -> list[list[datetime]]:
    return [day for _, day in zip(range(count), days, strict=False)]
