"""What a business file may say, and how its mistakes are told."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from business.clock import clock_from
from business.errors import BusinessInvalidError
from business.hours import is_open, next_open, open_ranges, open_time_ago
from business.model import Business, HoursException
from business.reader import read_business

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def raw() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "business.yml").read_text())
    return loaded


def problems_of(raw: dict[str, Any], folder: Path) -> dict[str, tuple[str, str]]:
    path = folder / "business.yml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(BusinessInvalidError) as caught:
        read_business(path)
    return {problem.path: (problem.found, problem.allowed) for problem in caught.value.problems}


def test_both_samples_are_valid_and_have_nothing_in_common(magnolia: Business, northlight: Business) -> None:
    assert set(magnolia.services).isdisjoint(northlight.services)
    assert magnolia.time_zone != northlight.time_zone


def test_every_mistake_is_reported_at_once_with_path_value_and_what_is_allowed(
    raw: dict[str, Any], tmp_path: Path
) -> None:
    raw["time_zone"] = "Mars/Olympus"
    raw["colour"] = "red"
    raw["hours"]["mon"] = ["8 to 20"]
    raw["services"]["oil_change"]["minutes"] = "half an hour"
    raw["services"]["oil_change"]["resources"] = ["bay_9"]
    raw["agents"][1]["departments"] = ["kitchen"]
    raw["phrases"]["en"]["waiting"] = "You are {place}."
    del raw["contact"]["phone"]

    problems = problems_of(raw, tmp_path)

    assert problems["time_zone"] == (
        "'Mars/Olympus'",
        "a time zone of the IANA list, such as America/Chicago or Europe/Dublin",
    )
    assert problems["colour"] == ("'red'", "no such key here")
    assert problems["hours.mon.0"] == ("'8 to 20'", "a span such as 09:00-18:00")
    assert problems["services.oil_change.minutes"] == ("'half an hour'", "a whole number")
    assert problems["services.oil_change.resources.0"][0] == "'bay_9'"
    assert "bay_1, bay_2" in problems["services.oil_change.resources.0"][1]
    assert problems["agents.1.departments.0"] == ("'kitchen'", "one of finance, sales, service")
    assert problems["phrases.en.waiting"][1] == "a phrase whose placeholders are among: {position}, {department}"
    assert problems["contact.phone"] == ("nothing", "a value; the key is missing")
    assert len(problems) == 8


@pytest.mark.parametrize(
    ("span", "allowed"),
    [
        ("18:00-09:00", "a span that ends after it begins, at 24:00 at the latest"),
        ("09:00-24:30", "a span that ends after it begins, at 24:00 at the latest"),
        ("9-18", "a span such as 09:00-18:00"),
    ],
)
def test_a_span_that_is_none_is_told(raw: dict[str, Any], tmp_path: Path, span: str, allowed: str) -> None:
    raw["hours"]["tue"] = [span]
    assert problems_of(raw, tmp_path) == {"hours.tue.0": (repr(span), allowed)}


def test_spans_of_one_day_must_not_overlap(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["hours"]["tue"] = ["09:00-13:00", "12:00-18:00"]
    assert problems_of(raw, tmp_path)["hours.tue"][1] == "spans of one day that do not overlap"


def test_a_name_that_stands_for_two_services_is_a_mistake(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["services"]["service_visit"]["other_names"] = ["Oil Change"]
    found, allowed = problems_of(raw, tmp_path)["services.service_visit.other_names.0"]
    assert (found, allowed) == ("'Oil Change'", "a name that does not stand at services.oil_change.name too")


def test_a_language_without_phrases_is_a_mistake(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["languages"] = ["en", "es"]
    assert "languages.1" in problems_of(raw, tmp_path)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "name: [", "name: a\nname: b\n"])
def test_a_file_that_is_no_business_at_all_is_told_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "business.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BusinessInvalidError, match="allowed:"):
        read_business(path)


def test_a_missing_file_and_one_that_is_not_utf8_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.yml").write_bytes(b"name: Caf\xe9\n")
    for name in ("latin.yml", "missing.yml"):
        with pytest.raises(BusinessInvalidError, match="a readable file in UTF-8"):
            read_business(tmp_path / name)


def test_a_business_cannot_be_changed_after_it_was_read(magnolia: Business) -> None:
    with pytest.raises(ValidationError):
        magnolia.name = "Other"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_exception_replaces_its_weekday_for_everybody(magnolia: Business) -> None:
    christmas_eve, christmas = date(2026, 12, 24), date(2026, 12, 25)
    assert open_ranges(magnolia, christmas_eve, department="service") == (
        (at("2026-12-24T14:00+00:00"), at("2026-12-24T20:00+00:00")),
    )
    assert open_ranges(magnolia, christmas, resource="bay_1") == ()


def test_a_resource_narrows_the_hours_of_the_business_and_never_widens_them(magnolia: Business) -> None:
    saturday = date(2026, 12, 5)
    (whole,) = open_ranges(magnolia, saturday)
    (narrow,) = open_ranges(magnolia, saturday, resource="demo_car_2")
    assert whole[0] < narrow[0] < narrow[1] < whole[1]


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        ({"day": 3, "week": 5}, None),
        ({"day": 9, "week": 5}, "day"),
        ({"day": 1, "week": 1}, None),
        ({"day": 9}, None),
        ({"week": 0}, "week"),
    ],
    ids=str,
)
def test_a_day_limit_above_the_week_limit_is_a_mistake_of_the_field(
    raw: dict[str, Any], tmp_path: Path, limits: dict[str, int], path: str | None
) -> None:
    raw["services"]["oil_change"]["limits"] = limits
    if path is None:
        (tmp_path / "business.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
        assert read_business(tmp_path / "business.yml").services["oil_change"].limits.day == limits.get("day")
    else:
        assert list(problems_of(raw, tmp_path)) == [f"services.oil_change.limits.{path}"]


def test_holidays_close_the_business_unless_it_says_otherwise(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["holidays"] = {"country": "US", "subdivision": "TX", "open_on": ["Presidents' Day"]}
    raw["exceptions"] = [{"date": date(2027, 7, 5), "hours": ["10:00-12:00"]}]
    (tmp_path / "business.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    business = read_business(tmp_path / "business.yml")

    def hours(month: int, day: int) -> int:
        ranges = open_ranges(business, date(2027, month, day))
        return sum((end - start) // timedelta(hours=1) for start, end in ranges)

    assert hours(5, 31) == 0  # Memorial Day
    assert hours(3, 2) == 0  # Texas Independence Day
    assert hours(2, 15) == 12  # Presidents' Day
    assert hours(7, 5) == 2  # observed, and an exception of its own
    assert hours(6, 1) == 12


@pytest.mark.parametrize(
    ("holidays", "path"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "US", "subdivision": "BY"}, "subdivision"),
        ({"country": "DE", "subdivision": "BY", "open_on": ["Tanztag"]}, "open_on"),
        ({"subdivision": "TX"}, "country"),
    ],
    ids=str,
)
def test_holidays_that_nobody_knows_are_a_mistake(
    raw: dict[str, Any], tmp_path: Path, holidays: dict[str, Any], path: str
) -> None:
    raw["holidays"] = holidays
    assert list(problems_of(raw, tmp_path)) == [f"holidays.{path}"]


def test_a_day_of_their_own_narrows_the_hours_of_a_department_and_of_a_resource(magnolia: Business) -> None:
    monday = date(2026, 12, 7)
    off = HoursException.model_validate({"date": monday, "hours": ["06:00-10:00"]})
    department = magnolia.departments["service"].model_copy(update={"exceptions": (off,)})
    away = magnolia.resources["bay_1"].model_copy(update={"exceptions": (off.model_copy(update={"hours": ()}),)})
    business = magnolia.model_copy(
        update={
            "departments": {**magnolia.departments, "service": department},
            "resources": {**magnolia.resources, "bay_1": away},
        }
    )
    ((start, end),) = open_ranges(business, monday, department="service")
    assert (start, end) == (datetime(2026, 12, 7, 14, tzinfo=UTC), datetime(2026, 12, 7, 16, tzinfo=UTC))
    assert open_ranges(business, monday, department="service", resource="bay_1") == ()
    assert open_ranges(business, monday + timedelta(days=1), department="service", resource="bay_1") != ()


def test_what_a_service_needs_exists_and_stands_once(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["services"]["oil_change"]["needs"] = [["bay_9"]]
    raw["services"]["service_visit"]["needs"] = [["bay_1"]]
    raw["services"]["test_drive"] |= {"needs": [["bay_1"]], "places": 4}
    assert set(problems_of(raw, tmp_path)) == {
        "services.oil_change.needs.0.0",
        "services.service_visit.needs",
        "services.test_drive.places",
    }


def test_the_next_opening_time_skips_closed_days(magnolia: Business) -> None:
    thanksgiving_eve = at("2026-11-25T21:00-06:00")
    assert next_open(magnolia, thanksgiving_eve) == at("2026-11-27T08:00-06:00")
    assert next_open(magnolia, thanksgiving_eve, department="finance") == at("2026-11-27T09:00-06:00")


def test_a_business_that_never_opens_has_no_next_opening_time(magnolia: Business) -> None:
    closed = magnolia.model_copy(update={"hours": {}, "exceptions": ()})
    assert next_open(closed, at("2026-11-25T21:00-06:00")) is None


def test_opening_is_inclusive_and_closing_is_exclusive(magnolia: Business) -> None:
    assert is_open(magnolia, at("2026-12-01T08:00-06:00"))
    assert not is_open(magnolia, at("2026-12-01T20:00-06:00"))
    assert is_open(magnolia, at("2026-12-02T01:30+00:00")), "19:30 the evening before, in Chicago"


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25), (date(2027, 11, 8), 24)])
def test_a_whole_day_is_an_hour_shorter_or_longer_when_the_clocks_change(
    raw: dict[str, Any], tmp_path: Path, day: date, hours: int
) -> None:
    changed = deepcopy(raw)
    changed["hours"] = {"sun": ["00:00-24:00"], "mon": ["00:00-24:00"]}
    path = tmp_path / "business.yml"
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    ((start, end),) = open_ranges(read_business(path), day)
    assert (end - start).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("when", "minutes", "since"),
    [
        ("2026-12-01T08:10-06:00", 10, "2026-12-01T08:00-06:00"),
        ("2026-12-01T08:10-06:00", 11, "2026-11-30T19:59-06:00"),
        ("2026-12-01T23:00-06:00", 10, "2026-12-01T19:50-06:00"),
        ("2026-12-01T07:00-06:00", 24 * 60, "2026-11-28T11:00-06:00"),
    ],
)
def test_open_time_is_counted_back_over_nights_and_days_off(
    magnolia: Business, when: str, minutes: int, since: str
) -> None:
    assert open_time_ago(magnolia, at(when), timedelta(minutes=minutes)) == at(since)


def test_open_time_is_counted_by_the_departments_own_hours_and_over_breaks(
    raw: dict[str, Any], tmp_path: Path, magnolia: Business
) -> None:
    ten_past_nine = at("2026-12-01T09:10-06:00")  # finance opened at nine, sales at eight
    assert open_time_ago(magnolia, ten_past_nine, timedelta(minutes=70), department="sales") == at(
        "2026-12-01T08:00-06:00"
    )
    assert open_time_ago(magnolia, ten_past_nine, timedelta(minutes=10), department="finance") == at(
        "2026-12-01T09:00-06:00"
    )
    changed = deepcopy(raw)
    changed["hours"] = {"mon": ["09:00-12:00", "13:00-24:00"], "tue": ["00:00-03:00"]}
    path = tmp_path / "business.yml"
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    business = read_business(path)
    assert open_time_ago(business, at("2026-12-07T13:10-06:00"), timedelta(minutes=15)) == at("2026-12-07T11:55-06:00")
    assert open_time_ago(business, at("2026-12-08T01:00-06:00"), timedelta(hours=2)) == at("2026-12-07T23:00-06:00")
    assert open_time_ago(business, at("2026-12-08T12:00-06:00"), timedelta(hours=40)) is None


def test_the_rules_of_who_gets_it_name_what_exists(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["departments"]["supervisor"] = {"name": "Supervisor"}
    raw["handoff"]["routing"] = {"departments": {"kitchen": "pull"}, "skills": {"loan": "magic"}, "mode": "shout"}
    raw["handoff"]["escalation"] = [{"urgency": "high", "after_seconds": 60, "to": "kitchen"}]
    problems = problems_of(raw, tmp_path)
    assert problems["handoff.routing.departments.kitchen"][0] == "'kitchen'"
    assert problems["handoff.routing.skills.loan"] == ("'magic'", "a skill that an agent has")
    assert problems["handoff.routing.mode"] == ("'shout'", "one of 'offer', 'assign' or 'pull'")
    assert problems["handoff.escalation.0.to"][1].startswith("supervisor, or one of finance")
    assert problems["departments.supervisor"][1] == "another key; escalations go to the supervisors under this one"
    assert len(problems) == 5


def test_a_set_clock_starts_at_its_time_and_runs_on() -> None:
    clock = clock_from("2026-12-01T09:00-06:00")
    first, second = clock(), clock()
    assert at("2026-12-01T15:00+00:00") <= first <= second < at("2026-12-01T15:01+00:00")


def test_an_unset_clock_shows_the_time_it_is() -> None:
    before = datetime.now(UTC)
    assert before <= clock_from(None)() <= datetime.now(UTC)


def test_a_clock_set_to_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="a time with an offset"):
        clock_from("2026-12-01T09:00")
