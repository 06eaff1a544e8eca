"""When a department can call a customer back: within its hours, neither too soon nor too far ahead.

All times are aware; those given are in the business's time zone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from business.hours import Range, is_open, open_ranges
from business.model import Business

_MAKING_UP_ONES_MIND = timedelta(minutes=10)


def callback_times(
    business: Business, department: str, now: datetime, after: datetime | None = None, limit: int | None = None
) -> tuple[datetime, ...]:
    """The times to offer for a call by `department`, in order: the next `limit` later than `after`, or all there are.

    They lie `handoff.callbacks.step` minutes apart, counted from each opening; the last leaves a step before closing.
    """
    found = (at for at in _offered(business, department, now) if after is None or at > after)
    return tuple(islice(found, limit))


def is_callback_time(
    business: Business, department: str, at: datetime, now: datetime, *, was_offered: bool = False
) -> bool:
    """Whether `department` can be asked to call at `at`, which need not be one of the times on offer.

    A time that `was_offered` stays good for ten minutes, in which the customer says yes to it.
    """
    earliest = earliest_call(business, now)
    if was_offered:
        earliest = max(now, earliest - _MAKING_UP_ONES_MIND)
    return earliest <= at <= latest_call(business, now) and is_open(business, at, department=department)


def earliest_call(business: Business, now: datetime) -> datetime:
    """Before this a call is too soon to be arranged."""
    return now + timedelta(minutes=business.handoff.callbacks.lead_time)


def latest_call(business: Business, now: datetime) -> datetime:
    """After this a call is too far ahead."""
    return now + timedelta(days=business.handoff.callbacks.horizon)


def _offered(business: Business, department: str, now: datetime) -> Iterator[datetime]:
    earliest, latest = earliest_call(business, now), latest_call(business, now)
    first = earliest.astimezone(business.zone).date()
    days = (latest.astimezone(business.zone).date() - first).days
    for ahead in range(days + 1):
        for span in open_ranges(business, first + timedelta(days=ahead), department=department):
            for at in _steps(span, timedelta(minutes=business.handoff.callbacks.step)):
                if earliest <= at <= latest:
                    yield at.astimezone(business.zone)


def _steps(span: Range, step: timedelta) -> Iterator[datetime]:
    """The start of an open range, and every step from there that ends within it."""
    start, end = span
    at = start
    while at == start or at + step <= end:
        yield at
        at += step
