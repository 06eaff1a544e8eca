"""How many agents a department needs, and how long its customers wait with those who are there (`erlang`)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from business.clock import Clock
from business.hours import open_ranges
from business.model import Business
from handoff_bridge.candidates import Colleague, absence
from handoff_bridge.erlang import mean_wait, servers_needed, wait_probability
from handoff_bridge.errors import FieldInvalidError, SupervisorsOnlyError
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store

SHARE, WITHIN = 0.8, 60  # the target: this share of the requests is answered within so many seconds
_WEEKS = timedelta(weeks=4)
_ENOUGH, _ASSUMED = 10, 300.0  # fewer ended conversations than this say nothing: then so many seconds are assumed


@dataclass(frozen=True)
class Hour:
    """An hour of the day: requests that came in it on an average day, and how many agents they need."""

    hour: int
    requests_per_hour: float
    agents_needed: int


@dataclass(frozen=True)
class Staffing:
    """A department's staffing. `slots` is how many conversations those who are there can hold at once.

    `mean_wait_seconds` is None where the line would grow without end.
    """

    department: str
    handling_seconds: float
    handled: int
    agents_there: int
    slots: int
    requests_per_hour: float
    wait_probability: float
    mean_wait_seconds: float | None
    hours: Sequence[Hour]

    @property
    def is_assumed(self) -> bool:
        """Whether the handling time is a guess, because too few conversations have ended."""
        return self.handled < _ENOUGH


class StaffingDesk:
    """For supervisors and administrators."""

    def __init__(self, store: Store, clock: Clock, business: Business) -> None:
        self._store = store
        self._clock = clock
        self._business = business

    def of(self, agent: Agent, department: str) -> Staffing:
        """Raises `SupervisorsOnlyError`, and `FieldInvalidError` for a department that does not exist."""
        if agent.role is Role.AGENT:
            raise SupervisorsOnlyError
        if department not in self._business.departments:
            raise FieldInvalidError("department", "one of " + ", ".join(self._business.departments))
        now = self._clock()
        with self._store.begin() as t:
            since = max(now - _WEEKS, t.staffing.first_request() or now)
            requests = t.staffing.requests(department, since, self._business.time_zone)
            handled, mean = t.staffing.handling(department, since)
            colleagues = [one for one in t.routing.colleagues() if department in one.agent.departments]
        days = _days_open(self._business, department, since, now)
        rates = requests_by_hour(requests, days)
        seconds = mean if mean and handled >= _ENOUGH else _ASSUMED
        return self._staffing(department, rates, seconds, handled, colleagues)

    def _staffing(
        self, department: str, rates: Sequence[float], seconds: float, handled: int, colleagues: Sequence[Colleague]
    ) -> Staffing:
        now = self._clock()
        there = [one.agent for one in colleagues if absence(one.agent, now) is None]
        slots, rate = sum(agent.capacity for agent in there), rates[now.astimezone(self._business.zone).hour]
        wait = mean_wait(slots, rate, seconds) if rate else 0.0
        each = sum(one.agent.capacity for one in colleagues) / len(colleagues) if colleagues else 1
        return Staffing(
            department=department,
            handling_seconds=seconds,
            handled=handled,
            agents_there=len(there),
            slots=slots,
            requests_per_hour=rate,
            wait_probability=wait_probability(slots, rate, seconds) if rate else 0.0,
            mean_wait_seconds=wait if math.isfinite(wait) else None,
            hours=[
                Hour(hour, of_hour, math.ceil(servers_needed(of_hour, seconds, share=SHARE, within=WITHIN) / each))
                for hour, of_hour in enumerate(rates)
            ],
        )


def requests_by_hour(requests: Mapping[datetime, int], days: Sequence[int]) -> list[float]:
    """Requests in each of the 24 hours on an average day, from those in single hours; `days` is what to divide by."""
    total: Counter[int] = Counter()
    for hour, number in requests.items():
        total[hour.hour] += number
    return [total[hour] / days[hour] for hour in range(24)]


def _days_open(business: Business, department: str, since: datetime, now: datetime) -> list[int]:
    """On how many days the department was open, for each hour of the day; all days for an hour in which it never is."""
    first, last = since.astimezone(business.zone).date(), now.astimezone(business.zone).date()
    open_on: Counter[int] = Counter()
    days = (last - first).days + 1
    for number in range(days):
        hours: set[int] = set()
        for start, end in open_ranges(business, first + timedelta(days=number), department=department):
            begins, ends = max(start, since).astimezone(business.zone), min(end, now).astimezone(business.zone)
            if begins < ends:
                hours.update(range(begins.hour, (ends - timedelta(microseconds=1)).hour + 1))
        open_on.update(hours)
    return [open_on[hour] or days for hour in range(24)]
