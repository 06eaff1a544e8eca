"""Words that look like dates or numbers and are none: they are walled off before anything is looked for."""

import re
from re import Match, Pattern

from scheduling.wishing.english import HOLIDAY, HOUR_WORD, MONTH, ORDINAL, SHORT_MONTHS, SPELLED_ORDINAL, WEEKDAY

WALL = " | "
"""Stands for words that are no date, so that what is around them does not grow together."""

PART = r"(?:morning|afternoon|evening|night)"
PERIOD = rf"(?:days?|weeks?|weekends?|months?|years?|{PART}s?|{WEEKDAY}s?)"
PRAISE = r"(?:nice|good|great|lovely|wonderful|safe|happy|fantastic|pleasant|amazing|awesome|beautiful|relaxing)"
COUNTED = (
    r"(?:ones?|options?|choices?|cars?|vehicles?|trucks?|vans?|times?|row|avenue|ave|street|st|floor|gear|party|gen"
    r"|generation|place|owner|key|opinion|slot|opening|grade|year|visit|service|degree|try|attempt|wheel|door|person"
    r"|things|question|half|hand|name|step|part|line|class|century|edition|appointment)"
)
HEADS = r"(?:of\s+us|people|persons?|guests|adults|kids|children|cars)"
NAMING = rf"(?:{'|'.join(month for month in SHORT_MONTHS if month != 'sept')}|march|april|may|june|august)"
"""Months that are also names or other words."""

NO_DATES = (
    r"\S+@\S+\.\S+|https?://\S+|www\.\S+",
    r"[$€£]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:%|dollars?|bucks|usd|euros?|pounds|miles?|km\b|k\b|percent)",
    r"\b\d{1,3}(?:,\d{3})+\b",
    r"\b24\s?[/x-]\s?7\b|\b50/50\b|\b\d+/\d+(?=\s*(?:stars?|would|inch|miles?|hours?|full|tank|price))",
    r"\b\d+\s+(?:\w+\s+){1,2}(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court)\b",
    r"\bgood\s+(?:morning|afternoon|evening|night|day)\b",
    rf"\b(?:have|enjoy|had|wish)\s+(?:\w+\s+){{0,2}}(?:rest\s+of\s+(?:the|your)|{PRAISE})\s+{PERIOD}",
    rf"\b(?:happy|merry)\s+(?:new\s+year|christmas|thanksgiving|easter|holidays|halloween|{WEEKDAY})\b",
    r"\b(?:how\s+(?:are|is|r)|how's|doing|feeling|thanks|thank\s+you|help(?:ing|ed)?|assist|what\s+can\s+you)\b[^.?!,|]{0,25}\btoday\b",
    rf"\byesterday(?:\s+{PART})?\b|\b(?:the\s+other|every|each|per)\s+(?:other\s+|single\s+|\d+\s+)?{PERIOD}\b",
    rf"\b(?:last|past|previous)\s+(?:few\s+|couple\s+(?:of\s+)?|(?:\d+|two|three)\s+)?(?:{PERIOD}|{MONTH})\b"
    rf"(?:\s+{PART})?(?!\s+(?:of|in)\b)",
    r"\b(?:couple\s+of|\w+)\s+(?:minutes?|hours?|days?|weeks?|months?|years?)\s+ago\b",
    rf"\bsince\s+(?:last\s+|the\s+)?(?:{WEEKDAY}|{MONTH}\b(?:\s+\d+\w*)?|{ORDINAL}|\d{{4}})",
    r"\b(?:the|an?|any|need|want|this|that|which|another|other|later|earlier|earliest)\s+ones?\b"
    r"(?!\s+(?:week|month|day)s?\b)",
    r"(?:(?<=day )|(?<=[ap]m )|(?<=ing )|(?<=noon )|(?<=\d )|(?<=clock ))ones?\b|\bone\s+of\b",
    rf"\b(?:table|party|group|seats?)\s+(?:for|of)\s+(?:\d{{1,2}}|{HOUR_WORD})\b(?!\s*(?:[:.]\d|[ap]\.?m|o'?\s?clock))",
    r"\b(?:a|one|per|split|just|few|wait|an?)\s+(?:secs?|seconds?|minute|moment|bit)\b",
    r"(?<!from )\b(?:right\s+)?now\b|\bsee\s+(?:you|ya|u)\b[^.?!,|]*",
    rf"\bthe\s+(?:day|week|month)\s+(?:after|before)\b(?!\s+(?:the\s+\d|next|tomorrow|{WEEKDAY}|{MONTH}|{HOLIDAY}))",
    r"\b(?:3[01](?:st|th)?\s+(?:of\s+)?feb\w*|31(?:st)?\s+(?:of\s+)?(?:apr|june?|sep|nov)\w*)\b",
    r"\bat\s+(?:this|the\s+same|any)\s+time\b|\bthis\s+time\b|\bcan(?:'t|not|\s+not)\s+wait\b",
    rf"\b(?:{ORDINAL}|{SPELLED_ORDINAL})[\s-]+(?:\w+\s+)?{COUNTED}\b(?!\s+of\s+{MONTH})",
)

