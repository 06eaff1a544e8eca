"""From a customer's message to a wish: each step takes what it knows out of the text, the next one sees the rest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scheduling.wishing.dates import find_dates
from scheduling.wishing.engine import Engine
from scheduling.wishing.engines import default_engine
from scheduling.wishing.finds import Find
from scheduling.wishing.merging import MOST_OPTIONS
from scheduling.wishing.model import Exclusion, Wish
from scheduling.wishing.options import options
from scheduling.wishing.parts import find_parts, find_soon
from scheduling.wishing.resolution import wish
from scheduling.wishing.text import clean, is_bare, normalise
from scheduling.wishing.times import find_times
from scheduling.wishing.unwanted import sorted_out

Expect = Literal["date", "time"]

EARLIEST = re.compile(
    r"\ba\.?\s?s\.?\s?a\.?\s?p\b|\b(?:as\s+(?:soon|early|quickly)\s+as(?:\s+(?:possible|(?:you|i|we)\s+can|can\s+be|you\s+have))?"
    r"|(?<!at the )earliest|soonest|(?:first|next)\s+(?:available|free|possible|opening|open|slot|spot)"
    r"|sooner\s+the\s+better|right\s+away|immediately|straight\s+away)\b"
)
WHENEVER = re.compile(
    r"\b(?:any\s?time|any\s?day|whenever|any\s+(?:of\s+(?:them|those)|date|one)|no\s+preference|don't\s+(?:mind|care)"
    r"|doesn't\s+matter|(?:i'm|am)\s+flexible|up\s+to\s+you|you\s+(?:choose|pick))\b"
)
WEEKDAYS_ONLY = re.compile(r"\b(?:week\s?days?|work(?:ing)?\s+days?|business\s+days?|during\s+the\s+week)\b")
WEEKEND = (Exclusion(weekday=5), Exclusion(weekday=6))
MOVED = re.compile(
    r"\b(?:move|moving|change|changing|reschedule|switch|push|shift|swap|bring|bump)\w*\b.*?\bto\b(?=\s)"
    r"|\b(?:swap|exchange|trade)\b.*?\bfor\b(?=\s)"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """What one message is read with. `cleaned` is the whole message before anything was walled off."""

    engine: Engine
    now: datetime
    expect: Expect | None
    language: str
    cleaned: str

    def read(self, text: str) -> Wish | None:
        finds, exclusions = sorted_out(self._finds(text), text)
        named = [wish(option) for option in options(finds, text)][:MOST_OPTIONS]
        if WEEKDAYS_ONLY.search(text):
            exclusions += WEEKEND
        anything = not named and not exclusions and self.expect and WHENEVER.search(self.cleaned)
        result = Wish.of(named, exclusions, earliest=bool(anything or EARLIEST.search(self.cleaned)))
        return result if result != Wish() else None

    def _finds(self, text: str) -> list[Find]:
        times = find_times(text, time_asked=self.expect == "time", bare=is_bare(self.cleaned))
        soon = find_soon(text, self.now)
        parts = [part for part in find_parts(text, self.now.date()) if not _overlaps(part, [*times, *soon])]
        remaining = EARLIEST.sub(lambda match: " " * len(match[0]), _blanked(text, [*times, *soon, *parts]))
        dates = find_dates(remaining, self.now, self.language, self.engine)
        return sorted((*times, *soon, *parts, *dates), key=lambda find: (find.start, find.end))


def read_wish(
    text: str, now: datetime, *, expect: Expect | None = None, language: str = "en", engine: Engine | None = None
) -> Wish | None:
    """The date and time wished for in a customer's message, or None if there is none.

    `now` is aware, in the business's zone; days without a year are looked for from there on. `expect` is what the
    customer was just asked for, so that a bare "3" is a time or a day. `language` is a tag: with "en" or "en-US" 12/3
    is December 3rd, with "en-GB" March 12th. Never raises, whatever the text.
    """
    cleaned = clean(text)
    tongue, _, region = language.lower().replace("_", "-").partition("-")
    day_first = tongue != "en" or region not in {"", "us"}
    reader = Reader(engine or default_engine(), now, expect, tongue, cleaned)
    normal = normalise(cleaned, asked=expect, day_first=day_first)
    moved = MOVED.search(normal)
    return (moved and reader.read(normal[moved.end() :])) or reader.read(normal)


def _overlaps(find: Find, others: Iterable[Find]) -> bool:
    return any(other.start < find.end and find.start < other.end for other in others)


def _blanked(text: str, finds: Iterable[Find]) -> str:
    for find in finds:
        text = text[: find.start] + " " * (find.end - find.start) + text[find.end :]
    return text
