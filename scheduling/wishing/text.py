"""From what a customer typed to plain lower-case text whose date words are spelled as the engine knows them."""

import re
import unicodedata
from collections.abc import Callable
from re import Match

from scheduling.wishing.english import COUNT, FILLER, HOUR_WORD, MONTH, ORDINAL, SPELLED_DAYS, SPELLED_ORDINAL, WEEKDAY
from scheduling.wishing.walls import WALL, wall

MOST_CHARACTERS = 500

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff|~]+")
QUOTES_AND_DASHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‑": "-"})
BARE_NUMBERS = re.compile(rf"(?:\s|[,.!?&-]|\b(?:{FILLER})\b|\b(?:\d{{1,4}}|{HOUR_WORD})\b(?![/:]))+")

TYPOS = {
    "today": r"2day|todya|tdoay",
    "tonight": r"tonite|2nite|2night",
    "tomorrow": r"tmrr?o?w|tmr|tmw|tomoz|2mrw|2moro|2morrow|tom+or+ow|tomo|tomm?orw|tommorr?ow|tomorrows|tomm?or?row",
    "monday": r"mon|munday|mondy|moday|monady",
    "tuesday": r"tues?|teusday|tuseday|tuesdy|tusday|tueday|tuesady",
    "wednesday": r"weds?|wensday|wednsday|wendesday|wenesday|wednesdy|wedensday|wednessday",
    "thursday": r"thu|thurs?|thrusday|thursdy|thurday|thirsday|thusday",
    "friday": r"fri|firday|fridy|frieday",
    "saturday": r"saterday|satuday|saturdy|satruday|satur",
    "sunday": r"sundy|sunady",
    "january": r"januray|janury",
    "february": r"febuary|feburary|febraury",
    "august": r"agust|augst",
    "september": r"septmber|setpember",
    "october": r"ocotber|octber",
    "november": r"novmber|novemeber|novembr",
    "december": r"decmber|decemeber|desember|decembr",
    "weekend": r"wkend|wknd|weeknd|week[ -]end",
    "morning": r"mornin|mornign|moring",
    "afternoon": r"aftenoon|afternon|arvo",
    "evening": r"evning|evenin",
}
SATURDAY_OR_SUNDAY = (
    r"(?P<before>^\s*|\b(?:on|this|next|coming|by|or|and|before|after|until|till|from|for|not|every)\s+|[,/&-]\s*)"
    r"(?P<day>sat|sun)\b(?!\s+(?:down|out|there|here|with|through|near|around|on|in\s+(?!the\s+\w+(?:ing|noon)\b))|')"
    r"|(?<!the )\b(?P<bare>sat|sun)(?=\s+(?:at\s+\d|morning|afternoon|evening|night|the\s+\d|\d|or\b|works\b))"
)
DAY_NUMBER = r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?"
NO_HOUR = r"(?!\d|[:/]|\s*(?:[ap]\.?m\b|o'?\s?clock|people|persons|of\s+us))"

type Replacement = str | Callable[[Match[str]], str]


def clean(text: str) -> str:
    """At most 500 characters of lower-case text without control characters and lone surrogates."""
    printable = UNPRINTABLE.sub(" ", text[:MOST_CHARACTERS]).translate(QUOTES_AND_DASHES)
    return unicodedata.normalize("NFKC", printable).lower()[:MOST_CHARACTERS]


def is_bare(text: str) -> bool:
    """Whether there is nothing but numbers and words like "please" and "maybe" in a clean text."""
    return bool(BARE_NUMBERS.fullmatch(text))


def normalise(text: str, *, asked: str | None = None, day_first: bool = False) -> str:
    """Clean text with what is no date walled off and dates rewritten. If a "date" was `asked` for, "14" is the 14th."""
    date_asked = asked == "date"
    if date_asked and is_bare(text) and not re.search(r"\bat\b|\d{3}|\d\.\d", text):
        text = re.sub(r"\b(?:[12]?\d|3[01])\b", lambda match: f"the {_ordinal(int(match[0]))}", text)
    for pattern, replacement in _SPELLING:
        text = pattern.sub(replacement, text)
    text = wall(text, answer=asked is not None, single_date=date_asked and len(text.split()) <= 3)
    text = _SLASHED.sub(lambda match: _month_first(match, day_first), text)
    for pattern, replacement in _DATES:
        text = pattern.sub(replacement, text)
    return text


def _ordinal(day: int) -> str:
    return f"{day}{'th' if day in {11, 12, 13} else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _saturday_or_sunday(match: Match[str]) -> str:
    day = match["day"] or match["bare"]
    return (match["before"] or "") + ("saturday" if day == "sat" else "sunday")


