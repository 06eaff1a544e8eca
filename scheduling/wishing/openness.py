"""Words before and after a date that open, move or join it: "after", "by", "from … on", "two weeks from"."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from scheduling.wishing.english import COUNT, MONTH, NUMBER_WORDS, WEEKDAY
from scheduling.wishing.finds import DateFind
from scheduling.wishing.model import Open

Kind = Literal["weeks", "week", "from", "until", "after", "before"]

DAY = timedelta(days=1)
NO_UNIT = r"(?<!day )(?<!days )(?<!week )(?<!weeks )(?<!month )(?<!months )(?<!weekend )"
CUES = re.compile(
    rf"\b(?P<weeks>{COUNT})\s+weeks?\s+(?:from|on|after)\s+(?={WEEKDAY}|today|tomorrow|next\s+week)"
    rf"|\b(?P<week>week\s+(?:of|beginning|commencing|starting))\s+(?:on\s+)?(?=(?:the\s+)?\d|{MONTH}\s+\d|{WEEKDAY})"
    rf"|\b(?P<from>{NO_UNIT}from|starting(?:\s+from|\s+on)?|beginning(?!\s+of)|as\s+of|not\s+before|not\s+until"
    r"|no\s+(?:earlier|sooner)\s+than|on\s+or\s+after)\b"
    r"|\b(?P<until>by|before(?=\s+(?:the\s+)?end\s+of)|until|till|til|up\s+to|no\s+later\s+than|not\s+(?:later\s+than|after)"
    r"|on\s+or\s+before)\b"
    rf"|{NO_UNIT}\b(?:any\s*(?:time|day)\s+)?(?:(?P<after>after(?!\s+next)|later\s+than)"
    r"|(?P<before>before|earlier\s+than|prior\s+to))\b"
)
A_WEEK_LATER = re.compile(
    r"(?:(?<=day )|(?<=tomorrow )|\ba\s+(?=week\s+(?:today|tomorrow)))week\b(?!\s*(?:of|after|before|from|in)\b)"
)
BETWEEN = re.compile(r"\s*(?:on\s+)?(?:the\s+)?")
ONWARDS = re.compile(
    r"\s*,?\s*(?:onwards?|on(?=\s*$)|(?:or|and)\s+(?:any\s?time\s+)?(?:later|after(?:wards)?)|at\s+the\s+earliest)\b"
)
BACKWARDS = re.compile(r"\s*,?\s*(?:or\s+(?:earlier|before|sooner)|at\s+the\s+latest)\b")
TO = re.compile(r"\s*(?:~|-|to|through|thru)\s*(?:the\s+)?")


@dataclass(frozen=True, slots=True)
class Cue:
    start: int
    end: int
    kind: Kind
    weeks: int = 0


def blanked_cues(text: str) -> tuple[str, list[Cue]]:
    """The cues, and the text without them, so that the engine sees closed dates only."""
    cues = [_cue(match) for match in CUES.finditer(text)]
    cues += [Cue(match.start(), match.end(), "weeks", 1) for match in A_WEEK_LATER.finditer(text)]
    for cue in cues:
        text = text[: cue.start] + " " * (cue.end - cue.start) + text[cue.end :]
    return text, cues


def ranged(finds: Iterable[DateFind], text: str) -> list[DateFind]:
    """Two days joined by "to" are one range."""
    joined: list[DateFind] = []
    for find in finds:
        if joined and TO.fullmatch(text, joined[-1].end, find.start):
            joined[-1] = _range(joined[-1], find)
        else:
            joined.append(find)
    return joined


def opened(find: DateFind, cues: Sequence[Cue], text: str) -> DateFind:
    """The find with the cues before and behind it applied and within its span."""
    for cue in reversed(cues):
        if cue.end <= find.start and BETWEEN.fullmatch(text, cue.end, find.start):
            find = _changed(find, cue.kind, cue.weeks).stretched(start=cue.start)
        elif cue.start >= find.end and not text[find.end : cue.end].strip() and cue.kind == "weeks":
            find = _changed(find, cue.kind, cue.weeks).stretched(end=cue.end)
    if onwards := ONWARDS.match(text, find.end):
        return _changed(find, "from").stretched(end=onwards.end())
    if backwards := BACKWARDS.match(text, find.end):
        return _changed(find, "until").stretched(end=backwards.end())
    return find


def _cue(match: re.Match[str]) -> Cue:
    kind: Kind = match.lastgroup  # type: ignore[assignment]  # the groups are named like the kinds
    return Cue(match.start(), match.end(), kind, _count(match["weeks"]) if kind == "weeks" else 0)


def _count(words: str) -> int:
    if "couple" in words or "few" in words:
        return 2
    return int(words) if words.isdigit() else NUMBER_WORDS.get(words, 1)


def _range(first: DateFind, last: DateFind) -> DateFind:
    if not (first.is_day and last.is_day and first.first and last.first and first.first < last.first):
        return first
    return replace(first, end=last.end, last=last.first, weekday=None, spans=True)


def _changed(find: DateFind, kind: Kind, weeks: int = 0) -> DateFind:
    if find.first is None or find.open:
        return find
    if kind in {"weeks", "week"}:
        return _moved(find, find.first, weeks)
    last = find.last or find.first
    if kind == "after":
        return _open(find, "after", last + DAY)
    if kind == "before":
        return _open(find, "before", find.first - DAY)
    if kind == "until":
        return _open(find, "before", last)
    return find if find.spans else _open(find, "after", find.first)


def _moved(find: DateFind, first: date, weeks: int) -> DateFind:
    """So many weeks later; without a number the whole week from Monday."""
    if weeks:
        later = timedelta(weeks=weeks)
        return replace(find, first=first + later, last=find.last and find.last + later, weekday=None)
    monday = first - timedelta(days=first.weekday())
    return replace(find, first=monday, last=monday + timedelta(days=6), weekday=None)


def _open(find: DateFind, direction: Open, day: date) -> DateFind:
    if direction == "after":
        return replace(find, first=day, last=None, open="after", weekday=None)
    return replace(find, first=None, last=day, open="before", weekday=None)
