"""When a department calls back: within its hours on real calendar days, neither too soon nor too far."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.callback_times import callback_times, is_callback_time
from business.hours import is_open
from business.model import Business

SUNDAY_NIGHT = datetime.fromisoformat("2026-11-29T22:00-06:00")


def changed(business: Business, **rules: int) -> Business:
    callbacks = business.handoff.callbacks.model_copy(update=rules)
    return business.model_copy(update={"handoff": business.handoff.model_copy(update={"callbacks": callbacks})})


def offered(business: Business, department: str, now: datetime, **more: Any) -> list[str]:
    return [at.strftime("%a %d %H:%M") for at in callback_times(business, department, now, **more)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_at_night_the_first_times_are_those_after_the_next_opening_of_the_department(magnolia: Business) -> None:
    assert offered(magnolia, "service", SUNDAY_NIGHT, limit=3) == ["Mon 30 08:00", "Mon 30 08:30", "Mon 30 09:00"]
    assert offered(magnolia, "finance", SUNDAY_NIGHT, limit=1) == ["Mon 30 09:00"], "each department has its own hours"


def test_while_it_is_open_the_first_time_is_the_next_step_after_the_lead_time(magnolia: Business) -> None:
    now = at("2026-12-01T10:10-06:00")
    assert offered(magnolia, "sales", now, limit=1) == ["Tue 01 11:00"]
    assert offered(changed(magnolia, lead_time=0), "sales", now, limit=1) == ["Tue 01 10:30"]
    assert offered(changed(magnolia, lead_time=20, step=10), "sales", now, limit=1) == ["Tue 01 10:30"]


def test_the_last_time_of_a_day_leaves_room_for_the_call(magnolia: Business) -> None:
    monday = [time for time in offered(magnolia, "service", SUNDAY_NIGHT) if time.startswith("Mon 30")]
    assert monday[-1] == "Mon 30 17:30"


def test_a_break_at_noon_is_left_out(northlight: Business) -> None:
    now = at("2026-12-01T08:00+00:00")
    tuesday = [time[-5:] for time in offered(changed(northlight, step=30), "visas", now) if time.startswith("Tue 01")]
    assert tuesday == [
        "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30",
        "14:00", "14:30", "15:00", "15:30", "16:00", "16:30", "17:00", "17:30",
    ]  # fmt: skip


def test_a_holiday_has_no_times_and_a_short_day_has_few(magnolia: Business) -> None:
    days = {at.date().isoformat(): at for at in callback_times(magnolia, "service", at("2026-12-23T19:00-06:00"))}
    assert days["2026-12-24"].strftime("%H:%M") == "13:30", "the exception's hours, not the weekday's"
    assert "2026-12-25" not in days
    assert "2026-12-27" not in days, "the department has no Sunday, though the business has"
    assert "2027-01-01" not in days


def test_more_times_follow_after_a_given_one(magnolia: Business) -> None:
    after = at("2026-11-30T17:30-06:00")
    assert offered(magnolia, "service", SUNDAY_NIGHT, after=after, limit=2) == ["Tue 01 08:00", "Tue 01 08:30"]


def test_nothing_is_offered_beyond_the_horizon(magnolia: Business) -> None:
    near = changed(magnolia, horizon=1)
    assert offered(near, "service", SUNDAY_NIGHT)[-1] == "Mon 30 17:30"
    assert offered(near, "finance", at("2026-12-04T17:00-06:00")) == [], "closed on the whole weekend"


@pytest.mark.parametrize(
    ("time", "is_possible"),
    [
        ("2026-11-30T08:00-06:00", True),
        ("2026-11-30T08:07-06:00", True),
        ("2026-11-30T14:00+00:00", True),
        ("2026-11-30T07:59-06:00", False),
        ("2026-11-30T17:59-06:00", True),
        ("2026-11-30T18:00-06:00", False),
        ("2026-11-29T22:15-06:00", False),
        ("2026-12-06T13:00-06:00", False),
        ("2026-12-15T09:00-06:00", False),
    ],
)
def test_a_time_is_possible_within_the_hours_and_the_horizon(magnolia: Business, time: str, is_possible: bool) -> None:
    assert is_callback_time(magnolia, "service", at(time), SUNDAY_NIGHT) is is_possible


@pytest.mark.parametrize(("minutes", "is_good"), [(30, True), (20, True), (19, False)])
def test_a_time_that_was_offered_stays_good_while_the_customer_makes_up_their_mind(
    magnolia: Business, minutes: int, is_good: bool
) -> None:
    now = at("2026-12-01T10:00-06:00")
    time = now + timedelta(minutes=minutes)
    assert is_callback_time(magnolia, "sales", time, now, was_offered=True) is is_good
    assert is_callback_time(magnolia, "sales", time, now) is (minutes >= 30)


def test_no_call_is_arranged_in_the_past(magnolia: Business) -> None:
    now = at("2026-12-01T10:00-06:00")
    past = now - timedelta(minutes=1)
    assert not is_callback_time(changed(magnolia, lead_time=0), "sales", past, now, was_offered=True)


def test_on_the_night_the_clocks_change_the_wall_clock_counts(northlight: Business) -> None:
    spring, autumn = at("2027-03-26T17:00+00:00"), at("2026-10-23T17:00+01:00")
    assert callback_times(northlight, "visas", spring, limit=1) == (at("2027-03-29T09:30+01:00"),)
    assert callback_times(northlight, "visas", autumn, limit=1) == (at("2026-10-26T09:30+00:00"),)


@given(minutes=st.integers(0, 400 * 24 * 60), department=st.sampled_from(["sales", "service", "finance"]))
def test_whatever_is_offered_is_possible_and_open(magnolia: Business, minutes: int, department: str) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    times = callback_times(magnolia, department, now, limit=60)
    assert list(times) == sorted(set(times))
    assert all(is_callback_time(magnolia, department, time, now) for time in times)
    assert all(is_open(magnolia, time, department=department) for time in times)
