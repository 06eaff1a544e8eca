"""Cuts a text into pieces the engine can afford: its cost is exponential in the date words that stand together."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from re import Pattern

from scheduling.wishing.english import COSTLY_WORD

MOST_WORDS = 6
HANDFUL = 4
MOST_PIECES = 8
BREAK = re.compile(r"[.!?;|~]+(?=\s|$)|\s[|~]\s|\bor\b|\botherwise\b|\bbut\b")
COMMA = re.compile(r",")
COSTLY = re.compile(COSTLY_WORD)
ANY_WORD = re.compile(r"\w{3,}|\d+")


def pieces(text: str, language: str = "en") -> Iterator[tuple[int, str]]:
    """At most 8 pieces with their positions, each with at most 6 date, time or number words.

    In languages whose date words are not known any word counts.
    """
    return islice(_affordable(text, COSTLY if language == "en" else ANY_WORD), MOST_PIECES)


def _affordable(text: str, costly: Pattern[str]) -> Iterator[tuple[int, str]]:
    for start, sentence in _cut(text, 0, BREAK):
        too_costly = sum(1 for _ in costly.finditer(sentence)) > MOST_WORDS
        for position, piece in _cut(sentence, start, COMMA) if too_costly else [(start, sentence)]:
            yield from _chopped(piece, position, costly)


def _cut(text: str, offset: int, mark: Pattern[str]) -> Iterator[tuple[int, str]]:
    start = 0
    for match in mark.finditer(text):
        yield offset + start, text[start : match.start()]
        start = match.end()
    yield offset + start, text[start:]


def _chopped(text: str, offset: int, costly: Pattern[str]) -> Iterator[tuple[int, str]]:
    """Handfuls of date words, if there are still too many: only a text that nobody writes comes to this."""
    words = [match.start() for match in costly.finditer(text)]
    if not words:
        return
    cuts = words[HANDFUL::HANDFUL] if len(words) > MOST_WORDS else []
    for start, end in pairwise((0, *cuts, len(text))):
        yield offset + start, text[start:end]
