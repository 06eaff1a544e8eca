"""Dates, times and ranges as the people of a business read them. Formats are babel's; no words of our own."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as time_
from typing import Literal

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_gmt, get_timezone_name
from babel.localedata import exists

from business.hours import Range
from business.model import Business

_YEAR = re.compile(r"[\s,]*(?:'[^']*'\s*)?y+\s*$")  # at the end of a pattern, with what joins it to the rest


class Wording:
    """For one business and language; the country decides the order of day and month and whether there is am and pm."""

    def __init__(self, business: Business, language: str) -> None:
        self._zone = business.zone
        self._locale = _locale(language, business.country)

    def day(self, when: date, today: date | None = None) -> str:
        """`Friday, December 4`; with the year if it is not that of `today`."""
        pattern = self._locale.date_formats["full"].pattern
        if today is None or when.year == today.year:
            pattern = _YEAR.sub("", pattern)
        return _plain(format_date(self._wall(when), pattern, locale=self._locale))

    def short_day(self, when: date) -> str:
        """`Fri, Dec 4`."""
        return _plain(format_skeleton("MMMEd", self._wall(when), locale=self._locale))

    def short(self, when: datetime) -> str:
        """`Fri, Dec 4, 10:30 AM`."""
        return f"{self.short_day(when)}, {self.time(when)}"

    def time(self, when: datetime) -> str:
        """`10:30 AM` or `10:30`."""
        return _plain(format_time(when.astimezone(self._zone), "short", tzinfo=self._zone, locale=self._locale))

    def full(self, when: datetime) -> str:
        """`Friday, December 4, 2026, 10:30 AM (Central Standard Time)`, for what is read long after it was written.

        A wall-clock time that comes twice, at the end of daylight saving, shows its offset as well.
        """
        local = when.astimezone(self._zone)
        day = _plain(format_date(self._wall(when), "full", locale=self._locale))
        offset = f", {get_timezone_gmt(local, 'long', locale=self._locale)}" if _comes_twice(local) else ""
        return f"{day}, {self.time(when)} ({self.zone(when)}{offset})"

    def clock(self, at: time_) -> str:
        """A time of day without a date: `10:30 AM` or `10:30`."""
        return _plain(format_time(at, "short", locale=self._locale))

    def zone(self, when: datetime) -> str:
        """The name of the time zone at that time: `Central Standard Time`."""
        local = when.astimezone(self._zone)
        # Not by `dst()`: Ireland's law makes the winter the exception, CLDR's names make it the summer everywhere.
        offsets = (local.replace(month=month, day=1).utcoffset() or timedelta() for month in (1, 7))
        summer = (local.utcoffset() or timedelta()) > min(offsets)
        variant: Literal["daylight", "standard"] = "daylight" if summer else "standard"
        return _plain(get_timezone_name(self._zone, zone_variant=variant, locale=self._locale))

    def phone(self, number: str) -> str:
        """A number in E.164 as people read it: `+1 512-555-0142`."""
        parsed = phonenumbers.parse(number)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def ranges(self, ranges: Iterable[Range]) -> str:
        """`8:00 AM – 8:00 PM`, several by comma."""
        return ", ".join(f"{self.time(start)} – {self.time(end)}" for start, end in ranges)

    def weekdays(self, first: int, last: int) -> str:
        """`Monday` or `Monday – Friday`; 0 is Monday."""
        monday = date(2024, 1, 1)
        days = dict.fromkeys((first, last))
        return " – ".join(format_date(monday + timedelta(days=day), "EEEE", locale=self._locale) for day in days)

    def _wall(self, when: date) -> datetime:
        if isinstance(when, datetime):
            return when.astimezone(self._zone).replace(tzinfo=None)
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001 - a wall clock for babel


def _comes_twice(local: datetime) -> bool:
    first, second = (local.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first > second


def _locale(language: str, country: str) -> Locale:
    """The nearest that babel knows: English of Nepal is plain English, and so is a language it has never heard of."""
    return Locale.parse(next(name for name in (f"{language}_{country}", language, "en") if exists(name)))


def _plain(text: str) -> str:
    """Without the narrow spaces that some phones show as boxes."""
    return text.replace("\u202f", " ").replace("\u2009", " ").replace("\xa0", " ")
