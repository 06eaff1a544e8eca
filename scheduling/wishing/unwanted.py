"""What a customer does not want: "not Mondays", "any day but Friday", "Monday doesn't work", "I can't before 4"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from scheduling.wishing.finds import DateFind, Find, PartFind, TimeFind
from scheduling.wishing.model import Exclusion

DAY = timedelta(days=1)
FILLER = (
    r"(?:(?:on|in|at|the|any|do|make|com(?:e|ing)|it|my|our|appointment|booking|slot|be|work|works|during|a|for|free|available|have|this|want|of|is"
    r"|possible|to)\s+)"
)
BEFORE = re.compile(
    r"(?:(?<!why )(?<!if )\bnot|n't|\bcannot|\bno|\bexcept(?:ing)?(?:\s+for)?|\bother\s+than|\bapart\s+from|\bbesides"
    r"|\bexcluding|\bavoid(?:ing)?|\bunable\s+to|\bneither|\bnever|\binstead\s+of|\brather\s+than"
    rf"|\b(?:any|all|every|whenever)\w*\b[^.!?;]{{0,40}}\bbut(?:\s+not)?)\s+{FILLER}{{0,6}}$"
)
AFTER = re.compile(
    r"\s*(?:(?:does|do|will|would|is|are|can)(?:n't|\s+not)|won't|can't|cannot)\s+"
    r"(?:work|good|possible|suit|do|be|an\s+option|ok|great|make)\b"
    r"|\s*(?:is|are|'s)\s+(?:bad|no\s+good|out|full|too\s+(?:late|early|soon)|impossible)\b"
)
OR = re.compile(r"\s*(?:,\s*)?(?:or|and|nor|&)\s*(?:(?:on|in|the|not)\s+)*")
COMMA = re.compile(r"\s*,\s*(?:(?:on|in|the)\s+)*")


def sorted_out(finds: Sequence[Find], text: str) -> tuple[list[Find], tuple[Exclusion, ...]]:
    """The wanted ones of the finds, which come by position, and what the others exclude."""
    marked = _marked(finds, text)
    unwanted = [find for find, mark in zip(finds, marked, strict=True) if mark and not _is_open(find)]
    wanted = [
        _flipped(find) if mark else find for find, mark in zip(finds, marked, strict=True) if find not in unwanted
    ]
    return wanted, _exclusions(unwanted, text)


def _marked(finds: Sequence[Find], text: str) -> list[bool]:
    marks = [bool(BEFORE.search(text[: find.start]) or AFTER.match(text, find.end)) for find in finds]
    for index in range(1, len(finds)):
        if marks[index - 1] and (_adjacent(finds[index - 1], finds[index], text) or _in_list(finds[index - 1 :], text)):
            marks[index] = True
    for index in range(len(finds) - 1):
        if (
            marks[index + 1]
            and _adjacent(finds[index], finds[index + 1], text)
            and AFTER.match(text, finds[index + 1].end)
        ):
            marks[index] = True
    return marks


def _adjacent(first: Find, second: Find, text: str) -> bool:
    return not text[first.end : second.start].strip()


def _in_list(finds: Sequence[Find], text: str) -> bool:
    """ "Not Monday, Tuesday or Friday" excludes three days, "not Monday, Tuesday" one."""
    for previous, find in pairwise(finds):
        if OR.fullmatch(text, previous.end, find.start):
            return True
        if not COMMA.fullmatch(text, previous.end, find.start):
            return False
    return False


def _is_open(find: Find) -> bool:
    return isinstance(find, DateFind | TimeFind) and find.open is not None


def _flipped(find: Find) -> Find:
    """ "I can't come before 4" is a wish for 4 or later."""
    if isinstance(find, TimeFind):
        return replace(find, open="after" if find.open == "before" else "before")
    if isinstance(find, DateFind) and find.open == "before" and find.last:
        return replace(find, first=find.last + DAY, last=None, open="after")
    if isinstance(find, DateFind) and find.first:
        return replace(find, first=None, last=find.first - DAY, open="before")
    return find


def _exclusions(finds: Sequence[Find], text: str) -> tuple[Exclusion, ...]:
    """A day and a part side by side exclude together; a clock time alone excludes nothing."""
    exclusions: list[Exclusion] = []
    end = -1
    for find in finds:
        if isinstance(find, DateFind):
            exclusions.append(_days(find))
        elif isinstance(find, PartFind) and exclusions and not text[end : find.start].strip():
            exclusions[-1] = replace(exclusions[-1], part=find.part)
        elif isinstance(find, PartFind):
            exclusions.append(Exclusion(part=find.part))
        end = find.end
    return tuple(dict.fromkeys(exclusions))


def _days(find: DateFind) -> Exclusion:
    if find.weekday is not None and not find.said_next:
        return Exclusion(weekday=find.weekday)
    return Exclusion(start_date=find.first, end_date=find.last)
