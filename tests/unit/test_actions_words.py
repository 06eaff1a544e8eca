"""Python names responses, the domain words them: the two agree, and only the domain speaks."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import Any, cast

import pytest
import yaml

from actions.context import Context
from actions.registry import all_actions
from business.model import Business
from business.wording import Wording

ROOT = Path(__file__).parents[2]
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "actions").rglob("*.py")))
ASKED = {"service", "wish", "opening", "customer_name", "contact", "confirmation", "change"}
PATTERNS = {f"say_rephrase_{asked}" for asked in ASKED | {"appointment", "which", "cancel"}}
PATTERNS |= {f"say_ask_{asked}" for asked in ASKED - {"opening"}}
PATTERNS |= {f"say_rephrase_callback_{asked}" for asked in ("phone", "time", "confirmation", "change")}
PATTERNS |= {"say_rephrase_message_reach"}


def test_every_response_that_an_action_names_exists() -> None:
    named = set(re.findall(r'"(say_[a-z_]+[a-z])"', SOURCES)) | PATTERNS
    assert named - set(DOMAIN["responses"]) == set()


def test_every_response_is_said_by_somebody() -> None:
    named = set(re.findall(r'"(say_[a-z_]+[a-z])"', SOURCES)) | PATTERNS
    spoken = {name for name in DOMAIN["responses"] if name.startswith("say_")}
    assert spoken - named == set()


def test_every_action_of_the_domain_is_registered_and_no_other() -> None:
    assert {action.name() for action in all_actions(cast("Context", None))} == set(DOMAIN["actions"])


def test_no_response_has_variations_and_buttons_name_known_intents() -> None:
    for name, variations in DOMAIN["responses"].items():
        assert len(variations) == 1, name
        for button in variations[0].get("buttons", []):
            intent = re.match(r"/(\w+)", button["payload"])
            assert intent, name
            assert intent[1] in DOMAIN["intents"], name


def test_nothing_of_a_sample_business_stands_in_the_project(magnolia: Business, northlight: Business) -> None:
    files = [*(ROOT / "data").rglob("*.yml"), *(ROOT / "business/templates").rglob("*.yml"), ROOT / "domain.yml"]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files).casefold() + SOURCES.casefold()
    for business in (magnolia, northlight):
        for name in (business.name, *(service.name for service in business.services.values())):
            found = re.findall(rf"\b{re.escape(name.casefold())}\b", said)
            assert len(found) <= 3, f"{name}: in docstrings as an example at most"
        for key in business.services:
            assert not re.search(rf"\b{key}\b", said), key


def test_placeholders_are_simple_names() -> None:
    for name, [response] in DOMAIN["responses"].items():
        fields = [field for _, field, _, _ in Formatter().parse(response["text"]) if field is not None]
        assert all(re.fullmatch(r"[a-z_]+", field) for field in fields), name


@pytest.mark.parametrize(
    ("when", "day", "zone"),
    [
        ("2026-12-04T10:00+00:00", "Friday 4 December", "Greenwich Mean Time"),
        ("2026-07-03T10:00+00:00", "Friday 3 July", "Irish Standard Time"),
        ("2027-01-08T10:00+00:00", "Friday 8 January 2027", "Greenwich Mean Time"),
    ],
)
def test_days_and_zones_in_dublin(northlight: Business, when: str, day: str, zone: str) -> None:
    wording, start = Wording(northlight, "en"), datetime.fromisoformat(when)
    assert wording.day(start, date(2026, 12, 1)) == day
    assert wording.zone(start) == zone


def test_days_and_times_in_chicago(magnolia: Business) -> None:
    wording, start = Wording(magnolia, "en"), datetime(2026, 12, 4, 16, 30, tzinfo=UTC)
    assert wording.day(start) == "Friday, December 4"
    assert wording.short_day(start) == "Fri, Dec 4"
    assert wording.time(start) == "10:30 AM"
    assert wording.zone(start) == "Central Standard Time"
    assert wording.zone(datetime(2026, 7, 4, tzinfo=UTC)) == "Central Daylight Time"
    assert wording.phone("+15125550142") == "+1 512-555-0142"
    assert (wording.weekdays(0, 4), wording.weekdays(6, 6)) == ("Monday – Friday", "Sunday")
