"""Dates and times in words: weekday, date, time and zone, and the offset of a time that comes twice."""

from datetime import UTC, datetime

import pytest

from business.model import Business
from business.wording import Wording


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026-11-24T16:30", "Tuesday, November 24, 2026, 10:30 AM (Central Standard Time)"),
        ("2026-07-01T08:00", "Wednesday, July 1, 2026, 3:00 AM (Central Daylight Time)"),
        ("2026-11-01T06:30", "Sunday, November 1, 2026, 1:30 AM (Central Daylight Time, GMT-05:00)"),
        ("2026-11-01T07:30", "Sunday, November 1, 2026, 1:30 AM (Central Standard Time, GMT-06:00)"),
    ],
)
def test_a_time_in_chicago_is_told_in_full(magnolia: Business, start: str, words: str) -> None:
    assert Wording(magnolia, "en").full(datetime.fromisoformat(start).replace(tzinfo=UTC)) == words


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026-07-01T08:00", "Wednesday 1 July 2026, 09:00 (Irish Standard Time)"),
        ("2026-12-01T08:00", "Tuesday 1 December 2026, 08:00 (Greenwich Mean Time)"),
        ("2026-10-25T00:30", "Sunday 25 October 2026, 01:30 (Irish Standard Time, GMT+01:00)"),
    ],
)
def test_a_time_in_dublin_is_told_as_they_say_it_there(northlight: Business, start: str, words: str) -> None:
    assert Wording(northlight, "en").full(datetime.fromisoformat(start).replace(tzinfo=UTC)) == words


def test_another_language_has_its_own_words(magnolia: Business) -> None:
    assert "1 de julio de 2026" in Wording(magnolia, "es").full(datetime(2026, 7, 1, 15, tzinfo=UTC))


@pytest.mark.parametrize(("language", "country"), [("en", "NP"), ("xx", "US")])
def test_a_language_or_country_without_a_calendar_of_words_still_gets_a_time(
    magnolia: Business, language: str, country: str
) -> None:
    elsewhere = magnolia.model_copy(update={"country": country})
    assert "2026" in Wording(elsewhere, language).full(datetime(2026, 7, 1, 15, tzinfo=UTC))
