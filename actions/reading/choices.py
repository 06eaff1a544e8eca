"""Which of the things just listed a customer means, and in which direction they want to see more."""

import re
from enum import Enum

_COUNTS = ("one", "two", "three", "four", "five")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_PLACE = {word: index for words in (_COUNTS, _ORDINALS) for index, word in enumerate(words)}
_SUFFIXED = re.compile(r"(\d+)(?:st|nd|rd|th)")

_FINE = r"(?:good|fine|great|ok(?:ay)?)"
_POLITE = (
    rf"(?:\s*(?:please|pls|thanks|thank\s+you|then|is\s+{_FINE}|works(?:\s+for\s+me)?|would\s+be\s+{_FINE}))*[\s.!]*"
)
_LEAD_WORDS = (
    "ok okay yes sure well let's lets i i'll i'd we we'll can could would may take have get choose pick prefer like"
    " want go going do say make it with for to me give book then um uh maybe probably please"
)
_LEAD = rf"(?:(?:{'|'.join(_LEAD_WORDS.split())})[\s,]+)*"
_THING = r"(?:\s+(?:one|option|opening|slot|time|choice|of\s+(?:them|those|these)))?"
_NUMBER = re.compile(
    rf"{_LEAD}(?:the\s+)?(?:(?:number|no\.?|nr\.?|option|#)\s*)?#?(?P<n>[1-9]|{'|'.join(_COUNTS)})\.?{_POLITE}",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"\b(?:the\s+)?(?P<n>{'|'.join(_ORDINALS)}|[1-5](?:st|nd|rd|th)){_THING}{_POLITE}$", re.IGNORECASE
)
_LAST = re.compile(
    rf"\b(?:the\s+)?(?:(?:last|latest|bottom){_THING}|later\s+(?:one|of\s+the\s+two|time|slot|option)){_POLITE}$",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"\b(?:the\s+)?(?:(?:earliest|top){_THING}|earlier\s+(?:one|of\s+the\s+two|time|slot|option)){_POLITE}$",
    re.IGNORECASE,
)
_MIDDLE = re.compile(rf"\bmiddle{_THING}{_POLITE}$", re.IGNORECASE)
_ANY = re.compile(
    r"\b(?:any(?:\s+(?:one|of\s+(?:them|those|these)|is\s+fine|will\s+do)|[\s.!]*$)|either(?:\s+(?:one|of\s+(?:them|those)))?|whichever|you\s+(?:choose|pick|decide)"
    r"|(?:doesn['’]?t|does\s+not)\s+matter|no\s+preference|don['’]?t\s+(?:mind|care))\b",
    re.IGNORECASE,
)


class Page(Enum):
    """Where else to look for openings."""

    LATER = "later"
    EARLIER = "earlier"
    OTHER_DAY = "other_day"
    MORE = "more"


_PAGES: dict[Page, tuple[str, ...]] = {
    Page.OTHER_DAY: (
        r"\b(?:another|other|different)\s+(?:day|date)s?\b",
        r"\b(?:next|following)\s+day\b",
        r"\bday\s+after\b(?!\s+tomorrow)",
    ),
    Page.LATER: (
        r"\btoo\s+early\b",
        r"\bnot\s+(?:that|so|this)\s+early\b",
        r"\blater\b",
        r"\bafter\s+(?:that|those)\b",
    ),
    Page.EARLIER: (
        r"\btoo\s+late\b",
        r"\bnot\s+(?:that|so|this)\s+late\b",
        r"\b(?:earlier|sooner)\b",
        r"\bbefore\s+(?:that|those)\b",
    ),
    Page.MORE: (r"\b(?:more|else|other|another|different|none|neither)\b", r"\bnext\s+page\b", r"\ball\s+you\s+have\b"),
}


def read_choice(text: str, count: int) -> int | None:
    """The index of the one meant among `count` that were listed in order; None if none of them is."""
    text = text.strip().replace("’", "'")
    if match := _NUMBER.fullmatch(text) or _ORDINAL.search(text):
        return _within(_index(match["n"].casefold()), count)
    if _LAST.search(text):
        return _within(count - 1, count)
    if _FIRST.search(text) or _ANY.search(text):
        return _within(0, count)
    if _MIDDLE.search(text) and count % 2:
        return count // 2
    return None


def read_page(text: str) -> Page | None:
    """In which direction the customer wants other openings."""
    return next((page for page in _PAGES if any(re.search(each, text, re.IGNORECASE) for each in _PAGES[page])), None)


def _index(said: str) -> int:
    suffixed = _SUFFIXED.fullmatch(said)
    if suffixed or said.isdecimal():
        return int(suffixed[1] if suffixed else said) - 1
    return _PLACE[said]


def _within(index: int, count: int) -> int | None:
    return index if 0 <= index < count else None
