"""The facts as an agent reads them."""

from datetime import datetime
from typing import Any

import pytest

from business.model import Business
from handoff_bridge.fact_words import FactWords
from scheduling.wishes import read_wish

TUESDAY = datetime.fromisoformat("2026-12-01T09:00:00-06:00")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("service", "oil_change", "oil change"),
        ("service", "no_such_service", "no_such_service"),
        ("opening", "2026-12-04T09:00:00-06:00", "Fri, Dec 4, 9:00 AM"),
        ("opening", "soon", "soon"),
        ("phone", "+15125550142", "+1 512-555-0142"),
        ("customer_name", "Zoë", "Zoë"),
        ("wish", {"start_date": "half past"}, "{'start_date': 'half past'}"),
        ("wish", None, "None"),
    ],
)
def test_a_fact_is_shown_in_words_or_as_it_is(magnolia: Business, name: str, value: Any, words: str) -> None:
    assert FactWords(magnolia).of({name: value}) == {name: words}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Friday morning", "Fri, Dec 4, morning"),
        ("Thursday after 3", "Thu, Dec 3, after 3:00 PM"),
        ("Monday or Tuesday", "Mon, Dec 7 or Tue, Dec 8"),
        ("as soon as possible", "earliest"),
    ],
)
def test_a_wish_is_shown_as_days_and_times(magnolia: Business, said: str, words: str) -> None:
    wish = read_wish(said, TUESDAY)
    assert wish is not None
    slot = {name: value for name, value in wish.to_json().items() if value}
    assert FactWords(magnolia).of({"wish": slot}) == {"wish": words}


def test_what_only_the_machine_needs_is_not_shown(magnolia: Business) -> None:
    assert FactWords(magnolia).of({"offered": ["2026-12-04T09:00:00-06:00"], "appointment_id": 7}) == {}
