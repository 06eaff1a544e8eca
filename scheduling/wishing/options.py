"""Which day goes with which time, and what would do as well: "Monday morning or Tuesday at 3"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from scheduling.wishing.finds import DateFind, Find, PartFind, TimeFind

OR = re.compile(r"\b(?:or|otherwise|else|alternatively|failing\s+that)\b|/")
LISTED = re.compile(
    r"(?:\s|[,&/-]|\b(?:and|or|nor|maybe|perhaps|even|also|then|either|both|on|in|at|the|if|not|possible|works?|as\s+well"
    r"|too|fine|ok|okay|good|is|are|would|be|could|can|do|i)\b)*"
)
CORRECTED = re.compile(
    r"\b(?:no|wait|actually|i\s+mean|make\s+(?:it|that)|scratch|rather|sorry|oops|correction|better|change|instead|but\s+(?:i\s+)?(?:need|want|prefer|would)"
    r"|(?:can|could|may)\s+(?:i|we)\s+(?:have|come|do|get|make|book))\b"
)


@dataclass(slots=True)
class Option:
    """One of the things that would do, as far as it was said."""

    date: DateFind | None = None
    time: TimeFind | None = None
    part: PartFind | None = None

    @property
    def has_time(self) -> bool:
        return bool(self.time or self.part)

    @property
    def begins_with_time(self) -> bool:
        time = self.time or self.part
        return bool(self.date and time and time.start < self.date.start)


def options(finds: Sequence[Find], text: str) -> list[Option]:
    """The options in the order named, from finds by position; what contradicts one without an "or" is left out."""
    said = [Option()]
    end = 0
    for find in finds:
        _take(said, find, text[end : find.start] if end else "")
        end = find.end
    named = [option for option in said if option.date or option.has_time]
    _share(named)
    return named


def _take(said: list[Option], find: Find, gap: str) -> None:
    if OR.search(gap):
        said.append(Option())
    if _added(said[-1], find):
        return
    if CORRECTED.search(gap):
        _put(said[-1], find)
    elif LISTED.fullmatch(gap):
        said.append(Option())
        _put(said[-1], find)


def _added(option: Option, find: Find) -> bool:
    """Whether the find goes with what the option already has."""
    if isinstance(find, DateFind) and option.date:
        same = _same_day(option.date, find)
        option.date = same or option.date
        return same is not None
    if isinstance(find, TimeFind) and option.time:
        return False
    if isinstance(find, PartFind) and option.part:
        return option.part.part == find.part
    _put(option, find)
    return True


def _put(option: Option, find: Find) -> None:
    match find:
        case DateFind():
            option.date = find
        case TimeFind():
            option.time = find
        case PartFind():
            option.part = find


def _same_day(one: DateFind, two: DateFind) -> DateFind | None:
    """The narrower of two dates that agree: "next week, Tuesday", "Tuesday, the 24th"."""
    if (one.first, one.last, one.open) == (two.first, two.last, two.open):
        return one
    return _narrowed(one, two) or _narrowed(two, one)


def _narrowed(wide: DateFind, day: DateFind) -> DateFind | None:
    if not (day.is_day and day.first and wide.first) or wide.open:
        return None
    if wide.last:
        first = _on_weekday(wide.first, day.weekday) if day.weekday is not None else day.first
        return replace(day, first=first) if wide.first <= first <= wide.last else None
    same_weekday = wide.weekday == day.first.weekday() and day.weekday is None
    return day if same_weekday else None


def _on_weekday(first: date, weekday: int) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def _share(said: Sequence[Option]) -> None:
    """A day or a time said once is meant for all: "Monday or Tuesday at 3", "at 3 on Monday or Tuesday"."""
    for previous, option in pairwise(said):
        option.date = _following(previous.date, option.date) if option.date else previous.date
        if previous.begins_with_time and not option.has_time:
            option.time, option.part = previous.time, previous.part
    for option, following in reversed(list(pairwise(said))):
        option.date = option.date or following.date
        if not option.has_time:
            option.time, option.part = following.time, following.part


def _following(previous: DateFind | None, find: DateFind) -> DateFind:
    """After "next Monday" a Tuesday is the one of that week."""
    if previous and previous.said_next and previous.first and find.first and find.weekday is not None:
        return replace(find, first=max(find.first, _on_weekday(previous.first, find.weekday)))
    return find
