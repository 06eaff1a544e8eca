"""Times in words, for people who read them outside the chat."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_gmt, get_timezone_name
from babel.localedata import exists


def when_in_words(start: datetime, zone: ZoneInfo, language: str, country: str) -> str:
    """Weekday, date, time and time zone, such as "Tuesday, November 24, 2026, 10:30 AM Central Time".

    A wall-clock time that comes twice, at the end of daylight saving, shows its offset as well.
    """
    local = start.astimezone(zone)
    locale = next(name for name in (f"{language}_{country}", language, "en") if exists(name))
    words = [f"{format_date(local, 'full', locale)}, {format_time(local, 'short', locale=locale)}"]
    if _has_name(zone):
        words.append(get_timezone_name(zone, "long", locale=locale))
    if _comes_twice(local) or not _has_name(zone):
        words.append(f"({get_timezone_gmt(local, 'long', locale=locale)})")
    return " ".join(words)


def _has_name(zone: ZoneInfo) -> bool:
    """Whether it is a place's time, which has a name. The name is the one for the whole year: babel takes the other two
    from the rules, and those of Dublin have it that winter is the daylight time."""
    return "/" in zone.key and not zone.key.startswith("Etc/")


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() > local.replace(fold=1).utcoffset()  # type: ignore[operator]
