"""When a business, a department or a resource is there.

A range is a pair of aware datetimes, start inclusive, end exclusive, in UTC, where
comparing and subtracting are right on daylight-saving days too.
"""

from datetime import date, datetime, timedelta

from business.model import WEEKDAYS, Business, Department, HoursException, Resource, WeeklyHours

Range = tuple[datetime, datetime]
_LOOK_AHEAD = 120  # days
_LOOK_BACK = 8  # days: longer than anything waits for a person


def open_ranges(
    business: Business, day: date, *, department: str | None = None, resource: str | None = None
) -> tuple[Range, ...]:
    """The ranges of `day` in which the business, and the department and the resource if named, are all there.

    A date among the exceptions replaces its weekday, and a public holiday closes the business unless it is such a
    date. The hours of a department or a resource, by weekday or by date, only narrow those of the business, so nobody
    works on a holiday because of them.
    """
    exception = exception_on(business, day)
    weekly = _weekly_ranges(business, business.hours, day)
    ranges = weekly if exception is None else _ranges_of(business, exception)
    narrowing: tuple[Department | Resource | None, ...] = (
        business.departments[department] if department else None,
        business.resources[resource] if resource else None,
    )
    for own in narrowing:
        if own is None:
            continue
        if (exception := _of_date(own.exceptions, day)) is not None:
            ranges = _intersection(ranges, _ranges_of(business, exception))
        elif own.hours is not None:
            ranges = _intersection(ranges, _weekly_ranges(business, own.hours, day))
    return ranges


def exception_on(business: Business, day: date) -> HoursException | None:
    """What replaces the weekday's hours of the business on `day`: an exception of its own, or a holiday."""
    own = _of_date(business.exceptions, day)
    if own is not None or business.holidays is None:
        return own
    holiday = business.holidays.on(day)
    return HoursException(date=day, name=holiday) if holiday else None


def is_open(business: Business, at: datetime, *, department: str | None = None) -> bool:
    """Whether the business (or the department) is open at the aware time `at`."""
    day = at.astimezone(business.zone).date()
    return any(start <= at < end for start, end in open_ranges(business, day, department=department))


def open_time_ago(
    business: Business, at: datetime, length: timedelta, *, department: str | None = None
) -> datetime | None:
    """Since when the business (or the department) was open for `length` in all until `at`; None if not in a week."""
    day, left = at.astimezone(business.zone).date(), length
    for back in range(_LOOK_BACK):
        for start, end in reversed(open_ranges(business, day - timedelta(days=back), department=department)):
            was_open = min(end, at) - start
            if was_open >= left:
                return start + was_open - left
            left -= max(was_open, timedelta(0))
    return None


def next_open(business: Business, after: datetime, *, department: str | None = None) -> datetime | None:
    """The next time the business (or the department) opens after `after`, in its time zone; None if not in 120 days."""
    today = after.astimezone(business.zone).date()
    for ahead in range(_LOOK_AHEAD):
        for start, _ in open_ranges(business, today + timedelta(days=ahead), department=department):
            if start > after:
                return start.astimezone(business.zone)
    return None


def _of_date(exceptions: tuple[HoursException, ...], day: date) -> HoursException | None:
    return next((exception for exception in exceptions if exception.date == day), None)


def _ranges_of(business: Business, exception: HoursException) -> tuple[Range, ...]:
    return tuple(span.on(exception.date, business.zone) for span in exception.hours)


def _weekly_ranges(business: Business, hours: WeeklyHours, day: date) -> tuple[Range, ...]:
    return tuple(span.on(day, business.zone) for span in hours.get(WEEKDAYS[day.weekday()], ()))


def _intersection(left: tuple[Range, ...], right: tuple[Range, ...]) -> tuple[Range, ...]:
    both = [(max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right]
    return tuple((start, end) for start, end in both if start < end)
