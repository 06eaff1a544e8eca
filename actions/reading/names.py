"""A customer's name, as an answer or said in passing."""

import re

_LETTER = r"[^\W\d_]"
_REST = rf"(?:{_LETTER}|['’.-](?={_LETTER}))*\.?"
_WORD = _LETTER + _REST
_NAME = rf"{_WORD}(?:\s+{_WORD}){{0,3}}"
_CAPITAL = rf"(?-i:[^\W\d_a-z]){_REST}"
_CAPITALS = rf"{_CAPITAL}(?:\s+(?:(?:de|da|di|van|von|der|den|el|al|bin|la|le|y)\s+)*{_CAPITAL}){{0,3}}"

_GIVEN = re.compile(
    rf"\b(?:my\s+(?:full\s+)?name(?:\s+is|['’]s|:)|the\s+name\s+(?:is|should\s+be)|name\s*(?:is|:)|names?\s+is"
    rf"|(?:under|on)\s+the\s+name(?:\s+of)?|change\s+(?:the|my)\s+name\s+to|i\s+am\s+called|call\s+me)\s+(?P<name>{_NAME})",
    re.IGNORECASE,
)
_PASSING = re.compile(
    rf"\b(?:it['’]?s|it\s+is|this\s+is|i['’]?m|i\s+am|here\s+is)\s+(?P<name>{_CAPITALS})", re.IGNORECASE
)
_SIGNED = re.compile(rf"^(?P<name>{_CAPITALS})\s+(?:here|speaking)\b", re.IGNORECASE)
_ANSWER = re.compile(
    rf"(?:(?:yes|sure|ok(?:ay)?|hi|hello)[,.!]?\s+)?(?:(?:it['’]?s|it\s+is|this\s+is|i['’]?m|i\s+am|for|under)\s+)?"
    rf"(?P<name>{_NAME})(?:\s+(?:here|please))?\s*[.!]*",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s+(?:and|but|with|from|at|on|for|the|my|i|please|thanks|thank|here|can|could|would|is|e-?mail|phone|number|code)\b.*$",
    re.IGNORECASE,
)
_NO_NAME_WORDS = """
    a about actually afternoon afraid an and anything appointment at booking busy bye calling date day december done
    e-mail earlier email evening february fine first for friday from glad good goodbye happy hello help here hey hi how
    huh i if important in instead interested is it january july just last later looking march maybe me monday morning
    my name never new no none noon nope not nothing november now number october ok okay on one or phone please possible
    ready saturday second september skip something sorry stop sunday sure thank thanks that the there these third this
    those three thursday time today tomorrow tonight trying tuesday two urgent want wants wednesday well what when where
    who why with yeah yep yes you
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_MONTH_NAMES = frozenset({"april", "may", "june", "august"})


def read_name(text: str, *, asked: bool) -> str | None:
    """The name in `text`, or None. When it was `asked` for, a bare name counts too; otherwise only "my name is …",
    or capitals after "it's …" and the like."""
    for pattern in (_GIVEN, _SIGNED, _PASSING):
        if (match := pattern.search(text)) and (name := _clean(match["name"])):
            return name
    match = _ANSWER.fullmatch(text.strip()) if asked else None
    return _clean(match["name"]) if match else None


def is_month_name(text: str) -> bool:
    """Whether a bare answer is a name that is a month as well."""
    return text.strip(" .!").casefold() in _MONTH_NAMES


def _clean(name: str) -> str | None:
    name = " ".join(_TRAILING.sub("", name).strip(" ,;").removesuffix(".").split())
    words = [word.strip(".").casefold() for word in name.split()]
    if not words or any(word in _NO_NAME for word in words) or len(name) > 60:
        return None
    return name if name != name.lower() else name.title()
