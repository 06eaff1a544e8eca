"""A stretch of days with everything known about it: which times are open, and which resource takes one. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import compress, pairwise
from zoneinfo import ZoneInfo

from scheduling.openings import Minutes, Rules, Stretch, Taken, is_free, is_open, minute, moment, starts


@dataclass(frozen=True)
class Use:
    """How a resource is used: what takes it up, and a number that is higher the later it was last booked."""

    taken: Taken = field(default_factory=Taken)
    last: int = 0


@dataclass(frozen=True)
class Agenda:
    """The days from `first` to `last`, both included, for one service.

    `hours` and `uses` are by resource; a resource missing from `uses` is free. No opening starts before `earliest`.
    """

    first: date
    last: date
    zone: ZoneInfo
    rules: Rules
    hours: Mapping[str, Sequence[Stretch]]
    uses: Mapping[str, Use]
    earliest: Minutes

    def days(self) -> Iterator[list[datetime]]:
        """The starts of the openings of each day, in order; a day without any gives an empty list."""
        midnights = [self._midnight(self.first + timedelta(days=n)) for n in range((self.last - self.first).days + 2)]
        line = self._line(midnights[0], midnights[-1])
        for day, next_day in pairwise(midnights):
            of_day = compress(range(day, next_day), line[day - midnights[0] : next_day - midnights[0]])
            yield [moment(start, self.zone) for start in of_day]

    def is_open(self, start: datetime) -> bool:
        """Whether any resource is there for a visit at `start`, taken or not."""
        return any(is_open(self.rules, hours, minute(start)) for hours in self.hours.values())

    def free(self, start: datetime) -> list[str]:
        """The resources that can take a visit at `start`, the best first: fewest visits that day, then least recently
        booked, then by key."""
        today = start.astimezone(self.zone).date()
        day = self._midnight(today), self._midnight(today + timedelta(days=1))
        at = minute(start)
        able = [
            resource
            for resource, hours in self.hours.items()
            if at >= self.earliest and is_free(self.rules, hours, self._taken(resource), at)
        ]
        return sorted(able, key=lambda resource: (self._visits(resource, *day), self._last(resource), resource))

    def _taken(self, resource: str) -> Taken:
        use = self.uses.get(resource)
        return use.taken if use else Taken()

    def _last(self, resource: str) -> int:
        use = self.uses.get(resource)
        return use.last if use else 0

    def _visits(self, resource: str, day: Minutes, next_day: Minutes) -> int:
        return sum(day <= start < next_day for start, _ in self._taken(resource).visits)

    def _line(self, first: Minutes, end: Minutes) -> bytearray:
        """A byte for each minute from `first` to `end`: 1 where an opening of any resource starts, else 0."""
        line, ones = bytearray(end - first), b"\1" * (end - first)
        for resource, hours in self.hours.items():
            for row in starts(self.rules, hours, self._taken(resource), self.earliest):
                line[row.start - first : row.stop - first : row.step] = ones[: len(row)]
        return line

    def _midnight(self, day: date) -> Minutes:
        """The minute at which a local day begins."""
        return minute(datetime.combine(day, time(), self.zone))
