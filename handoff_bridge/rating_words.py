"""Reads a rating that was typed: a small closed grammar, so that nothing else is taken for one.

A digit counts alone, with its scale ("5/5", "4 stars") or before a few words; a number in letters only alone or with
its scale; stars count as they are. Digits and stars are the same in every language; words after a digit
alone count only in a language whose units are known here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

_LONGEST = 200  # characters of a comment
_SEPARATOR = r"[\s,.;:!)–—-]*"
_STARS = re.compile(r"\s*(?P<stars>(?:[*★⭐]\ufe0f?\s?){1,5})(?![*★⭐])(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class _Language:
    """`scale` is what may follow the number; `units` make of a digit something other than a rating."""

    numbers: Mapping[str, int]
    scale: str
    units: str

    @cached_property
    def digit(self) -> re.Pattern[str]:
        return re.compile(rf"\s*(?P<number>[1-5]){self._after}", re.DOTALL | re.IGNORECASE)

    @cached_property
    def word(self) -> re.Pattern[str]:
        return re.compile(rf"\s*(?P<number>{'|'.join(self.numbers) or '(?!)'}){self._after}", re.DOTALL | re.IGNORECASE)

    @property
    def _after(self) -> str:
        return rf"(?![\w.:]*\d)(?!\w)(?P<scale>\s*(?:/\s*5|{self.scale})(?!\w))?{_SEPARATOR}(?P<rest>.*)"


_DIGITS_ONLY = _Language(numbers=MappingProxyType({}), scale=r"[*★⭐]", units="")
_LANGUAGES: Mapping[str, _Language] = MappingProxyType(
    {
        "en": _Language(
            numbers=MappingProxyType({"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}),
            scale=r"(?:out\s+)?of\s+(?:5|five)|stars?|points?|[*★⭐]",
            units=r"[ap]\.?m\b|o'?clock|minutes?\b|mins?\b|hours?\b|days?\b|weeks?\b|people\b|persons?\b|cars?\b|of\b|or\b",
        )
    }
)


def read_rating(text: str, language: str) -> tuple[int, str] | None:
    """The rating in a text, 1 to 5, and the words that go with it; None when it is none."""
    known = _LANGUAGES.get(language, _DIGITS_ONLY)
    if match := _STARS.fullmatch(text):
        return _rated(sum(c in "*★⭐" for c in match["stars"]), match["rest"])
    if match := known.digit.fullmatch(text):
        is_plain = not match["rest"] or match["scale"] is not None or _is_comment(match["rest"], known)
        return _rated(int(match["number"]), match["rest"]) if is_plain else None
    if (match := known.word.fullmatch(text)) and (match["scale"] or not match["rest"]):
        return _rated(known.numbers[match["number"].lower()], match["rest"])
    return None


def _rated(number: int, rest: str) -> tuple[int, str] | None:
    words = rest.strip()
    return (number, words) if len(words) <= _LONGEST and number <= 5 else None


def _is_comment(rest: str, known: _Language) -> bool:
    """Whether words after a bare digit go with a rating: no question, no other number, and no unit of it."""
    return not re.search(r"[?\d]", rest) and not re.match(known.units, rest, re.IGNORECASE)
