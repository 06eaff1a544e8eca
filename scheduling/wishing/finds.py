"""What was found in a text, by position, before it is put together. Positions are those of the normalised text."""

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Self

from scheduling.wishing.model import Open, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    start: int
    end: int

    def stretched(self, start: int | None = None, end: int | None = None) -> Self:
        """The same find with the words that belong to it."""
        return replace(self, start=self.start if start is None else start, end=self.end if end is None else end)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFind(Find):
    """`last` is None for a single day and for an open end; `weekday` is set if only its name was said.

    `spans`: both ends were said, as in "Monday to Wednesday", unlike "next week"."""

    first: date | None
    last: date | None = None
    open: Open | None = None
    weekday: int | None = None
    spans: bool = False
    said_next: bool = False

    @property
    def is_day(self) -> bool:
        return self.first is not None and self.last is None and self.open is None


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as said: `half` is "am", "pm" or None if not said; `settled` if the hour counts to 24."""

    hour: int
    minute: int = 0
    half: str | None = None
    settled: bool = False

    def on(self, half: str | None) -> time:
        """The time of day, if need be by a hint; without one by what businesses' opening hours make likely."""
        if self.settled:
            return time(self.hour, self.minute)
        half = self.half or half or ("am" if 8 <= self.hour <= 11 else "pm")
        return time(self.hour % 12 + (12 if half == "pm" else 0), self.minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFind(Find):
    """One clock time, or a range if there is a `last`."""

    first: Clock
    last: Clock | None = None
    open: Open | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFind(Find):
    part: Part
