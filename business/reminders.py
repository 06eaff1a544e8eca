"""Mail that the business sends of itself: reminders before an appointment, a question after it; and quiet hours."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from business.fields import Frozen

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"


class QuietHours(Frozen):
    """A stretch of every day, `21:00-08:00`, usually over midnight. Wall-clock times."""

    begins: time
    ends: time

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(f"{_TIME}-{_TIME}", value.replace(" ", ""))
        if match is None or match.group(1, 2) == match.group(3, 4):
            raise ValueError("quiet hours such as 21:00-08:00")
        h1, m1, h2, m2 = map(int, match.groups())
        return {"begins": time(h1, m1), "ends": time(h2, m2)}

    def around(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Begin and end, in UTC, of the quiet hours that `at` lies in, the end exclusive; None outside them."""
        today = at.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            last = day + timedelta(days=1) if self.ends <= self.begins else day
            begins, ends = _at(day, self.begins, zone), _at(last, self.ends, zone)
            if begins <= at < ends:
                return begins, ends
        return None


def _time_of_day(value: Any) -> time | None:
    """YAML reads 10:00 without quotes as a number."""
    if value is None or isinstance(value, time):
        return value
    match = re.fullmatch(_TIME, value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a time of day in quotes, such as "10:00"')
    return time(int(match[1]), int(match[2]))


def _each_once(hours: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(hours)) < len(hours):
        raise ValueError("each number of hours once")
    return hours


class ReminderRules(Frozen):
    """`hours` before an appointment its customer is reminded; at `follow_up` on the day after it they are asked how it
    was, never without a time. In `quiet` hours none of these is sent."""

    hours: Annotated[
        tuple[Annotated[int, Field(ge=1, le=14 * 24)], ...], Field(max_length=5), AfterValidator(_each_once)
    ] = (24, 2)
    quiet: QuietHours | None = None
    follow_up: Annotated[time | None, BeforeValidator(_time_of_day)] = None

    def quiet_until(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours around `at` end; None outside them."""
        around = self.quiet.around(at, zone) if self.quiet else None
        return around[1] if around else None


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
