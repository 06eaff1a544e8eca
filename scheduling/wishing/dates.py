"""Dates in a text, by the engine; which occurrence of "Monday" or "the 3rd" is meant is decided here."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from scheduling.wishing.engine import Days, Engine, Found
from scheduling.wishing.english import DATE_WORD, HOLIDAY, ORDINAL, WEEKDAY, WEEKDAYS
from scheduling.wishing.finds import DateFind
from scheduling.wishing.guard import pieces
from scheduling.wishing.openness import blanked_cues, opened, ranged

FARTHEST = timedelta(days=400)
FARTHEST_WEEKDAY = timedelta(days=62)
""" "Friday the 13th" is a mistake if the next one is in nine months."""

WEEK = timedelta(days=7)
FRIDAY = 4

NAMES_A_DATE = re.compile(DATE_WORD)
KNOWN_HOLIDAY = re.compile(HOLIDAY)
HAS_A_YEAR = re.compile(r"\b20\d\d\b")
NO_DAY = re.compile(r"(?:in\s+)?(?:the\s+)?(?:day|week|month)s?")
ONLY_WEEKDAY = re.compile(rf"(?:(?:coming\s+)?on\s+)?(?:the\s+)?(?:(?:this|next|coming)\s+)?(?P<name>{WEEKDAY})s?")
WEEKDAY_AND_DAY = re.compile(rf"(?:on\s+)?{WEEKDAY}\s+(?:the\s+)?{ORDINAL}")
BOTH_ENDS = re.compile(r"\b(?:to|through|thru|until|till|and)\b|\s-\s|[a-z]-[a-z]|-\d+$")
NEXT_WEEKEND = re.compile(r"\bnext\s+weekend|weekend\s+after\s+next")


def find_dates(text: str, now: datetime, language: str, engine: Engine) -> list[DateFind]:
    """Dates in a normalised text whose clock times are blanked, none more than 400 days away."""
    text, cues = blanked_cues(text)
    found = [
        find for offset, piece in pieces(text, language) for find in _in_piece(piece, offset, now, language, engine)
    ]
    finds = [opened(find, cues, text) for find in ranged(found, text)]
    return [find for find in finds if _is_near(find, now.date())]


def _is_near(find: DateFind, today: date) -> bool:
    return all(day is None or abs(day - today) <= FARTHEST for day in (find.first, find.last))


def _in_piece(piece: str, offset: int, now: datetime, language: str, engine: Engine) -> Iterator[DateFind]:
    known_words = language == "en"
    if known_words and not NAMES_A_DATE.search(piece):
        return
    for found in engine.find(piece, now, language):
        words = piece[found.start : found.end].rstrip(" ,")
        if NO_DAY.fullmatch(words):
            continue
        names_a_date = KNOWN_HOLIDAY if found.holiday else NAMES_A_DATE
        if not known_words or names_a_date.search(words):
            yield from _meant(found, words, offset, now.date())


def _meant(found: Found, words: str, offset: int, today: date) -> Iterator[DateFind]:
    days = _occurrence(found, words, today)
    if days is None or (WEEKDAY_AND_DAY.fullmatch(words) and days.first - today > FARTHEST_WEEKDAY):
        return
    weekday = ONLY_WEEKDAY.fullmatch(words)
    yield DateFind(
        start=offset + found.start,
        end=offset + found.start + len(words),
        first=days.first,
        last=days.last if days.last != days.first else None,
        weekday=WEEKDAYS.index(weekday["name"]) if weekday else None,
        spans=bool(BOTH_ENDS.search(words)),
        said_next=words.startswith("next ") or " next " in words,
    )


def _occurrence(found: Found, words: str, today: date) -> Days | None:
    """The first that is not over: a day named without a year is never in the past."""
    is_weekend = "weekend" in words
    occurrences = [_weekend(days, words) for days in found.occurrences] if is_weekend else found.occurrences
    if HAS_A_YEAR.search(words):
        return next(iter(occurrences), None)
    begun = None if found.grain == "day" and not is_weekend else _ending_after(occurrences, today)
    return begun or _starting_after(occurrences, today) or _ending_after(occurrences, today)


def _starting_after(occurrences: Iterable[Days], today: date) -> Days | None:
    return next((days for days in occurrences if days.first >= today), None)


def _ending_after(occurrences: Iterable[Days], today: date) -> Days | None:
    """What is left of the one that may have begun: "this week" on a Wednesday."""
    return next((Days(max(days.first, today), days.last) for days in occurrences if days.last >= today), None)


def _weekend(days: Days, words: str) -> Days:
    """The engine's weekend begins on Friday evening, and its "next weekend" is the coming one."""
    first = min(days.first + timedelta(days=1), days.last) if days.first.weekday() == FRIDAY else days.first
    later = WEEK if NEXT_WEEKEND.search(words) else timedelta()
    return Days(first + later, days.last + later)
