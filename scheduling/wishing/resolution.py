"""An option's finds as dates and times of the day: here it is decided what is morning and what is afternoon."""

from datetime import time

from scheduling.wishing.finds import Clock, TimeFind
from scheduling.wishing.model import Part, Wish
from scheduling.wishing.options import Option

RANGE_HALVES = ((None, None), ("pm", "pm"), ("am", "pm"), ("am", "am"))


def wish(option: Option) -> Wish:
    start, end, part = _times(option.time, option.part.part if option.part else None)
    return Wish(
        start_date=option.date.first if option.date else None,
        end_date=option.date.last if option.date else None,
        date_open=option.date.open if option.date else None,
        start_time=start,
        end_time=end,
        time_open=option.time.open if option.time else None,
        part=part,
    )


def _times(find: TimeFind | None, part: Part | None) -> tuple[time | None, time | None, Part | None]:
    """Start, end, and the part if it says more than the clock: in "Friday morning at 9" it is but a hint."""
    if find is None:
        return None, None, part
    if find.last:
        return *_range(find.first, find.last, _half(find.first, part)), None
    moment = find.first.on(_half(find.first, part))
    if find.open == "before":
        return None, moment, part
    return moment, None, part if find.open else None


def _half(clock: Clock, part: Part | None) -> str | None:
    if part is None:
        return None
    before_noon = part == "morning" or (part in {"midday", "lunch"} and clock.hour == 11)
    return "am" if before_noon else "pm"


def _range(first: Clock, last: Clock, half: str | None) -> tuple[time, time | None]:
    """The likeliest reading in which the range runs forward: "11 to 1", "9 to 5", "2-4pm"."""
    said = half or last.half or first.half
    likeliest = [(said, said), ("am", said), (said, "pm")] if said else []
    for first_half, last_half in (*likeliest, *RANGE_HALVES):
        start, end = first.on(first_half), last.on(last_half)
        if start < end:
            return start, end
    return first.on(half), None
