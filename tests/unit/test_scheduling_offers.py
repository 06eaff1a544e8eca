"""Which openings are offered: spread sensibly, or the nearest when nothing fits."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling.offers import Choice, fitting, last_fitting, nearest, spread
from scheduling.wishes import Exclusion, Wish

AUSTIN = ZoneInfo("America/Chicago")
MONDAY = date(2026, 12, 7)


def starts(ahead: int, *times: str) -> list[datetime]:
    """Starts on the day so many days after a Monday."""
    day = MONDAY + timedelta(days=ahead)
    return [datetime.combine(day, time.fromisoformat(text), AUSTIN) for text in times]


def half_hours(ahead: int, first: int, last: int) -> list[datetime]:
    return starts(ahead, *(f"{hour:02}:{minute}" for hour in range(first, last) for minute in ("00", "30")))


def shown(choice: Choice) -> list[str]:
    return [f"{start:%a %H:%M}" for start in choice.starts]


def week(first: int = 8, last: int = 18) -> list[list[datetime]]:
    return [half_hours(ahead, first, last) for ahead in range(5)]


def test_an_offer_without_a_wish_shows_the_first_days_and_their_mornings_and_afternoons() -> None:
    choice = fitting(week(), Wish(), 5, bounded=False)
    assert shown(choice) == ["Mon 08:00", "Mon 17:30", "Tue 08:00", "Tue 17:30", "Wed 14:30"]
    assert choice.has_more


def test_a_whole_day_is_offered_from_its_morning_to_its_evening() -> None:
    choice = fitting(week(), Wish(start_date=MONDAY), 5, bounded=True)
    assert shown(choice) == ["Mon 08:00", "Mon 10:30", "Mon 13:00", "Mon 15:00", "Mon 17:30"]


def test_a_week_is_offered_on_all_its_days() -> None:
    choice = fitting(week(), Wish(start_date=MONDAY, end_date=MONDAY + timedelta(days=6)), 5, bounded=True)
    assert [start.date() for start in choice.starts] == [MONDAY + timedelta(days=ahead) for ahead in range(5)]
    assert len({start.time() for start in choice.starts}) == 5


def test_a_month_is_offered_from_its_beginning_to_its_end() -> None:
    month = [half_hours(ahead, 9, 12) for ahead in range(25)]
    choice = fitting(month, Wish(start_date=MONDAY, end_date=MONDAY + timedelta(days=24)), 5, bounded=True)
    assert [(start.date() - MONDAY).days for start in choice.starts] == [0, 6, 12, 18, 24]


def test_the_earliest_possible_is_the_very_first_ones() -> None:
    choice = fitting([starts(0, "17:30"), *week()[1:]], Wish(earliest=True), 3, bounded=False)
    assert shown(choice) == ["Mon 17:30", "Tue 08:00", "Tue 08:30"]
    assert choice.has_more


def test_an_exact_time_is_offered_alone() -> None:
    choice = fitting(week(), Wish(start_date=MONDAY, start_time=time(10, 30)), 5, bounded=True)
    assert shown(choice) == ["Mon 10:30"]
    assert not choice.has_more


def test_only_as_many_days_are_read_as_are_needed() -> None:
    def days() -> Iterator[list[datetime]]:
        yield from week()
        raise AssertionError("one day too many was read")

    fitting(days(), Wish(), 5, bounded=False)
    fitting(days(), Wish(earliest=True), 5, bounded=False)


def test_earlier_ones_are_those_just_before() -> None:
    choice = last_fitting([starts(0, "09:00", "16:00"), starts(1, "08:00", "08:30")], Wish(), 3)
    assert shown(choice) == ["Mon 16:00", "Tue 08:00", "Tue 08:30"]
    assert choice.has_more


def test_a_taken_time_is_answered_with_the_nearest_before_and_after() -> None:
    day = [start for start in half_hours(0, 8, 18) if start.time() != time(10, 30)]
    wish = Wish(start_date=MONDAY, start_time=time(10, 30))
    assert shown(nearest([day, *week()[1:]], wish, 2)) == ["Mon 10:00", "Mon 11:00"]
    assert shown(nearest([day, *week()[1:]], wish, 4)) == ["Mon 09:30", "Mon 10:00", "Mon 11:00", "Mon 11:30"]


def test_one_far_before_is_offered_beside_many_just_after() -> None:
    day = [*starts(0, "08:00"), *half_hours(0, 13, 18)]
    wish = Wish(start_date=MONDAY, start_time=time(12))
    assert shown(nearest([day], wish, 3)) == ["Mon 08:00", "Mon 13:00", "Mon 13:30"]


def test_the_same_day_comes_before_other_days_and_later_days_before_earlier_ones() -> None:
    days = [half_hours(0, 8, 12), starts(1, "16:00"), half_hours(2, 8, 12)]
    wish = Wish(start_date=MONDAY + timedelta(days=1), start_time=time(10))
    assert shown(nearest(days, wish, 3)) == ["Tue 16:00", "Wed 09:30", "Wed 10:00"]


def test_a_closed_day_is_answered_with_the_days_around_it() -> None:
    days = [half_hours(0, 9, 12), [], half_hours(2, 9, 12), half_hours(3, 9, 12)]
    choice = nearest(days, Wish(start_date=MONDAY + timedelta(days=1)), 4)
    assert shown(choice) == ["Mon 09:00", "Mon 11:30", "Wed 09:00", "Wed 11:30"]


def test_an_excluded_time_is_never_the_nearest() -> None:
    wish = Wish(start_date=MONDAY, start_time=time(10), exclusions=(Exclusion(weekday=1),))
    assert shown(nearest([[], *week()[1:3]], wish, 1)) == ["Wed 10:00"]


def test_a_time_of_day_nobody_works_at_is_answered_with_the_nearest_of_each_day() -> None:
    assert shown(nearest(week(), Wish(start_time=time(21)), 3)) == ["Mon 17:30", "Tue 17:30", "Wed 17:30"]


def test_nothing_at_all_is_an_empty_offer() -> None:
    for wish in (Wish(), Wish(start_time=time(9))):
        assert fitting([[], []], wish, 5, bounded=False) == Choice((), has_more=False)
        assert nearest([[], []], wish, 5) == Choice((), has_more=False)


SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=8)


@given(sizes=SIZES, limit=st.integers(1, 5))
def test_a_spread_is_in_order_without_repeats_and_as_long_as_it_can_be(sizes: list[int], limit: int) -> None:
    days = [half_hours(ahead, 8, 18)[:size] for ahead, size in enumerate(sizes)]
    chosen = spread(days, limit)
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) == min(limit, sum(sizes))
    assert chosen[0].date() == MONDAY
    assert all(start in days[(start.date() - MONDAY).days] for start in chosen)
