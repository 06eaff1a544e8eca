"""Wishes as plain JSON data, for a slot of the assistant, and back.

An exclusion is a string of at most three words in this order: weekday, dates (an ISO date or ISO interval), part of
the day: "friday afternoon", "2026-12-14", "2026-12-14/2026-12-20".
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduling.wishing.model import Exclusion, Wish

DATES = ("start_date", "end_date")
TIMES = ("start_time", "end_time")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS = ("morning", "midday", "lunch", "afternoon", "evening", "night")
WORDS = {"part": (None, *PARTS), "date_open": (None, "after", "before"), "time_open": (None, "after", "before")}


def bare(wish: Wish) -> dict[str, str | list[str] | None]:
    return {
        "start_date": _iso_date(wish.start_date),
        "end_date": _iso_date(wish.end_date),
        "start_time": _iso_time(wish.start_time),
        "end_time": _iso_time(wish.end_time),
        "part": wish.part,
        "date_open": wish.date_open,
        "time_open": wish.time_open,
        "exclusions": [_exclusion(exclusion) for exclusion in wish.exclusions],
    }


def full(wish: Wish) -> dict[str, Any]:
    alternatives = [bare(alternative) for alternative in wish.alternatives]
    return {**bare(wish), "alternatives": alternatives, "earliest": wish.earliest}


def read[W: Wish](kind: type[W], exclusion: type[Exclusion], data: dict[str, Any]) -> W:
    try:
        return kind(
            **_fields(data),
            exclusions=tuple(_read_exclusion(exclusion, text) for text in data.get("exclusions", ())),
            alternatives=tuple(kind(**_fields(each)) for each in data.get("alternatives", ())),
            earliest=bool(data.get("earliest", False)),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not a wish: {error}") from error


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(data[name]) for name in DATES if data.get(name)}
    times = {name: time.fromisoformat(data[name]) for name in TIMES if data.get(name)}
    return dates | times | {name: _word(name, data.get(name)) for name in WORDS}


def _word(name: str, value: Any) -> Any:
    if value not in WORDS[name]:
        raise ValueError(f"{name} cannot be {value!r}")
    return value


def _exclusion(exclusion: Exclusion) -> str:
    weekday = None if exclusion.weekday is None else WEEKDAYS[exclusion.weekday]
    dates = "/".join(filter(None, (_iso_date(exclusion.start_date), _iso_date(exclusion.end_date))))
    return " ".join(filter(None, (weekday, dates, exclusion.part)))


def _read_exclusion(kind: type[Exclusion], text: str) -> Exclusion:
    fields: dict[str, Any] = {}
    for word in text.split():
        if word in WEEKDAYS:
            fields["weekday"] = WEEKDAYS.index(word)
        elif word in PARTS:
            fields["part"] = word
        else:
            fields |= dict(zip(DATES, map(date.fromisoformat, word.split("/")), strict=False))
    return kind(**fields)


def _iso_date(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _iso_time(value: time | None) -> str | None:
    return value.strftime("%H:%M") if value is not None else None
