"""Dates by dateparser, for platforms without Duckling's wheel. It knows single days only."""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from scheduling.wishing.engine import Days, Found


class DateparserEngine:
    def __init__(self) -> None:
        self._search: Any = import_module("dateparser.search").search_dates

    def find(self, text: str, now: datetime, language: str) -> Sequence[Found]:
        settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
        found, position = [], 0
        for words, moment in self._search(text, languages=[language], settings=settings) or ():
            start = text.find(words, position)
            if start >= 0:
                position = start + len(words)
                found.append(Found(start, position, (Days(moment.date(), moment.date()),)))
        return found
