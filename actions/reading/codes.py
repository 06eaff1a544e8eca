"""A confirmation code somewhere in a message."""

import re

from scheduling.codes import read_code

_CANDIDATE = re.compile(r"(?<![\w@.-])[A-Za-z0-9]{4}[\s_-]?[A-Za-z0-9]{4}(?![\w@])")
_SPELLED = re.compile(r"(?<!\w)(?:[A-Za-z0-9][\s-]+){7}[A-Za-z0-9](?!\w)")


def codes_in(text: str) -> list[str]:
    """Everything in `text` that may be a confirmation code, likeliest first.

    A code has a digit, or it is typed in capitals; so no two words of four letters are taken for one.
    """
    found = [match.group() for pattern in (_CANDIDATE, _SPELLED) for match in _overlapping(pattern, text)]
    return [said for said in found if _is_meant_as_code(said)]


def looks_like_code(text: str) -> bool:
    """Whether a bare answer is meant as a code, though it cannot be one: a letter too many, an O for a 0."""
    bare = re.sub(r"[\s\W_]", "", text)
    return 5 <= len(bare) <= 12 and bool(re.search(r"\d", bare)) and bare.isalnum()


def _is_meant_as_code(said: str) -> bool:
    has_letter, has_digit = re.search(r"[A-Za-z]", said), re.search(r"\d", said)
    return bool(has_letter) and (said == said.upper() or (bool(has_digit) and read_code(said) is not None))


def _overlapping(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [match for start in range(len(text)) if (match := pattern.match(text, start))]
