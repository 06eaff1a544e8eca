"""Parts of the day, and what is counted from now: "in the morning", "tonight", "after lunch", "in two hours"."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from scheduling.wishing.english import HOUR_WORD, NUMBER_WORDS
from scheduling.wishing.finds import Clock, DateFind, Find, PartFind, TimeFind
from scheduling.wishing.model import Part

AFTER_DAY = r"(?:(?<=day)|(?<=days)|(?<=tomorrow))"
DURING = r"(?:(?:in|during)\s+(?:the\s+)?)?(?:early\s+|late\s+|mid[\s-]?)?"
PARTS: tuple[tuple[str, Part], ...] = (
    (r"\bfirst\s+thing\b(?:\s+in\s+the\s+morning)?|\bbefore\s+lunch(?:\s?time)?\b", "morning"),
    (r"\bafter\s+lunch(?:\s?time)?\b", "afternoon"),
    (r"\b(?:at\s+the\s+|by\s+)?end\s+of\s+(?:the\s+)?day\b|\bclose\s+of\s+business\b|\bafter\s+work\b", "evening"),
    (r"\b(?:at|over|during|around)\s+(?:the\s+)?lunch(?:\s?time|\s+break|\s+hour)?\b", "lunch"),
    (rf"\blunch(?:\s?time|\s+break|\s+hour)\b|{AFTER_DAY}\s+lunch\b", "lunch"),
    (r"\b(?:at\s+|around\s+)?mid-?day\b", "midday"),
    (rf"\b(?P<this_morning>this\s+)?{DURING}mornings?\b", "morning"),
    (rf"\b(?P<this_afternoon>this\s+)?{DURING}afternoons?\b", "afternoon"),
    (rf"\b(?P<this_evening>this\s+)?{DURING}evenings?\b", "evening"),
    (rf"\b(?P<tonight>tonight)\b|\bat\s+night\b|{AFTER_DAY}\s+nights?\b", "night"),
    (rf"{AFTER_DAY}\s+am\b|\bin\s+the\s+am\b", "morning"),
    (rf"{AFTER_DAY}\s+pm\b|\bin\s+the\s+pm\b", "afternoon"),
)
SOON = re.compile(
    rf"(?:^\W*(?:maybe\s+)?|\b(?:come|there|over|by|here|arrive|free|available|slot|opening|something|possible)\s+)"
    rf"(?P<words>in\s+(?:(?P<half>half\s+an?\s+hour)|(?:about\s+)?(?P<count>an?|\d{{1,2}}|{HOUR_WORD})\s+(?P<unit>hour|min)\w*))\b"
)


def find_parts(text: str, today: date) -> list[Find]:
    """Parts of the day, not overlapping; "this afternoon" and "tonight" name today as well."""
    finds: list[Find] = []
    for pattern, part in _PARTS:
        for match in pattern.finditer(text):
            if all(match.end() <= find.start or match.start() >= find.end for find in finds):
                finds.extend(_named(match, part, today))
    return finds


def find_soon(text: str, now: datetime) -> list[Find]:
    """The day and time that "in two hours" comes to, to the minute."""
    match = SOON.search(text)
    if match is None:
        return []
    then = now.replace(tzinfo=None) + _from_now(match)
    start, end = match.span("words")
    clock = Clock(then.hour, then.minute, settled=True)
    return [DateFind(start=start, end=end, first=then.date()), TimeFind(start=start, end=end, first=clock)]


def _named(match: re.Match[str], part: Part, today: date) -> Iterator[Find]:
    start = match.end() - len(match[0].lstrip())
    yield PartFind(start=start, end=match.end(), part=part)
    if any(match.groupdict().values()):
        yield DateFind(start=start, end=match.end(), first=today)


def _from_now(match: re.Match[str]) -> timedelta:
    if match["half"]:
        return timedelta(minutes=30)
    count = match["count"]
    number = int(count) if count.isdigit() else NUMBER_WORDS.get(count, 1)
    return timedelta(hours=number) if match["unit"] == "hour" else timedelta(minutes=number)


_PARTS = tuple((re.compile(pattern), part) for pattern, part in PARTS)
