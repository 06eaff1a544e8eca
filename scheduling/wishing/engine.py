"""What finds dates in a text, behind one small interface, so that it can be exchanged or fenced in a process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

Grain = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Found:
    """A date named at text[start:end] and its `occurrences`, the engine's best first, then the next ones.

    "Monday" has one occurrence a week, `holiday` is true for what is known by a holiday's name.
    """

    start: int
    end: int
    occurrences: tuple[Days, ...]
    grain: Grain = "day"
    holiday: bool = False


class Engine(Protocol):
    def find(self, text: str, now: datetime, language: str) -> Sequence[Found]:
        """Dates in one short piece of clean text, by position, not overlapping. `language` is a two-letter code.

        The cost may be exponential in the number of date words: see `guard`.
        """
