"""Which numbers of a text are meant as clock times, and whether as a moment, a range or an open range."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from re import Match

from scheduling.wishing.clock import Token, tokens
from scheduling.wishing.english import HOUR_WORD, MONTH, ORDINAL, WEEKDAY
from scheduling.wishing.finds import Clock, TimeFind
from scheduling.wishing.model import Open

DATES = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}/\d{{1,2}}(?:/\d+)?|{ORDINAL}"
    rf"|\b{MONTH}\s+(?:the\s+)?\d{{1,2}}\b(?!:|\s?[ap]\.?m)(?:,?\s+20\d\d\b)?"
    rf"|\b\d{{1,2}}\s+(?:of\s+)?{MONTH}\b(?:,?\s+20\d\d\b)?"
)
DAY = rf"(?:{WEEKDAY}s?|today|tomorrow|tonight|morning|afternoon|evening)"
DAY_SAID = re.compile(rf"\b(?:{DAY}|noon|weekend)\b|#")
DAY_BEFORE = re.compile(rf"(?:\b{DAY}\s*,?|#,?|\b(?:wait|actually|rather|i\s+mean|make\s+(?:it|that)),?)\s*$")
DAY_AFTER = re.compile(rf"(?:\s*(?:or|,|to|-)\s*\d{{1,2}})*\s+(?:on\s+)?(?:the\s+)?(?:{WEEKDAY}|today|tomorrow|#)")

FOLLOWS = re.compile(
    rf"\s*(?:$|[.,;!?)|~&-]|\b(?:{DAY}|or|and|to|until|till|through|on|in|the|this|next|please|if|works?|would|will|is|free"
    r"|available|possible|open|for|with|instead|then|but|that|so|thanks?|ok|okay|because|as|good|great|fine|be|it|was|i|we"
    r"|you|can|could|may\s+(?:i|we)|at|onwards?|earliest|latest|exactly|maybe|when|since|not|by|from|every|some)\b)"
)
"""What may stand behind a bare number that is a time; "at 3 locations" is none."""

COUNTED = re.compile(
    rf"\s*(?:or|and|to|-)\s*(?:\d+|{HOUR_WORD})\s+(?!(?:or|and|to|on|in|at|the|this|please|[ap]m|o'?clock)\b)[a-z]"
)
SOME = r"(?:any\s?time\s+|some\s?time\s+)?"
CUES = re.compile(
    rf"(?:\b(?P<after>{SOME}(?:after|past|later\s+than|not\s+before|no\s+(?:earlier|sooner)\s+than|not\s+until))"
    rf"|\b(?P<before>{SOME}(?:before|earlier\s+than|not\s+(?:after|later\s+than)|no\s+later\s+than|prior\s+to))"
    r"|(?P<at>@|\bat|\bbetween)|\b(?P<until>by|until|till|til|up\s+to)"
    r"|\b(?P<since>from|starting(?:\s+(?:at|from))?)|\b(?P<about>around|about|like|say|approximately|roughly|near|close\s+to))"
    r"(?:\s+(?:around|about|like|say|maybe|exactly))?\s*$"
)
TO = re.compile(r"\s*(?:-|~|to|until|till|til|through|thru)\s*")
BETWEEN_AND = re.compile(r"\s*(?:and|&|-|to)\s*")
LINK = re.compile(r"\s*(?:or|to|-|until|till|and|,\s*or)\s*(?:at\s+|maybe\s+)?")
LIST = re.compile(r"\s*(?:,\s*)?(?:or|and|/|,)?\s*(?:maybe\s+|even\s+)?(?:at\s+|around\s+)?")
LATER = re.compile(r"\s*(?:onwards?|(?:or|and)\s+(?:any\s?time\s+)?(?:later|after(?:wards)?)|at\s+the\s+earliest|\+)")
EARLIER = re.compile(r"\s*(?:or\s+(?:earlier|before|sooner)|at\s+the\s+latest)\b")

OR_LATER = re.compile(rf"{LATER.pattern}|{EARLIER.pattern}")


def find_times(text: str, *, time_asked: bool, bare: bool) -> list[TimeFind]:
    """Clock times in a normalised text. `bare`: the text is nothing but numbers and fillers."""
    text = DATES.sub(lambda match: "#" * len(match[0]), text)
    eager = time_asked or bool(DAY_SAID.search(text))
    candidates = list(tokens(text))
    due = [token for token in candidates if token.certain or (time_asked and bare) or _is_due(token, text, eager)]
    return list(_joined(_with_linked(due, candidates, text), text))


def _is_due(token: Token, text: str, eager: bool) -> bool:
    """Whether a bare number stands where a time is said. `eager`: a day was said or a time asked for."""
    if not _may_end(token, text):
        return False
    before = text[: token.start]
    cue = CUES.search(before)
    if cue is None:
        opens = not before.strip() and (DAY_AFTER.match(text, token.end) or OR_LATER.match(text, token.end))
        return bool(opens or DAY_BEFORE.search(before)) and not _is_year(token)
    if _is_year(token) and not cue["at"]:
        return False
    strong = cue["after"] or cue["before"] or cue["at"]
    return bool(eager or strong or not before[: cue.start()].strip(" ,how"))


def _is_year(token: Token) -> bool:
    return token.length == 4 and token.clock.hour in {19, 20}


def _may_end(token: Token, text: str) -> bool:
    return bool(FOLLOWS.match(text, token.end)) and not COUNTED.match(text, token.end)


def _with_linked(due: list[Token], candidates: Sequence[Token], text: str) -> list[Token]:
    """The tokens that are due and those listed or ranged with them: "3 or 4 pm", "2-4pm"."""
    meant = set(due)
    pairs = list(pairwise(candidates))
    for first, second in pairs:
        if first in meant and _is_linked(first, second, text) and _may_end(second, text):
            meant.add(second)
    for first, second in reversed(pairs):
        if second in meant and _is_linked(first, second, text):
            meant.add(first)
    return [token for token in candidates if token in meant]


def _is_linked(first: Token, second: Token, text: str) -> bool:
    return LINK.fullmatch(text, first.end, second.start) is not None


def _joined(times: Sequence[Token], text: str) -> Iterator[TimeFind]:
    """Two times joined by "to" or "between … and" as one range, others with their cues."""
    position = 0
    while position < len(times):
        first = times[position]
        second = times[position + 1] if position + 1 < len(times) else None
        cue = CUES.search(text[: first.start])
        if second and _is_range(cue, text[first.end : second.start]):
            start = cue.start() if cue else first.start
            yield TimeFind(start=start, end=second.end, first=first.clock, last=second.clock)
            position += 2
        else:
            yield _single(first, _with_half_of_list(times[position:], text), cue, text)
            position += 1


def _is_range(cue: Match[str] | None, gap: str) -> bool:
    between = cue is not None and "between" in cue[0]
    return bool((BETWEEN_AND if between else TO).fullmatch(gap))


def _with_half_of_list(times: Sequence[Token], text: str) -> Clock:
    """In "2 or 3 pm" the "pm" is meant for both."""
    clock = times[0].clock
    for token, following in pairwise(times):
        if clock.half or clock.settled or not LIST.fullmatch(text, token.end, following.start):
            break
        if following.clock.half:
            return Clock(clock.hour, clock.minute, following.clock.half)
    return clock


def _single(token: Token, clock: Clock, cue: Match[str] | None, text: str) -> TimeFind:
    start, end, opened = token.start, token.end, None
    if cue:
        start, opened = cue.start(), _opened(cue)
    if later := LATER.match(text, end):
        end, opened = later.end(), "after"
    elif earlier := EARLIER.match(text, end):
        end, opened = earlier.end(), "before"
    return TimeFind(start=start, end=end, first=clock, open=opened)


def _opened(cue: Match[str]) -> Open | None:
    if cue["after"] or cue["since"]:
        return "after"
    return "before" if cue["before"] or cue["until"] else None
