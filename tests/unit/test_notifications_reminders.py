"""When reminders go out: for every appointment, every night's rest and every clock change."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from business.reminders import QuietHours, ReminderRules
from notifications.reminders import AFTER_BOOKING, APART, is_follow_up_due, reminder_due, reminder_times

AUSTIN = ZoneInfo("America/Chicago")
RULES = ReminderRules(hours=(24, 2), quiet=QuietHours.model_validate("21:00-08:00"))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

zones = st.sampled_from([AUSTIN, ZoneInfo("Europe/Dublin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")])
moments = st.timedeltas(timedelta(0), timedelta(days=700)).map(lambda passed: LONG_AGO + passed)
quiet = st.builds(QuietHours, begins=st.times(), ends=st.times()).filter(lambda q: q.begins != q.ends)
rules = st.builds(
    ReminderRules,
    hours=st.lists(st.integers(1, 100), max_size=4, unique=True).map(tuple),
    quiet=st.none() | quiet,
    follow_up=st.none() | st.times(),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AUSTIN)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-24 14:00", {24: "2026-11-23 14:00", 2: "2026-11-24 12:00"}),
        ("2026-11-24 09:00", {24: "2026-11-23 09:00", 2: "2026-11-24 08:00"}),  # 07:00 is quiet, 08:00 early enough
        ("2026-11-24 08:15", {24: "2026-11-23 08:15", 2: "2026-11-23 20:45"}),  # 08:00 would be too late
        ("2026-11-24 23:00", {24: "2026-11-24 08:00", 2: "2026-11-24 20:45"}),  # 21:00 is quiet already
    ],
)
def test_a_reminder_in_the_quiet_hours_comes_at_their_end_or_if_that_is_too_late_before_them(
    start: str, expected: dict[int, str]
) -> None:
    times = reminder_times(RULES, AUSTIN, at(start), LONG_AGO)
    assert times == {hours: at(text) for hours, text in expected.items()}


def test_who_has_just_booked_is_not_reminded() -> None:
    start = at("2026-11-24 14:00")
    assert set(reminder_times(RULES, AUSTIN, start, at("2026-11-23 12:59"))) == {24, 2}
    assert set(reminder_times(RULES, AUSTIN, start, at("2026-11-23 13:01"))) == {2}
    assert set(reminder_times(RULES, AUSTIN, start, at("2026-11-24 11:01"))) == set()


def test_of_several_that_nobody_sent_in_time_only_the_last_is_due() -> None:
    start = at("2026-11-24 14:00")

    def due(now: str) -> int | None:
        return reminder_due(RULES, AUSTIN, start, LONG_AGO, at(now))

    assert [due("2026-11-23 13:59"), due("2026-11-23 14:00"), due("2026-11-23 22:00")] == [None, 24, None]
    assert [due("2026-11-24 11:59"), due("2026-11-24 12:00"), due("2026-11-24 13:59")] == [24, 2, 2]
    assert [due("2026-11-24 14:00"), due("2026-11-25 14:00")] == [None, None]


@given(rules, zones, moments, st.timedeltas(timedelta(0), timedelta(days=8)))
def test_no_reminder_is_early_late_quiet_too_soon_after_booking_or_close_to_another(
    rules: ReminderRules, zone: ZoneInfo, start: datetime, ahead: timedelta
) -> None:
    set_at = start - ahead
    times = sorted(reminder_times(rules, zone, start, set_at).values())
    for when in times:
        assert set_at + AFTER_BOOKING <= when < start
        assert rules.quiet_until(when, zone) is None
        assert start - when <= timedelta(hours=max(rules.hours), days=1, minutes=75)  # how far the job looks ahead
    assert all(later - earlier >= APART for earlier, later in pairwise(times))


@given(
    rules,
    zones,
    moments,
    st.timedeltas(timedelta(0), timedelta(days=8)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_what_is_due_is_due_at_a_time_when_it_may_be_sent(
    rules: ReminderRules, zone: ZoneInfo, start: datetime, ahead: timedelta, before: timedelta
) -> None:
    set_at, now = start - ahead, start + timedelta(days=1) - before
    if reminder_due(rules, zone, start, set_at, now) is not None:
        assert set_at + AFTER_BOOKING <= now < start
        assert rules.quiet_until(now, zone) is None


@given(rules, zones, moments)
def test_each_reminder_but_those_left_out_is_due_at_some_time(
    rules: ReminderRules, zone: ZoneInfo, start: datetime
) -> None:
    """A look at each planned time finds exactly that reminder, so that none is passed over and none doubled."""
    times = reminder_times(rules, zone, start, LONG_AGO - timedelta(days=9))
    found = [reminder_due(rules, zone, start, LONG_AGO - timedelta(days=9), when) for when in times.values()]
    assert found == list(times)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_quiet_hours_are_wall_clock_hours_on_the_days_the_clock_changes(day: str) -> None:
    dublin = ZoneInfo("Europe/Dublin")
    night = datetime.combine(datetime.fromisoformat(day), time(1, 30), dublin).astimezone(UTC)
    around = RULES.quiet.around(night, dublin) if RULES.quiet else None
    assert around is not None
    assert [f"{edge.astimezone(dublin):%H:%M}" for edge in around] == ["21:00", "08:00"]


def test_a_visit_is_asked_about_on_the_day_after_and_for_a_day() -> None:
    asking = ReminderRules(quiet=RULES.quiet, follow_up=time(10))
    end = at("2026-11-24 20:00")

    def due(now: str) -> bool:
        return is_follow_up_due(asking, AUSTIN, end, at(now))

    assert [due("2026-11-24 20:30"), due("2026-11-25 09:59"), due("2026-11-25 10:00")] == [False, False, True]
    assert [due("2026-11-25 23:00"), due("2026-11-26 09:59"), due("2026-11-26 10:00")] == [False, True, False]
    assert not is_follow_up_due(RULES, AUSTIN, end, at("2026-11-25 10:00"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet": "21-8"},
        {"quiet": "21:00-21:00"},
        {"quiet": "25:00-08:00"},
        {"hours": [0]},
        {"hours": [2, 2]},
        {"hours": [1, 2, 3, 4, 5, 6]},
        {"follow_up": 600},  # what YAML makes of 10:00 without quotes
        {"follow_up": "10"},
    ],
)
def test_what_is_no_rule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReminderRules.model_validate(wrong)
