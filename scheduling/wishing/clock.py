"""Clock times by a small closed grammar: "half past 3", "3.30", "1530", "four thirty", "noon", a bare "4"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from re import Match

from scheduling.wishing.english import HOUR_WORD, MINUTE_WORDS, NUMBER_WORDS
from scheduling.wishing.finds import Clock

MINUTES = "|".join(word.replace(" ", r"[\s-]") for word in sorted(MINUTE_WORDS, key=len, reverse=True))
STRETCH = r"half|quarter|(?:five|ten|twenty(?:[\s-]five)?|(?:5|10|20|25)(?=\s+(?:min\w*\s+)?past))(?:\s+min\w*)?"
NOT_MORE = r"(?![\d/]|[.:]\d)"
TOKEN = re.compile(
    rf"""(?<![\w/.:$€£\#'])(?:
      (?:12\s+|twelve\s+)?(?P<named>noon|midnight)\b
    | (?:a\s+)?(?P<stretch>{STRETCH})\s+(?P<way>past|after|to|till)\s+(?P<of>\d{{1,2}}|{HOUR_WORD})\b(?![:/])
    | half\s+(?P<half_past>1[0-2]|[1-9]|{HOUR_WORD})\b(?![:/])
    | (?P<hour>2[0-3]|[01]?\d)(?P<mark>\s?:\s?|\.|h)(?P<minute>[0-5]\d){NOT_MORE}
    | (?P<spoken_hour>{HOUR_WORD}|1[0-2]|[1-9])(?:[\s-]+(?=[a-z])|\s+)
      (?P<spoken_minute>{MINUTES}|[0-5]\d(?=\s*[ap]\.?m))\b(?!\s*(?:to|past|till)\b)
    | (?P<joined_hour>[01]?\d|2[0-3])(?P<joined_minute>[0-5]\d){NOT_MORE}(?!-\d)(?P<hours>\s?h(?:ou)?rs?\b)?
    | (?P<bare>1\d|2[0-3]|0?[1-9]|{HOUR_WORD})(?![\d/:%$°]|\.\d)
    )
    (?P<oclock>\s*o'?\s?clock|(?<=[12]\d)h\b)?
    (?P<sharp>\s+sharp\b)?
    (?:\s*(?:in\s+the\s+)?(?P<half>[ap])(?:\.\s?m\b\.?|m\b|(?<=\d[ap])\b)(?!\s+i\b))?
    (?P<ish>\s?-?ish\b)?(?![a-z\d])
    (?P<part>(?=\s+(?:in\s+the\s+(?:morning|afternoon|evening)|at\s+night)\b))?""",
    re.VERBOSE,
)
MARKS_OF_TIME = ("half", "oclock", "sharp", "ish", "part", "hours")


@dataclass(frozen=True, slots=True)
class Token:
    """What can be a clock time; `certain` if it can be nothing else."""

    start: int
    end: int
    clock: Clock
    certain: bool

    @property
    def length(self) -> int:
        return self.end - self.start


def tokens(text: str) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        reading, certain = _reading(match)
        if reading:
            marked = any(match[mark] is not None for mark in MARKS_OF_TIME)
            yield Token(match.start(), match.end(), reading, certain or marked)


def _reading(match: Match[str]) -> tuple[Clock | None, bool]:
    half = match["half"] and match["half"] + "m"
    if match["named"]:
        return Clock(12 if match["named"] == "noon" else 0, settled=True), True
    if match["way"]:
        return _relative(match, half), match["way"] == "past" or match["stretch"] in {"half", "quarter"}
    if match["minute"]:
        settled = match["mark"].strip() == ":" and match["hour"].startswith("0")
        return _valid(int(match["hour"]), int(match["minute"]), half, settled=settled), match["mark"] != "."
    return _spoken_or_plain(match, half)


def _spoken_or_plain(match: Match[str], half: str | None) -> tuple[Clock | None, bool]:
    if match["half_past"]:
        return _valid(_number(match["half_past"]), 30, half), False
    if match["spoken_minute"]:
        minute = _minutes(match["spoken_minute"])
        return _valid(_number(match["spoken_hour"]), minute, half), minute in {15, 30, 45}
    if match["joined_minute"]:
        return _valid(int(match["joined_hour"]), int(match["joined_minute"]), half), False
    return _valid(_number(match["bare"]), 0, half), False


def _relative(match: Match[str], half: str | None) -> Clock | None:
    """ "ten past three", "quarter to 5"."""
    hour, minutes = _number(match["of"]), _minutes(match["stretch"].split(" min")[0])
    if match["way"] in {"past", "after"}:
        return _valid(hour, minutes, half)
    return _valid((hour - 2) % 12 + 1, 60 - minutes, half)


def _valid(hour: int, minute: int, half: str | None, *, settled: bool = False) -> Clock | None:
    if hour > 23 or (hour == 0 and half):
        return None
    if hour > 12 or hour == 0:
        return Clock(hour, minute, settled=True)
    return Clock(hour, minute, half, settled=settled and not half)


def _number(word: str) -> int:
    return NUMBER_WORDS[word] if word in NUMBER_WORDS else int(word)


def _minutes(words: str) -> int:
    return int(words) if words.isdigit() else MINUTE_WORDS[re.sub(r"[\s-]+", " ", words)]
