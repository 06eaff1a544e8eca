"""The opening hours of the business, in the minutes that openings are computed in."""

from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from business.hours import open_ranges
from business.model import Business
from scheduling.openings import Minutes, Range, Stretch, merged, minute, moment

_CACHED_DAYS = 100_000  # a year for 50 resources in several departments; some 20 MB
_CACHED_STRETCHES = 1000  # of days on end: the reads of a search are the same for all resources, and all day long


class Hours:
    """When a resource does what a department offers. Days are remembered; a business does not change as it runs."""

    def __init__(self, business: Business) -> None:
        self._business = business
        self._of_day = lru_cache(maxsize=_CACHED_DAYS)(self._read)
        self._of_days = lru_cache(maxsize=_CACHED_STRETCHES)(self._join)

    def stretches(self, first: date, last: date, *, department: str, resource: str) -> tuple[Stretch, ...]:
        """The hours of each day from `first` to `last`, both included, in order."""
        # Resources without hours of their own share those of the department.
        told = self._business.resources[resource]
        own = resource if told.hours is not None or told.exceptions else None
        return self._of_days(first, last, department, own)

    def _join(self, first: date, last: date, department: str, resource: str | None) -> tuple[Stretch, ...]:
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        return tuple(chain.from_iterable(self._of_day(day, department, resource) for day in days))

    def _read(self, day: date, department: str, resource: str | None) -> tuple[Stretch, ...]:
        # Where tomorrow's hours begin as today's end, a visit may run on into them.
        until = dict(self._ranges(day + timedelta(days=1), department, resource)[:1])
        return tuple(
            Stretch(opens, closes, until.get(closes, closes), self._offset(opens))
            for opens, closes in self._ranges(day, department, resource)
        )

    def _ranges(self, day: date, department: str, resource: str | None) -> list[Range]:
        ranges = open_ranges(self._business, day, department=department, resource=resource)
        return merged((minute(start), minute(end)) for start, end in ranges)

    def _offset(self, at: Minutes) -> Minutes:
        offset = moment(at, self._business.zone).utcoffset() or timedelta()
        return int(offset.total_seconds() // 60)
