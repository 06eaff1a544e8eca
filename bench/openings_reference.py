"""The openings of one resource, minute by minute: slow, obvious, and what `scheduling.openings` must agree with."""

from collections.abc import Callable, Sequence

from scheduling.openings import Minutes, Rules, Stretch, Taken, grid


def plain_starts(
    rules: Rules,
    hours: Sequence[Stretch],
    taken: Taken,
    earliest: Minutes,
    others_may: Callable[[Minutes], bool] = lambda _: True,
) -> list[Minutes]:
    """The starts of all openings, in order: in each run of possible minutes from the first on the grid, in steps.

    `others_may` says whether what is needed besides is free for a visit at a minute.
    """
    found = []
    for stretch in hours:
        following: Minutes | None = None
        for minute in range(stretch.opens, stretch.closes):
            if not (may_start(rules, stretch, taken, earliest, minute) and others_may(minute)):
                following = None
                continue
            if following is None:
                following = next_on_grid(minute, rules.step, stretch.offset)
            if minute == following:
                found.append(minute)
                following += rules.step
    return found


def may_start(rules: Rules, stretch: Stretch, taken: Taken, earliest: Minutes, minute: Minutes) -> bool:
    """Whether a visit at this minute is within hours and lead time, clear of visits by its own buffers, and of other
    visits' buffers by itself."""
    end = minute + rules.length
    in_hours = stretch.opens <= minute < stretch.closes and end <= stretch.until and minute >= earliest
    return (
        in_hours
        and all(end + rules.after <= first or last + rules.before <= minute for first, last in taken.visits)
        and all(end <= first or last <= minute for first, last in taken.buffers)
    )


def next_on_grid(minute: Minutes, step: Minutes, offset: Minutes) -> Minutes:
    """The first minute from this one on whose local time is on the grid."""
    while (minute + offset) % grid(step):
        minute += 1
    return minute
