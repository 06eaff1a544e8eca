"""What a customer wishes for: days, times, what is not wanted, and what would do as well."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Self

from scheduling.wishing import fitting, merging, plain

Part = Literal["morning", "midday", "lunch", "afternoon", "evening", "night"]
Open = Literal["after", "before"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A weekday (0 is Monday), dates (inclusive) or a part of the day that is not wanted.

    What is given must all hold: weekday 4 with part "afternoon" are Friday afternoons.
    """

    weekday: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    part: Part | None = None

    def __post_init__(self) -> None:
        _in_order(self.start_date, self.end_date)

    def covers(self, local_start: datetime) -> bool:
        return fitting.covers(self, local_start)


@dataclass(frozen=True, slots=True)
class Wish:
    """Dates and times are the business's own wall clock.

    One day is `start_date` alone, one exact time `start_time` alone. A range has both ends, both included.
    With `date_open` (`time_open`) the range has one end: "after" begins at the start, that day or time included;
    "before" stops at `end_date`, included, or before `end_time`. The wish itself is the first of the `alternatives`
    a customer named; `exclusions` hold for all of them.
    """

    start_date: date | None = None
    end_date: date | None = None
    start_time: time | None = None
    end_time: time | None = None
    part: Part | None = None
    date_open: Open | None = None
    time_open: Open | None = None
    exclusions: tuple[Exclusion, ...] = ()
    alternatives: tuple["Wish", ...] = ()
    earliest: bool = False

    def __post_init__(self) -> None:
        _in_order(self.start_date, self.end_date)
        _in_order(self.start_time, self.end_time)

    @classmethod
    def of(cls, options: Iterable[Self], exclusions: tuple[Exclusion, ...] = (), earliest: bool = False) -> Self:
        """One wish out of several that would all do, the first being preferred."""
        first, *others = dict.fromkeys(options) or (cls(),)
        return replace(first, alternatives=tuple(others), exclusions=exclusions, earliest=earliest)

    @property
    def options(self) -> tuple["Wish", ...]:
        """The wish itself and its alternatives, each bare."""
        return (replace(self, alternatives=(), exclusions=(), earliest=False), *self.alternatives)

    @property
    def names_a_date(self) -> bool:
        return any(option.start_date or option.end_date for option in self.options)

    @property
    def names_a_time(self) -> bool:
        return any(option.start_time or option.end_time or option.part for option in self.options)

    def merged_with(self, newer: "Wish") -> "Wish":
        """This wish refined by a later message: what the newer one says wins, the rest is kept."""
        return merging.merge(self, newer)

    def admits(self, local_start: datetime) -> bool:
        """Whether an opening that starts at this local time is what was wished for."""
        return fitting.admits(self, local_start)

    def distance(self, local_start: datetime) -> timedelta:
        """How far an opening is from the wish: zero if admitted, under a day on a wished day, excluded ones last."""
        return fitting.distance(self, local_start)

    def window(self, now: datetime) -> tuple[date, date | None]:
        """First and last day worth looking at (inclusive); no last day if the wish sets none."""
        return fitting.window(self, now.date())

    def as_dict(self) -> dict[str, str | list[str] | None]:
        """The first option and the exclusions, as ISO strings; times as HH:MM."""
        return plain.bare(self)

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON knows it, for a slot: `as_dict` with the alternatives and `earliest`."""
        return plain.full(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The wish that `as_dict` or `to_json` wrote. Raises ValueError for anything else."""
        return plain.read(cls, Exclusion, data)


def _in_order[T: (date, time)](start: T | None, end: T | None) -> None:
    if start is not None and end is not None and start > end:
        raise ValueError(f"a wish cannot end ({end}) before it starts ({start})")
