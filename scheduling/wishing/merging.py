"""A later message refines an earlier one: its date replaces the date, its time the time."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduling.wishing.model import Exclusion, Wish

MOST_OPTIONS = 8


def merge(older: Wish, newer: Wish) -> Wish:
    exclusions = tuple(dict.fromkeys((*_still_meant(older, newer), *newer.exclusions)))
    return newer.of(_options(older, newer), exclusions, earliest=older.earliest or newer.earliest)


def _options(older: Wish, newer: Wish) -> list[Wish]:
    pairs = product(newer.options, older.options)
    return list(islice(dict.fromkeys(_filled(new, old) for new, old in pairs), MOST_OPTIONS))


def _filled(new: Wish, old: Wish) -> Wish:
    dated = new if new.names_a_date else old
    timed = new if new.names_a_time else old
    return replace(
        new,
        start_date=dated.start_date,
        end_date=dated.end_date,
        date_open=dated.date_open,
        start_time=timed.start_time,
        end_time=timed.end_time,
        part=timed.part,
        time_open=timed.time_open,
    )


def _still_meant(older: Wish, newer: Wish) -> tuple[Exclusion, ...]:
    """What was excluded before, unless the customer now asks for just that."""
    return tuple(exclusion for exclusion in older.exclusions if not _asked_for(exclusion, newer))


def _asked_for(exclusion: Exclusion, newer: Wish) -> bool:
    return any(_names(option, exclusion) for option in newer.options)


def _names(option: Wish, exclusion: Exclusion) -> bool:
    if exclusion.weekday is None and exclusion.start_date is None:
        return option.part == exclusion.part
    day = option.start_date
    if day is None or option.end_date or option.date_open:
        return False
    last = exclusion.end_date or exclusion.start_date
    within = exclusion.start_date is None or (last is not None and exclusion.start_date <= day <= last)
    return within and exclusion.weekday in {None, day.weekday()}
