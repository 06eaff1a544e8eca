"""Looks for openings of one service: reads the days it needs, a few at first and more as the search goes on."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, product
from math import ceil, inf

from business.model import Business
from scheduling.agenda import Agenda
from scheduling.hours import Hours
from scheduling.limits import full_days
from scheduling.model import Opening
from scheduling.offers import Choice, fitting, last_fitting, nearest
from scheduling.openings import Rules, Stretch
from scheduling.store import Transaction
from scheduling.wishes import Wish

_FIRST_READ = 7  # days; each further read is twice as long
_BEHIND = 14  # days looked at behind a wish that nothing fits, before the rest
_A_DAY = timedelta(days=1)


class Search:
    """One search inside one transaction; `now` is in the business's time zone."""

    def __init__(
        self,
        business: Business,
        hours: Hours,
        transaction: Transaction,
        service: str,
        *,
        now: datetime,
        ignoring: int | None = None,
    ) -> None:
        self._hours, self._transaction = hours, transaction
        self._key, self._service = service, business.services[service]
        self._now, self._ignoring = now, ignoring
        self._priorities = {key: resource.priority for key, resource in business.resources.items()}
        self.places = self._service.places
        self.zone = business.zone
        self._agendas: list[Agenda] = []
        self.rules = Rules(
            self._service.minutes, self._service.buffer_before, self._service.buffer_after, self._service.step
        )
        self.earliest = now.astimezone(UTC) + timedelta(minutes=self._service.lead_time)
        self.first = now.date()
        self.last = self.first + timedelta(days=self._service.horizon)

    def fitting(self, wish: Wish, limit: int, after: datetime | None, before: datetime | None) -> Choice:
        """What fits the wish between `after` and `before`, both excluded; the last ones if only `before` is given."""
        first, last = wish.window(self._now)
        days = self._days(max(first, self.first), min(last or self.last, self.last), after, before)
        if before is not None and after is None:
            return last_fitting(list(days), wish, limit)
        return fitting(days, wish, limit, bounded=last is not None)

    def nearest(self, wish: Wish, limit: int, after: datetime | None, before: datetime | None) -> Choice:
        """What is nearest to the wish between `after` and `before`."""
        first, last = wish.window(self._now)
        until = min(max(last or first, self.first) + _BEHIND * _A_DAY, self.last)
        near = nearest(self._days(self.first, until, after, before), wish, limit)
        if near.starts or until == self.last:
            return near
        return nearest(self._days(until + _A_DAY, self.last, after, before), wish, limit)

    def opening(self, start: datetime) -> Opening:
        """The opening at a start that this search has found, with the resource that should take it."""
        # Days read twice may differ, as others book meanwhile; the later reading is the one that found the start.
        agenda = next(read for read in reversed(self._agendas) if read.first <= start.date() <= read.last)
        return self.openings(agenda, start)[0]

    def openings(self, agenda: Agenda, start: datetime) -> list[Opening]:
        """The openings at `start`, one for each way to take it, the best first."""
        local = start.astimezone(self.zone)
        end = (start.astimezone(UTC) + timedelta(minutes=self.rules.length)).astimezone(self.zone)
        return [
            Opening(self._key, local, end, resource, besides)
            for resource in agenda.free(start)
            for besides in product(*agenda.free_besides(start))
        ]

    def agenda(self, first: date, last: date) -> Agenda:
        """Everything known about the days from `first` to `last`, both included."""
        midnights = [datetime.combine(day, time(), self.zone) for day in (first, last + _A_DAY)]
        return Agenda(
            first=first,
            last=last,
            zone=self.zone,
            rules=self.rules,
            hours=self._hours_of(self._service.resources, first, last),
            uses=self._transaction.uses(
                [*self._service.resources, *chain.from_iterable(self._service.needs)],
                midnights[0] - timedelta(minutes=self.rules.before),
                midnights[1] + timedelta(minutes=self.rules.length + self.rules.after),
                now=self._now,
                ignoring=self._ignoring,
                group=(self._key, self.places, self.rules.length) if self.places > 1 else None,
            ),
            earliest=ceil(self.earliest.timestamp() / 60),
            full=self._full(first, last),
            besides=[self._hours_of(group, first, last) for group in self._service.needs],
            priorities=self._priorities,
        )

    def wait_for_limits(self, day: date) -> bool:
        """Whether the limits of the service leave room for one more on `day`, as they do until the transaction ends."""
        limits = self._service.limits
        if limits.day is None and limits.week is None:
            return True
        self._transaction.wait_for_service(self._key)
        return day not in self._full(day, day)

    def _full(self, first: date, last: date) -> Set[date]:
        """The days from `first` to `last` whose limit, or whose week's, is reached."""
        limits = self._service.limits
        if limits.day is None and limits.week is None:
            return frozenset()
        monday, until = first - first.weekday() * _A_DAY, last + (7 - last.weekday()) * _A_DAY
        midnights = [datetime.combine(day, time(), self.zone) for day in (monday, until)]
        booked = self._transaction.booked(self._key, *midnights, now=self._now, ignoring=self._ignoring)
        return full_days([start.astimezone(self.zone).date() for start in booked], limits, first, last)

    def _hours_of(self, resources: Sequence[str], first: date, last: date) -> dict[str, Sequence[Stretch]]:
        department = self._service.department
        return {key: self._hours.stretches(first, last, department=department, resource=key) for key in resources}

    def _days(
        self, first: date, last: date, after: datetime | None, before: datetime | None
    ) -> Iterator[list[datetime]]:
        """The starts of each day strictly between `after` and `before`."""
        if after is not None:
            first = max(first, after.astimezone(self.zone).date())
        if before is not None:
            last = min(last, before.astimezone(self.zone).date())
        lower = after.timestamp() if after else -inf
        upper = before.timestamp() if before else inf
        for day in self._read(first, last):
            yield [start for start in day if lower < start.timestamp() < upper]

    def _read(self, first: date, last: date) -> Iterator[list[datetime]]:
        length = _FIRST_READ
        while first <= last:
            agenda = self.agenda(first, min(first + (length - 1) * _A_DAY, last))
            self._agendas.append(agenda)
            yield from agenda.days()
            first, length = agenda.last + _A_DAY, 2 * length
