"""Finds phrases in what customers write: whole words, one clause after another.

A phrase is words in the order in which they are said. `(a|b c)` stands for any of these, `(a|)` may be missing, `..` is
up to three other words, `<group>` any phrase of a group, `^` and `$` the ends of a clause, and a `*` at the end of a
word any ending. Case, accents and apostrophes do not count: customers leave them out.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

LONGEST = 600  # characters looked at: the first and the last half of a longer text
_AT_ONCE = 64  # texts: each is asked about by one rule after the other

_HIDDEN = re.compile(r"\S+@\S+|\b(?:https?://|www\.)\S+")
_APOSTROPHES = re.compile(r"['’‘`´]")
_WORD = re.compile(r"[^\W_]+")
_ENDS = re.compile(r"[.!?;:,\n()\[\]\"“”…–—]+|\s-+\s")
_PIECES = re.compile(r"<[a-z_]+>|\.\.|[()|^$]|[^\s()|^$<>]+")
_MARKS = {"^": r"\A", "$": r"\Z", "(": "(?:", "|": "|", ")": ")"}
_GAP = r"(?:\S+ ){0,3}?"
_NOTHING = r"(?!)"  # what is never found

Groups = Mapping[str, Sequence[str]]


class PhraseError(ValueError):
    """A phrase that cannot be read. See the first lines of handoff_bridge/triggers/words.py."""


@lru_cache(_AT_ONCE)
def plain(text: str) -> str:
    """The text as it is compared: lower case, no accents, no apostrophes, addresses left out."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    text = _APOSTROPHES.sub("", _HIDDEN.sub(" ", text))
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(plain(text))


@lru_cache(_AT_ONCE)
def clauses(text: str, joints: frozenset[str] = frozenset()) -> tuple[Sequence[str], ...]:
    """The words of each clause; it ends at punctuation and at a word of `joints`, such as "but"."""
    return tuple(_clauses(text, joints))


def _clauses(text: str, joints: frozenset[str]) -> Iterator[Sequence[str]]:
    for part in _ENDS.split(plain(text)):
        clause: list[str] = []
        for word in _WORD.findall(part):
            if word not in joints:
                clause.append(word)
            elif clause:
                yield clause
                clause = []
        if clause:
            yield clause


class Phrases:
    """Phrases to look for. Raises `PhraseError` for one that cannot be read."""

    def __init__(self, phrases: Sequence[str], groups: Groups | None = None) -> None:
        sources = [f"(?:{_expression(phrase, groups or {})})" for phrase in phrases]
        try:
            self._pattern = re.compile("|".join(sources)) if sources else None
        except re.error as error:
            raise PhraseError(str(error)) from error

    def spans(self, clause: Sequence[str]) -> Iterator[tuple[int, int]]:
        """From which word to which, in the clause, the phrases stand that are in it; one at most from each word."""
        if self._pattern is None:
            return
        text = "".join(f"{word} " for word in clause)
        for number, start in enumerate(_starts(clause)):
            if (match := self._pattern.match(text, start)) and match.end() > start:
                yield number, number + match.group().count(" ")

    def are_in(self, clause: Sequence[str]) -> bool:
        """Whether any of them is."""
        return next(self.spans(clause), None) is not None


def _starts(clause: Sequence[str]) -> Iterator[int]:
    at = 0
    for word in clause:
        yield at
        at += len(word) + 1


def _expression(phrase: str, groups: Groups) -> str:
    pieces = _PIECES.findall(phrase)
    if "".join(pieces) != re.sub(r"\s", "", phrase) or not pieces:
        raise PhraseError(f"{phrase!r} has signs that stand for nothing")
    return "".join(_part(piece, groups) for piece in pieces)


def _part(piece: str, groups: Groups) -> str:
    if piece in _MARKS:
        return _MARKS[piece]
    if piece == "..":
        return _GAP
    if piece.startswith("<"):
        if piece[1:-1] not in groups:
            raise PhraseError(f"there is no group {piece}")
        alternatives = [_expression(each, groups) for each in groups[piece[1:-1]]]
        return f"(?:{'|'.join(alternatives)})" if alternatives else _NOTHING
    return _word(piece)


def _word(piece: str) -> str:
    parts = words(piece.removesuffix("*"))
    if not parts:
        raise PhraseError(f"{piece!r} is no word")
    return " ".join(map(re.escape, parts)) + (r"\S* " if piece.endswith("*") else " ")
