"""Openings of one resource: opening hours minus what is taken, laid out in steps. Pure arithmetic.

Times are whole minutes since 1970-01-01T00:00Z, so that a year of 50 resources is a matter of milliseconds and
daylight saving is no matter at all. Ranges are (first, end) with the end excluded.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import reduce
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

Minutes = int
Range = tuple[Minutes, Minutes]
_BITS = 32
_LENGTH = (1 << _BITS) - 1


class Rules(NamedTuple):
    """What a service asks for: its length, the minutes kept free before and behind it, and the step between starts."""

    length: Minutes
    before: Minutes = 0
    after: Minutes = 0
    step: Minutes = 30


class Stretch(NamedTuple):
    """Opening hours: visits start in [`opens`, `closes`) and end by `until`, which is later than `closes` where the
    hours go on past midnight. `offset` is the time zone's, east of Greenwich, at `opens`."""

    opens: Minutes
    closes: Minutes
    until: Minutes
    offset: Minutes = 0


class Taken(NamedTuple):
    """What takes up a resource: `visits` themselves, and the `buffers` kept free around them, each in any order, none
    of them empty."""

    visits: Sequence[Range] = ()
    buffers: Sequence[Range] = ()


def grid(step: Minutes) -> Minutes:
    """The minutes of the hour to whose multiples starts are rounded up: the largest of 60, 30, 20 … dividing `step`."""
    return next((size for size in (60, 30, 20, 15, 10, 5) if step % size == 0), 1)


def starts(
    rules: Rules,
    hours: Sequence[Stretch],
    taken: Taken,
    earliest: Minutes,
    besides: Sequence[Sequence[Range]] = (),
) -> Iterator[range]:
    """The starts of all openings, as one range of minutes for each free stretch, in order.

    Each free stretch begins its own row of steps, on the grid of the local hour. `hours` are in order and apart, and so
    are the ranges of each of `besides`, in all of which a visit must start as well.
    """
    size, step = grid(rules.step), rules.step
    for begin, until, offset in _free(rules, hours, taken, earliest):
        # Most services need nothing besides, and most gaps between visits hold no start at all.
        for first, end in reduce(_common, besides, [(begin, until)]) if besides else ((begin, until),):
            start = first + -(first + offset) % size
            if start < end:
                yield range(start, end, step)


def free(rules: Rules, hours: Sequence[Stretch], taken: Taken, earliest: Minutes) -> Iterator[Range]:
    """The ranges of minutes at which a visit may start, in order."""
    return ((first, end) for first, end, _ in _free(rules, hours, taken, earliest))


def is_free(rules: Rules, hours: Sequence[Stretch], taken: Taken, start: Minutes) -> bool:
    """Whether a visit may start at `start`, on the grid or not."""
    around = zip(_around(rules), taken, strict=True)
    return is_open(rules, hours, start) and not any(
        first - ahead <= start < end + behind for (ahead, behind), ranges in around for first, end in ranges
    )


def is_open(rules: Rules, hours: Iterable[Stretch], start: Minutes) -> bool:
    """Whether a visit that starts at `start` lies within the hours."""
    return any(hour.opens <= start < hour.closes and start + rules.length <= hour.until for hour in hours)


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same minutes as ranges in order that neither overlap nor touch; empty and inverted ranges are dropped."""
    result: list[Range] = []
    for first, end in sorted(ranges):
        if first >= end:
            continue
        if result and first <= result[-1][1]:
            if end > result[-1][1]:
                result[-1] = (result[-1][0], end)
        else:
            result.append((first, end))
    return result


def minute(moment: datetime) -> Minutes:
    """The minute in which an aware time lies."""
    return int(moment.timestamp() // 60)


def moment(minute: Minutes, zone: tzinfo = UTC) -> datetime:
    """The aware time at which a minute begins, in `zone`."""
    return datetime.fromtimestamp(minute * 60, zone)


def _free(
    rules: Rules, hours: Sequence[Stretch], taken: Taken, earliest: Minutes
) -> Iterator[tuple[Minutes, Minutes, Minutes]]:
    """The ranges of minutes at which a visit may start, each with the offset of its hours."""
    blocked = _blocked(rules, taken)
    position = 0
    for opens, closes, until, offset in hours:
        first, end = max(opens, earliest), min(closes, until - rules.length + 1)
        while position < len(blocked) and blocked[position][1] <= first:
            position += 1
        ahead = position
        while first < end and ahead < len(blocked) and blocked[ahead][0] < end:
            if first < blocked[ahead][0]:
                yield first, blocked[ahead][0], offset
            first = blocked[ahead][1]
            ahead += 1
        if first < end:
            yield first, end, offset


def _common(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    """The minutes in both, each in order and apart."""
    result = []
    for first, end in left:
        for low, high in islice(right, bisect_right(right, first, key=itemgetter(1)), None):
            if low >= end:
                break
            result.append((max(first, low), min(end, high)))
    return result


def _blocked(rules: Rules, taken: Taken) -> list[Range]:
    """The minutes at which no visit may start, as ranges in order and apart."""
    (visit_ahead, visit_behind), (buffer_ahead, buffer_behind) = _around(rules)
    # One number a range, its first minute above its length: a year of 50 resources has hundreds of thousands of them,
    # and numbers are sorted in half the time of pairs.
    longer = visit_ahead + visit_behind
    packed = [(first - visit_ahead << _BITS) + end - first + longer for first, end in taken.visits]
    longer = buffer_ahead + buffer_behind
    packed += [(first - buffer_ahead << _BITS) + end - first + longer for first, end in taken.buffers]
    packed.sort()
    result: list[Range] = []
    begin = until = packed[0] >> _BITS if packed else 0
    for number in packed:
        first = number >> _BITS
        end = first + (number & _LENGTH)
        if first > until:
            result.append((begin, until))
            begin, until = first, end
        elif end > until:
            until = end
    return [*result, (begin, until)] if begin < until else result


def _around(rules: Rules) -> tuple[Range, Range]:
    """The minutes ahead of and behind a visit, and those of a buffer, at which no visit may start.

    A visit keeps clear of other visits by its own buffers and of other visits' buffers by itself, while two buffers may
    lie on one another: the gap is the larger of the two, not their sum (docs/decisions/0001-buffers.md).
    """
    return (rules.length + rules.after - 1, rules.before), (rules.length - 1, 0)