GREETING = (
    r"^\s*(?:(?:hi|hello|hey)\s+)?(?:morning|afternoon|evening)(?:\s+(?:all|there|everyone|team|folks|guys))?"
    r"(?=\s*(?:[,!.]|$))"
)
CODE = r"\b(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9]+(?:-[a-z0-9]*\d[a-z0-9]*)*\b"
CLOCK_OR_DAY = (
    rf"\b(?:\d{{1,2}}(?::?\d\d)?-)?\d{{1,4}}\s?(?:[ap]m?|st|nd|rd|th|ish|h|h\d\d|hrs?|hours)\b|\b\d{{1,2}}-?{MONTH}(?:-?\d+)?\b"
    rf"|\b{MONTH}-?\d{{1,2}}\b"
)
PHONE = r"(?<![\w/.:-])\+?\(?\d(?:[\s().-]{0,2}\d){6,}(?![\w/:])"
NUMERIC_DATE = (
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)\b|\b\d{1,2}/\d{1,2}\b"
    r"|\b\d{1,2}[:.]\d\d\b(?:\s?[ap]m)?|\b\d{1,2}\s?-\s?\d{1,2}[:.]\d\d\b"
)

SPELLED_DAY = (
    rf"\b{MONTH}\s+(?:the\s+)?(?:{SPELLED_ORDINAL})\b|\b(?:{SPELLED_ORDINAL})\s+(?:day\s+)?(?:of\s+)?(?:{MONTH}|next\s+month)\b"
    rf"|\b(?:{SPELLED_ORDINAL})\s+(?:{WEEKDAY}|week|weekend)\s+(?:of|in)\b|\bfirst\s+thing\b"
)
MONTH_MEANT = (
    rf"\b(?:in|early|mid|late|next|until|till|before|during|by|end\s+of|beginning\s+of|start\s+of|week\s+of|week\s+in)"
    rf"\s+{MONTH}\b|\b(?:\d{{1,2}}(?:st|nd|rd|th)?|{SPELLED_ORDINAL})\s+(?:of\s+)?{MONTH}\b(?!\s+(?:be|not|also|have|work|i|we)\b)"
    rf"|\b{MONTH}\s+(?:the\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?|{SPELLED_ORDINAL})\b(?!\s+{HEADS})|\b{MONTH},?\s+20\d\d\b"
)


def wall(text: str, *, answer: bool, single_date: bool) -> str:
    """`answer`: a date or time was asked for, so "morning" is no greeting.

    `single_date`: the text is little but a date, so "May" is a month and "the fifth" a day.
    """
    for pattern in _NO_DATES if answer else (_GREETING, *_NO_DATES):
        text = pattern.sub(WALL, text)
    text = _all_but(_CODES, text)
    text = _all_but(_PHONES, text)
    if single_date:
        return text
    text = _all_but(_SPELLED, text)
    return _all_but(_MONTHS, text)


def _all_but(pattern: Pattern[str], text: str) -> str:
    """Walls off what the group `wall` matches; what is matched without it stays."""
    return pattern.sub(_wall_or_word, text)


def _wall_or_word(match: Match[str]) -> str:
    return WALL if match["wall"] else match[0]


_GREETING = re.compile(GREETING)
_NO_DATES = tuple(re.compile(pattern) for pattern in NO_DATES)
_CODES = re.compile(rf"{CLOCK_OR_DAY}|(?P<wall>{CODE})")
_PHONES = re.compile(rf"{NUMERIC_DATE}|(?P<wall>{PHONE})")
_SPELLED = re.compile(rf"{SPELLED_DAY}|(?P<wall>\b(?:{SPELLED_ORDINAL})\b)")
_MONTHS = re.compile(rf"{MONTH_MEANT}|(?P<wall>\b{NAMING}\b)")
