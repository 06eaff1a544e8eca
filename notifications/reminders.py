"""When the mail goes out that the business sends of itself. Every datetime is aware; nothing here is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from business.reminders import ReminderRules

AFTER_BOOKING = timedelta(hours=1)
"""Who has just booked, or moved, is not reminded of it."""
APART = timedelta(hours=1)
"""Two reminders of one appointment are never closer to each other; the one meant to be nearer to it stays."""

_ENOUGH = timedelta(minutes=30)  # left after the quiet hours, for a reminder to be of use
_BEFORE_QUIET = timedelta(minutes=15)  # so that a slow server does not get into the quiet hours
_DAY = timedelta(days=1)


def reminder_times(rules: ReminderRules, zone: ZoneInfo, start: datetime, set_at: datetime) -> Mapping[int, datetime]:
    """When to remind of an appointment at `start`, by the hours of the rule. `set_at` is when it got that time.

    A time in the quiet hours becomes their end; where that leaves too little, a quarter of an hour before they begin.
    What would be sent within an hour after `set_at`, or too near to the next one, is left out.
    """
    times: dict[int, datetime] = {}
    nearest = start
    for hours in sorted(rules.hours):
        at = _outside_quiet(rules, zone, start - timedelta(hours=hours), start)
        is_apart = not times or at <= nearest - APART
        if set_at + AFTER_BOOKING <= at < start and is_apart and not rules.quiet_until(at, zone):
            times[hours] = nearest = at
    return times


def reminder_due(rules: ReminderRules, zone: ZoneInfo, start: datetime, set_at: datetime, now: datetime) -> int | None:
    """The hours of the reminder that is to be sent now if it has not been: of several that nobody sent in time, the
    last one alone."""
    if now >= start or rules.quiet_until(now, zone):
        return None
    past = {hours: at for hours, at in reminder_times(rules, zone, start, set_at).items() if at <= now}
    return max(past, key=past.__getitem__, default=None)


def is_follow_up_due(rules: ReminderRules, zone: ZoneInfo, end: datetime, now: datetime) -> bool:
    """From the rule's time on the day after the visit's end, for a day: later it would be a surprise."""
    if rules.follow_up is None or rules.quiet_until(now, zone):
        return False
    next_day = end.astimezone(zone).date() + _DAY
    due = datetime.combine(next_day, rules.follow_up, zone).astimezone(UTC)
    return due <= now < due + _DAY


def _outside_quiet(rules: ReminderRules, zone: ZoneInfo, planned: datetime, start: datetime) -> datetime:
    around = rules.quiet.around(planned, zone) if rules.quiet else None
    if around is None:
        return planned
    begins, ends = around
    return ends if ends <= start - _ENOUGH else begins - _BEFORE_QUIET
