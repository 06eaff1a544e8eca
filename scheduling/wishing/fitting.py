"""How well an opening fits a wish, by its local start: whole days first, then minutes within the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduling.wishing.model import Exclusion, Wish

LAST_MINUTE = 24 * 60 - 1

PARTS: dict[str, tuple[int, int]] = {
    "morning": (6 * 60, 12 * 60 - 1),
    "midday": (11 * 60 + 30, 13 * 60 + 30),
    "lunch": (11 * 60 + 30, 13 * 60 + 30),
    "afternoon": (12 * 60, 18 * 60 - 1),
    "evening": (17 * 60, 22 * 60 - 1),
    "night": (20 * 60, LAST_MINUTE),
}
"""First and last minute of the day, both included, at which an appointment in that part may start."""

EXCLUDED = timedelta(days=2 * 365 * 10_000)
"""Farther away than any two days of the calendar are from each other."""


def covers(exclusion: Exclusion, local_start: datetime) -> bool:
    day, minute = local_start.date(), _minute(local_start.time())
    first = exclusion.start_date or date.min
    last = exclusion.end_date or exclusion.start_date or date.max
    from_minute, to_minute = PARTS[exclusion.part] if exclusion.part else (0, LAST_MINUTE)
    on_weekday = exclusion.weekday in {None, day.weekday()}
    return on_weekday and first <= day <= last and from_minute <= minute <= to_minute


def admits(wish: Wish, local_start: datetime) -> bool:
    return not _excluded(wish, local_start) and not min(_off(option, local_start) for option in wish.options)


def distance(wish: Wish, local_start: datetime) -> timedelta:
    nearest = min(_off(option, local_start) for option in wish.options)
    return nearest + EXCLUDED if _excluded(wish, local_start) else nearest


def window(wish: Wish, today: date) -> tuple[date, date | None]:
    ranges = [days(option) for option in wish.options]
    first, last = min(start for start, _ in ranges), max(end for _, end in ranges)
    if last >= today:
        first = max(first, today)
    return first, None if last == date.max else last


def days(option: Wish) -> tuple[date, date]:
    """First and last wished day, the ends of the calendar where the wish is open."""
    first = option.start_date or date.min
    last = option.end_date or option.start_date or date.max
    return first, date.max if option.date_open == "after" else last


def minutes(option: Wish) -> tuple[int, int]:
    """First and last wished minute of the day, both included."""
    part = PARTS[option.part] if option.part else (0, LAST_MINUTE)
    if option.start_time is None and option.end_time is None:
        return part
    first = _minute(option.start_time) if option.start_time else 0
    last = _minute(option.end_time) if option.end_time else first
    if option.time_open == "after":
        last = LAST_MINUTE
    elif option.time_open == "before":
        last = max(last - 1, 0)
    overlap = max(first, part[0]), min(last, part[1])
    return overlap if overlap[0] <= overlap[1] else (first, last)


def _excluded(wish: Wish, local_start: datetime) -> bool:
    return any(covers(exclusion, local_start) for exclusion in wish.exclusions)


def _off(option: Wish, local_start: datetime) -> timedelta:
    first_day, last_day = days(option)
    day = local_start.date()
    days_off = max((first_day - day).days, (day - last_day).days, 0)
    first_minute, last_minute = minutes(option)
    minute = _minute(local_start.time())
    return timedelta(days=days_off, minutes=max(first_minute - minute, minute - last_minute, 0))


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
