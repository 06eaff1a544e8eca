"""Whether a message asks for a phone call, where it might be taken for something else: an answer, an appointment."""

import re

_ASKS = re.compile(
    r"\b(?:call|ring|phone)\s+me\b|\bgive\s+me\s+a\s+(?:call|ring|bell)\b|\bcall\s?backs?\b", re.IGNORECASE
)
_IN_A_WHILE = re.compile(r"\bin\s+(?:half\s+)?[\w-]+\s+(?:hour|hr|minute|min)s?\b", re.IGNORECASE)


def asks_for_call(text: str) -> bool:
    """Whether "call me" and the like are said in so many words."""
    return bool(_ASKS.search(text))


def in_a_while(text: str) -> str | None:
    """The "in two hours" of "call me in two hours", which elsewhere is rather how long something takes."""
    found = _IN_A_WHILE.search(text)
    return found.group() if found else None
