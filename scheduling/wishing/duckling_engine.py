"""Dates by Duckling (facebook/duckling, through the wheel `pyduckling-native-phihos`)."""

import ctypes
import json
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from scheduling.wishing.engine import Days, Found, Grain

TAKEN_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTSTP)
ROOM_FOR_SIGACTION = 512


class DucklingEngine:
    """Duckling runs in this process: its heap is not bounded here, only by the guard on the text."""

    def __init__(self) -> None:
        with _signals_kept():
            self._duckling: Any = import_module("duckling")
        self._dimensions = self._duckling.parse_dimensions(["time"])
        with tempfile.TemporaryDirectory() as folder:
            # Its own zone files are misread, so it sees the business's wall clock as UTC and needs none;
            # but the folder must exist, or the process dies.
            self._zones = self._duckling.load_time_zones(folder)
        self._context = lru_cache(maxsize=32)(self._new_context)

    def find(self, text: str, now: datetime, language: str) -> Sequence[Found]:
        wall_clock = now.replace(tzinfo=UTC, second=0, microsecond=0)
        context = self._context(int(wall_clock.timestamp()), language.upper())
        raw = json.loads(self._duckling.parse_text(text, context, self._dimensions, False))
        return [found for item in raw if (found := _found(item))]

    def _new_context(self, timestamp: int, language: str) -> Any:
        reference = self._duckling.parse_ref_time(self._zones, "UTC", timestamp)
        locale = self._duckling.default_locale_lang(self._duckling.parse_lang(language))
        return self._duckling.Context(reference, locale)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Its Haskell runtime takes Ctrl-C and others for itself when loaded.

    Python's own `signal` could put that right in the main thread only.
    """
    libc = ctypes.CDLL(None)
    saved = {number: ctypes.create_string_buffer(ROOM_FOR_SIGACTION) for number in TAKEN_SIGNALS}
    for number, action in saved.items():
        libc.sigaction(int(number), None, action)
    try:
        yield
    finally:
        for number, action in saved.items():
            libc.sigaction(int(number), action, None)


def _found(item: dict[str, Any]) -> Found | None:
    value = item["value"]
    grain = _grain(value)
    occurrences = tuple(dict.fromkeys(days for each in (value, *value["values"]) if (days := _days(each))))
    if grain is None or not occurrences:
        return None
    return Found(item["start"], item["end"], occurrences, grain, "holidayBeta" in value)


def _grain(value: dict[str, Any]) -> Grain | None:
    """None for years and quarters: nobody books a quarter. Hours are read as their day."""
    grain = (value if "value" in value else value.get("from") or value.get("to") or {}).get("grain")
    if grain in {"hour", "minute", "second"}:
        return "day"
    return cast(Grain, grain) if grain in {"day", "week", "month"} else None


def _days(value: dict[str, Any]) -> Days | None:
    """None for an interval with an open end: the words that open one are taken out before."""
    if "value" in value:
        return _whole(_day(value["value"]), value["grain"])
    start, end = value.get("from"), value.get("to")
    if not start or not end:
        return None
    first, last = _day(start["value"]), _last(end)
    return Days(first, last) if first <= last else None


def _whole(first: date, grain: str) -> Days:
    if grain == "week":
        return Days(first, first + timedelta(days=6))
    if grain == "month":
        return Days(first, (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return Days(first, first)


def _last(end: dict[str, Any]) -> date:
    """An interval's end is the first moment after it, except in "within two weeks", which counts from now."""
    if end["grain"] == "second":
        return _day(end["value"])
    return (datetime.fromisoformat(end["value"]) - timedelta(seconds=1)).date()


def _day(value: str) -> date:
    return datetime.fromisoformat(value).date()
