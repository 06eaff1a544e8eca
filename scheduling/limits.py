"""On which days a service has as many appointments as it may have. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from math import inf

from business.model import Limits


def full_days(booked: Iterable[date], limits: Limits, first: date, last: date) -> frozenset[date]:
    """The days from `first` to `last`, both included, on which the day's limit or that of the week is reached.

    `booked` has the day of each appointment, of all weeks that these days lie in.
    """
    by_day = Counter(booked)
    by_week: Counter[date] = Counter()
    for day, count in by_day.items():
        by_week[_monday(day)] += count
    most_a_day, most_a_week = limits.day or inf, limits.week or inf
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return frozenset(day for day in days if by_day[day] >= most_a_day or by_week[_monday(day)] >= most_a_week)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