def _month_first(match: Match[str], day_first: bool) -> str:
    """12/3, 3/12/26 or 18.12.2026 as month/day, in the order that the business's country writes them."""
    one, two, year = int(match["one"]), int(match["two"]), match["year"]
    if match["mark"] != "/" and year is None and not match["dot"]:
        return match[0]
    day_first = day_first or match["mark"] == "."
    month, day = (two, one) if one > 12 or (day_first and two <= 12) else (one, two)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return WALL
    return f"{month}/{day}" + (f"/{int(year) % 100 + 2000}" if year else "")


def _rules(*rules: tuple[str, Replacement]) -> tuple[tuple[re.Pattern[str], Replacement], ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)


_SPELLING = _rules(
    (r"\b(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|weds?|thurs?|thu|fri|sat|sun)\.", r"\1"),
    *((rf"\b(?:{typos})\b(?!')", word) for word, typos in TYPOS.items()),
    (r"\b(\d{4}-\d\d-\d\d)t(?=\d\d:\d\d)", r"\1 "),
    (SATURDAY_OR_SUNDAY, _saturday_or_sunday),
    (r"\b(?:sat|sun)\b", WALL),
    (r"\b(come|coming|stop|drop|swing|pass|go)\s+by\b", r"\1"),
    (r"\b(couple|few)\s+(?:of\s+)?(days|weeks|months)\b", r"\1 of \2"),
    (r"\bfew\s+of\b", "few"),
)
_SLASHED = re.compile(
    r"(?<![\w/.-])(?P<one>\d{1,2})\s?(?P<mark>[/.-])\s?(?P<two>\d{1,2})"
    r"(?:(?P=mark)(?P<year>\d{4}|\d\d)|(?P<dot>(?<=\.\d)\.|(?<=\.\d\d)\.))?(?![\w/]|[.-]\d)"
)
# "~" joins the two days of a range that the engine would misread; `openness.ranged` knows it.
_DATES = _rules(
    (
        rf"\b(?:{SPELLED_ORDINAL})\b(?!\s+(?:{WEEKDAY}|week|weekend|thing)\b)",
        lambda match: _ordinal(SPELLED_DAYS[re.sub(r"[\s-]", " ", match[0])]),
    ),
    (r"^\W*(may|march)\W*$", r"in \1"),
    (r"\b(?:the\s+)?week\s+after\s+next\b(?!\s+\w)", "a week after next week"),
    (r"\bweekends\b", "saturdays or sundays"),
    (rf"\b({WEEKDAY})\s*/\s*(?={WEEKDAY})", r"\1 or "),
    (rf"\b(?:in|within|over|during)\s+the\s+(?:next|coming)\s+({COUNT})\s+(?=days|weeks|months)", r"within \1 "),
    (r"\b(20\d\d)[/.](\d{1,2})[/.](\d{1,2})\b", r"\1-\2-\3"),
    (
        rf"\b(?:from|between)?\s*{DAY_NUMBER}\s*(?:to|through|thru|until|till|and|-)\s*{DAY_NUMBER}\s+(?:of\s+)?({MONTH})\b",
        r" \3 \1 ~ \3 \2",
    ),
    (rf"\b{DAY_NUMBER}\s*(?:or|,)\s*{DAY_NUMBER}\s+(?:of\s+)?({MONTH})\b", r"\3 \1 or \3 \2"),
    (rf"\b({MONTH})\s+{DAY_NUMBER}\s*(?:to|through|thru|until|till|-)\s*{DAY_NUMBER}\b{NO_HOUR}", r"\1 \2 ~ \1 \3"),
    (rf"\bbetween\s+({MONTH})\s+{DAY_NUMBER}\s*and\s*{DAY_NUMBER}\b{NO_HOUR}", r"\1 \2 ~ \1 \3"),
    (rf"\b({MONTH})\s+{DAY_NUMBER}\s*(or|and|,)\s*{DAY_NUMBER}\b{NO_HOUR}", r"\1 \2 \3 \1 \4"),
    (
        rf"\b(?:from|between)?\s*(?:the\s+)?({ORDINAL})\s*(?:to|through|thru|until|till|-)\s*(?:the\s+)?({ORDINAL})\b",
        r" \1 ~ \2",
    ),
    (rf"\bbetween\s+(?:the\s+)?({ORDINAL})\s+and\s+(?:the\s+)?({ORDINAL})\b", r" \1 ~ \2"),
    (rf"(?<!the )\b({ORDINAL})\b", r"the \1"),
    (rf"\b({MONTH}|{WEEKDAY})\s+the\s+({ORDINAL})\b", r"\1 \2"),
    (r"\b(?:early|start\s+of|earlier)\s+(?=(?:next|this|the)\s+week\b)", "beginning of "),
    (r"\b(?:late|later)\s+(?=next\s+week\b)", "end of "),
)
