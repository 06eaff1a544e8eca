"""Whether a sentence that asks to have a message passed on holds the message already: "tell them that …"."""

import re

_WHOM = r"(?:them|him|her|(?:your|the|my)\s+\w+|(?-i:[A-Z])\w+|some(?:one|body))"
_CONTENT = r"\s+(?P<content>\S+\s+\S+.*)"  # two words at least
_PATTERNS = (
    rf"\b(?:tell|inform)\s+{_WHOM}(?:\s*[,:]|\s+that)?{_CONTENT}",
    rf"\blet\s+{_WHOM}\s+know(?:\s*[,:]|\s+that)?{_CONTENT}",
    rf"\b(?:message|note|pass\s+(?:\w+\s+)?on)\b[^:.?!]{{0,60}}?(?::|,?\s+(?:saying|that\s+says|that)\b){_CONTENT}",
)
_SAID = [re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in _PATTERNS]


def holds_message(text: str) -> bool:
    """Whether more is said than that there is a message."""
    return any(pattern.search(text) for pattern in _SAID)
