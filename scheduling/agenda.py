"""A stretch of days with everything known about it: which times are open, and which resource takes one. Pure."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, compress, pairwise
from zoneinfo import ZoneInfo

from scheduling.openings import (
    Minutes,
    Range,
    Rules,
    Stretch,
    Taken,
    free,
    is_free,
    is_open,
    merged,
    minute,
    moment,
    starts,
)


@dataclass(frozen=True)
class Use:
    """How a resource is used: what takes it up, a number that is higher the later it was last booked, and the starts
    of visits of the service itself that have places left."""

    taken: Taken = field(default_factory=Taken)
    last: int = 0
    joinable: frozenset[Minutes] = frozenset()


_UNUSED = Use()


@dataclass(frozen=True)
class Agenda:
    """The days from `first` to `last`, both included, for one service.

    `hours` and `uses` are by resource; a resource missing from `uses` is free. No opening starts before `earliest` or
    on one of the `full` days. `hours` has the resources of which one does it, `besides` those of each group of which
    one is needed too. Of several that are free, the one with the highest of `priorities` comes first.
    """

    first: date
    last: date
    zone: ZoneInfo
    rules: Rules
    hours: Mapping[str, Sequence[Stretch]]
    uses: Mapping[str, Use]
    earliest: Minutes
    full: Set[date] = frozenset()
    besides: Sequence[Mapping[str, Sequence[Stretch]]] = ()
    priorities: Mapping[str, int] = field(default_factory=dict)

    def days(self) -> Iterator[list[datetime]]:
        """The starts of the openings of each day, in order; a day without any gives an empty list."""
        midnights = [self._midnight(self.first + timedelta(days=n)) for n in range((self.last - self.first).days + 2)]
        line = self._line(midnights[0], midnights[-1])
        for ahead, (day, next_day) in enumerate(pairwise(midnights)):
            of_day = compress(range(day, next_day), line[day - midnights[0] : next_day - midnights[0]])
            is_full = self.first + timedelta(days=ahead) in self.full
            yield [] if is_full else [moment(start, self.zone) for start in of_day]

    def is_open(self, start: datetime) -> bool:
        """Whether any resource of each kind is there for a visit at `start`, taken or not."""
        at = minute(start)
        return all(
            any(is_open(self.rules, hours, at) for hours in group.values()) for group in (self.hours, *self.besides)
        )

    def free(self, start: datetime) -> list[str]:
        """The resources that can take a visit at `start`, the best first: one whose visit can be joined, then by
        priority, fewest visits that day, least recently booked, key."""
        if start.astimezone(self.zone).date() in self.full or not all(self.free_besides(start)):
            return []
        at = minute(start)
        return sorted(
            self._able(self.hours, at), key=lambda key: (at not in self._use(key).joinable, *self._rank(key, start))
        )

    def free_besides(self, start: datetime) -> list[list[str]]:
        """Of each further group that a visit at `start` needs, those that can take it, the best first."""
        able = [self._able(group, minute(start)) for group in self.besides]
        return [sorted(keys, key=lambda key: self._rank(key, start)) for keys in able]

    def _use(self, resource: str) -> Use:
        return self.uses.get(resource) or _UNUSED

    def _able(self, group: Mapping[str, Sequence[Stretch]], at: Minutes) -> list[str]:
        """Those of a group that can take a visit at this minute."""
        return [
            key
            for key, hours in group.items()
            if at >= self.earliest
            and (is_free(self.rules, hours, self._use(key).taken, at) or at in self._joinable(key, hours))
        ]

    def _joinable(self, resource: str, hours: Sequence[Stretch]) -> Iterator[Minutes]:
        """The starts of visits that can be joined, within what the hours have become since."""
        for start in self._use(resource).joinable:
            if start >= self.earliest and is_open(self.rules, hours, start):
                yield start

    def _rank(self, resource: str, start: datetime) -> tuple[int, int, int, str]:
        today = start.astimezone(self.zone).date()
        day, next_day = self._midnight(today), self._midnight(today + timedelta(days=1))
        use = self._use(resource)
        visits = sum(day <= first < next_day for first, _ in use.taken.visits)
        return -self.priorities.get(resource, 0), visits, use.last, resource

    def _line(self, first: Minutes, end: Minutes) -> bytearray:
        """A byte for each minute from `first` to `end`: 1 where an opening of any resource starts, else 0."""
        line, ones = bytearray(end - first), b"\1" * (end - first)
        besides = [self._free_in(group) for group in self.besides]
        for resource, hours in self.hours.items():
            for row in starts(self.rules, hours, self._use(resource).taken, self.earliest, besides):
                if len(row) == 1:
                    line[row.start - first] = 1
                else:
                    line[row.start - first : row.stop - first : row.step] = ones[: len(row)]
            for start in self._joinable(resource, hours):
                if first <= start < end:
                    line[start - first] = 1
        return line

    def _free_in(self, group: Mapping[str, Sequence[Stretch]]) -> list[Range]:
        """When any of a group can take a visit."""
        return merged(
            chain.from_iterable(
                free(self.rules, hours, self._use(key).taken, self.earliest) for key, hours in group.items()
            )
        )

    def _midnight(self, day: date) -> Minutes:
        """The minute at which a local day begins."""
        return minute(datetime.combine(day, time(), self.zone))
