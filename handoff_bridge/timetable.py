"""The calendar that agents see: the resources of a department, when they are there, and who comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from business.clock import Clock
from business.hours import exception_on, open_ranges
from business.model import Business
from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.ports import Store
from scheduling.book import Book, Visit
from scheduling.model import Status

LONGEST = 7  # days
_YEARS = range(2000, 2200)

Range = tuple[datetime, datetime]


@dataclass(frozen=True)
class Wanted:
    """What to show: `days` from `first` (today unless given), of one department and one resource or of all."""

    first: date | None = None
    days: int = 1
    department: str | None = None
    resource: str | None = None


@dataclass(frozen=True)
class Day:
    """A day of the business or of its department; `name` where it is a holiday or another exception."""

    date: date
    name: str
    hours: tuple[Range, ...]


@dataclass(frozen=True)
class Column:
    """A resource with the hours in which it is there. One that business.yml no longer has is there at no time."""

    key: str
    name: str
    hours: tuple[Range, ...]


@dataclass(frozen=True)
class Entry:
    """An appointment with the names that people read; `resources` are keys. Times are in the business's zone."""

    id: int
    conversation_id: str
    service: str
    resources: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    is_booked: bool
    customer: str | None


@dataclass(frozen=True)
class Page:
    """A stretch of days as asked for."""

    today: date
    days: Sequence[Day]
    columns: Sequence[Column]
    entries: Sequence[Entry]


class Timetable:
    """Reads the appointment book beside the opening hours."""

    def __init__(self, store: Store, clock: Clock, business: Business, book: Book) -> None:
        self._store, self._clock, self._business, self._book = store, clock, business, book

    def page(self, wanted: Wanted) -> Page:
        """What overlaps the days wanted, be it only in part. Raises `FieldInvalidError`."""
        now, zone = self._clock(), self._business.zone
        today = now.astimezone(zone).date()
        dates = _dates(wanted, today)
        keys = self._keys(wanted)
        start, end = (datetime.combine(day, time(), zone) for day in (dates[0], dates[-1] + timedelta(days=1)))
        visits = self._book.between(start, end, now=now)
        if wanted.department is None and wanted.resource is None:
            keys += _unknown(visits, keys)
        shown = [visit for visit in visits if not set(keys).isdisjoint(visit.resources)]
        names = self._names(shown)
        return Page(
            today=today,
            days=[self._day(day, wanted.department) for day in dates],
            columns=[self._column(key, dates, wanted.department) for key in keys],
            entries=[self._entry(visit, names) for visit in shown],
        )

    def _keys(self, wanted: Wanted) -> list[str]:
        """The resources to show, in the order of business.yml."""
        departments, every = self._business.departments, list(self._business.resources)
        if wanted.department is not None and wanted.department not in departments:
            raise FieldInvalidError("department", "one of " + ", ".join(departments))
        offered = [one for one in self._business.services.values() if one.department == wanted.department]
        used = {key for one in offered for group in (one.resources, *one.needs) for key in group}
        keys = every if wanted.department is None else [key for key in every if key in used]
        if wanted.resource is None:
            return keys
        if wanted.resource not in keys:
            raise FieldInvalidError("resource", "one of " + ", ".join(keys))
        return [wanted.resource]

    def _day(self, day: date, department: str | None) -> Day:
        exception = exception_on(self._business, day)
        hours = open_ranges(self._business, day, department=department)
        return Day(day, exception.name if exception else "", self._local(hours))

    def _column(self, key: str, dates: Sequence[date], department: str | None) -> Column:
        resource = self._business.resources.get(key)
        if resource is None:
            return Column(key, key, ())
        hours = [open_ranges(self._business, day, department=department, resource=key) for day in dates]
        return Column(key, resource.name, self._local(tuple(span for of_day in hours for span in of_day)))

    def _entry(self, visit: Visit, names: Mapping[str, str | None]) -> Entry:
        service, zone = self._business.services.get(visit.service), self._business.zone
        return Entry(
            id=visit.id,
            conversation_id=visit.conversation_id,
            service=service.name if service else visit.service,
            resources=visit.resources,
            starts_at=visit.start.astimezone(zone),
            ends_at=visit.end.astimezone(zone),
            is_booked=visit.status is not Status.HELD,
            customer=visit.customer.name or names.get(visit.conversation_id),
        )

    def _names(self, visits: Sequence[Visit]) -> Mapping[str, str | None]:
        """Who the customers of holds are, as far as their conversations know."""
        unnamed = list({visit.conversation_id for visit in visits if visit.customer.name is None})
        if not unnamed:
            return {}
        with self._store.look() as t:
            return {one.conversation.id: one.contact.name for one in t.queues.overviews_of(unnamed)}

    def _local(self, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
        zone = self._business.zone
        return tuple((start.astimezone(zone), end.astimezone(zone)) for start, end in ranges)


def _dates(wanted: Wanted, today: date) -> list[date]:
    first = wanted.first or today
    if first.year not in _YEARS:
        raise FieldInvalidError("from", f"a day of the years {_YEARS.start} to {_YEARS.stop - 1}")
    if not 1 <= wanted.days <= LONGEST:
        raise FieldInvalidError("days", f"a number from 1 to {LONGEST}")
    return [first + timedelta(days=ahead) for ahead in range(wanted.days)]


def _unknown(visits: Sequence[Visit], keys: Sequence[str]) -> list[str]:
    """What is booked and stands in business.yml no more."""
    return sorted({key for visit in visits for key in visit.resources} - set(keys))
