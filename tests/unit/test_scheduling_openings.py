"""Openings: the acceptance cases of other calendars that are our rule too, daylight saving, buffers, and the laws."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.openings_reference import may_start, plain_starts
from business.model import Business, HoursException, Limits, Span, WeeklyHours
from scheduling.agenda import Agenda, Use
from scheduling.hours import Hours
from scheduling.limits import full_days
from scheduling.openings import Rules, Stretch, Taken, grid, is_free, merged, minute, moment, starts

DAY = date(2021, 6, 21)


def clock(text: str, day: date = DAY, zone: str = "UTC") -> int:
    """The minute of a wall-clock time such as 9:30 or 24:00."""
    hour, _, past = text.partition(":")
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return minute(midnight + timedelta(hours=int(hour), minutes=int(past or 0)))


def listed(
    ranges: str,
    rules: Rules,
    *,
    busy: str = "",
    buffers: str = "",
    earliest: int = 0,
    day: date = DAY,
    zone: str = "UTC",
) -> list[str]:
    """The starts on a day, as wall-clock times, of ranges written like `9-12 14:00-17:30`."""

    def read(text: str) -> list[tuple[int, int]]:
        pairs = [part.split("-") for part in text.split()]
        return [(clock(first, day, zone), clock(end, day, zone)) for first, end in pairs]

    offset = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    hours = [Stretch(first, end, end, offset // timedelta(minutes=1)) for first, end in merged(read(ranges))]
    rows = starts(rules, hours, Taken(read(busy), read(buffers)), earliest)
    return [f"{moment(start, ZoneInfo(zone)):%H:%M}" for row in rows for start in row]


def hourly(first: int, last: int) -> list[str]:
    return [f"{hour:02}:00" for hour in range(first, last + 1)]


# Of the published lists, those marked packed in the facts are not ours: we round the first start up to the grid of the
# hour, and never pull starts off it to fit one more in. S20 and S23 stand here with what our rule gives instead.
LISTS = {
    "S1": ("0-24", Rules(60, step=60), hourly(0, 23)),
    "S2": ("0-24", Rules(30, step=60), hourly(0, 23)),
    "S6": ("11-12 14-15", Rules(20, step=20), ["11:00", "11:20", "11:40", "14:00", "14:20", "14:40"]),
    "S7": ("11-12 11:20-12:40", Rules(20, step=20), ["11:00", "11:20", "11:40", "12:00", "12:20"]),
    "S8": ("11-13 11:15-13", Rules(45, step=45), ["11:00", "11:45"]),
    "S8 in the other order": ("11:15-13 11-13", Rules(45, step=45), ["11:00", "11:45"]),
    "S9": ("9:15-11 11:30-14", Rules(60, step=60), ["10:00", "12:00", "13:00"]),
    "S13": ("7:22-8", Rules(8, step=8), ["07:22", "07:30", "07:38", "07:46"]),
    "S14": ("0:10-2", Rules(10, step=10), [f"{m // 60:02}:{m % 60:02}" for m in range(10, 120, 10)]),
    "S17": ("8-10 10:10-12", Rules(60, step=60), ["08:00", "09:00", "11:00"]),
    "S20 plain": ("9:30-17:30", Rules(60, step=60), hourly(10, 16)),
    "S21": ("7:45-15:30", Rules(60, step=60), hourly(8, 14)),
    "S23, ours": ("11:22-12:55", Rules(15, step=15), ["11:30", "11:45", "12:00", "12:15", "12:30"]),
    "G3": ("9:30-18", Rules(30, step=30), [f"{m // 60:02}:{m % 60:02}" for m in range(570, 1080, 30)]),
    "G4, none ends after hours": ("9:30-18", Rules(30, step=120), ["10:00", "12:00", "14:00", "16:00"]),
    "G9": ("14-18", Rules(60, step=60), hourly(14, 17)),
    "R7": ("6-10 8-10", Rules(60, step=60), hourly(6, 9)),
    "R8": ("17-9", Rules(60, step=60), []),
    "Nettu 10 minutes off the grid": ("0:02-0:12", Rules(10, step=10), []),
    "Nettu 20 minutes": ("0:02-0:22", Rules(10, step=10), ["00:10"]),
    "Nettu 40 minutes": ("0:02-0:42", Rules(10, step=10), ["00:10", "00:20", "00:30"]),
    "Thunderbird 40 minutes": ("9-9:40", Rules(30, step=30), ["09:00"]),
    "Thunderbird 20 minutes": ("9-9:20", Rules(30, step=30), []),
    "Thunderbird 75 minutes": ("9-10:15", Rules(30, step=30), ["09:00", "09:30"]),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_day_lists_the_starts_of_the_published_case(case: str) -> None:
    ranges, rules, expected = LISTS[case]
    assert listed(ranges, rules) == expected


@pytest.mark.parametrize(
    ("zone", "ranges", "expected"),
    [
        ("Asia/Kolkata", "7:30-9:30", ["08:00"]),  # S11
        ("America/Los_Angeles", "9:30-17", hourly(10, 16)),  # S15, where packed and plain agree
    ],
)
def test_the_grid_is_that_of_the_local_hour(zone: str, ranges: str, expected: list[str]) -> None:
    assert listed(ranges, Rules(60, step=60), zone=zone) == expected


@pytest.mark.parametrize(
    ("case", "now", "notice", "expected"),
    [
        ("S3: today", datetime(2021, 6, 21, 11, 59, 59, tzinfo=UTC), 0, 12),
        ("S4: 25 hours ahead", datetime(2021, 6, 20, 11, 59, 59, tzinfo=UTC), 1500, 11),
    ],
)
def test_nothing_starts_before_the_lead_time_is_over(case: str, now: datetime, notice: int, expected: int) -> None:
    earliest = minute(now + timedelta(minutes=notice)) + 1
    assert len(listed("0-24", Rules(60, step=60), earliest=earliest)) == expected


def test_s26_what_is_taken_is_left_out() -> None:
    found = listed("9-17", Rules(30, step=30), busy="11-12 14-15", earliest=clock("10"))
    assert found == ["10:00", "10:30", "12:00", "12:30", "13:00", "13:30", "15:00", "15:30", "16:00", "16:30"]


def test_g1_each_free_stretch_begins_its_own_steps() -> None:
    found = listed("9:30-18", Rules(45, step=45), busy="9:30-9:45", zone="Asia/Kolkata")
    assert found == ["09:45", "10:30", "11:15", "12:00", "12:45", "13:30", "14:15", "15:00", "15:45", "16:30", "17:15"]


@pytest.mark.parametrize(("hours_ahead", "expected"), [(13, "13:00 15:00"), (10, "10:00 12:00 14:00 16:00")])
def test_g5_long_steps_begin_when_the_lead_time_is_over(hours_ahead: int, expected: str) -> None:
    day = date(2026, 6, 2)
    earliest = minute(datetime(2026, 6, 1, 18, 30, tzinfo=UTC)) + 60 * hours_ahead
    found = listed("9:30-18", Rules(120, step=120), earliest=earliest, day=day, zone="Asia/Kolkata")
    assert found == expected.split()


def test_g13_the_gap_is_the_larger_of_the_two_buffers_and_not_their_sum() -> None:
    rules = Rules(30, before=15, after=30, step=15)
    found = listed("12:30-15", rules, busy="12:30-13 14:30-15", buffers="12:15-12:30 13-13:30 14:15-14:30 15-15:30")
    assert found == ["13:30"]


def test_g7_ours_a_visit_with_long_buffers_follows_after_one_of_them() -> None:
    rules = Rules(120, before=120, after=120, step=120)
    found = listed("9:30-18", rules, busy="9:30-11:30", buffers="7:30-9:30 11:30-13:30", zone="Asia/Kolkata")
    assert found == ["14:00", "16:00"]  # the published list has only 16:00, as there both buffers add up


def test_s25_thousands_of_ranges_that_overlap_are_the_hours_they_cover() -> None:
    ranges = [(first, first + 60) for first in range(0, 7 * 24 * 60 - 60, 5)]
    hours = [Stretch(first, end, end) for first, end in merged(ranges)]
    found = [start for row in starts(Rules(5, step=5), hours, Taken(ranges[1::100]), 0) for start in row]
    covered = {m for first, end in ranges[1::100] for m in range(first, end)}
    assert found == [m for m in range(0, 7 * 24 * 60 - 5, 5) if m not in covered]


@given(st.sampled_from((0, 30, 120, 600, 1440)), st.integers(0, 3 * 24 * 60), st.sampled_from((5, 15, 30, 45, 60, 120)))
def test_s28_nothing_starts_before_now_and_the_notice(notice: int, now: int, step: int) -> None:
    hours = [Stretch(1440 * day + 540, 1440 * day + 1020, 1440 * day + 1020) for day in range(7)]
    found = [start for row in starts(Rules(30, step=step), hours, Taken(), now + notice) for start in row]
    assert found
    assert min(found) >= now + notice


def test_two_visits_with_equal_buffers_stand_one_buffer_apart() -> None:
    assert listed("9-12", Rules(30, 10, 10, step=10), busy="9-9:30", buffers="8:50-9 9:30-9:40")[0] == "09:40"


@pytest.mark.parametrize(
    ("day", "utc", "local"),
    [
        (date(2026, 3, 29), [23, 0, 1], ["00:00", "01:00", "03:00"]),
        (date(2026, 10, 25), [22, 23, 0, 1, 2], ["00:00", "01:00", "02:00", "02:00", "03:00"]),
    ],
)
def test_a_daylight_saving_day_has_the_hours_it_really_has(
    magnolia: Business, day: date, utc: list[int], local: list[str]
) -> None:
    berlin = opened(magnolia, "Europe/Berlin", {"sun": (span("00:00-04:00"),)})
    found = agenda(berlin, day, Rules(60, step=60))
    assert [start.astimezone(UTC).hour for start in found] == utc
    assert [f"{start:%H:%M}" for start in found] == local


def test_r1_hours_keep_their_wall_clock_time_after_daylight_saving_ends(magnolia: Business) -> None:
    weekdays: WeeklyHours = {day: (span("09:00-17:00"),) for day in ("mon", "tue", "wed", "thu", "fri")}
    found = utc_hours(opened(magnolia, "America/New_York", weekdays), date(2023, 11, 5), date(2023, 11, 30))
    assert len(found) == 19
    assert found[0] == (datetime(2023, 11, 6, 14, tzinfo=UTC), datetime(2023, 11, 6, 22, tzinfo=UTC))
    assert {(start.hour, end.hour) for start, end in found} == {(14, 22)}


def test_r2_a_date_of_its_own_replaces_the_weekday(magnolia: Business) -> None:
    business = opened(magnolia, "America/New_York", every_day("08:00-17:00")).model_copy(
        update={"exceptions": (HoursException(date=date(2023, 6, 13), hours=(span("10:00-15:00"),)),)}
    )
    found = utc_hours(business, date(2023, 6, 13), date(2023, 6, 14))
    assert [(start.hour, end.hour) for start, end in found] == [(14, 19), (12, 21)]


def test_r3_a_day_off_has_no_hours(magnolia: Business) -> None:
    business = opened(magnolia, "Europe/London", every_day("08:00-17:00")).model_copy(
        update={"exceptions": (HoursException(date=date(2023, 6, 13)),)}
    )
    found = utc_hours(business, date(2023, 6, 13), date(2023, 6, 15))
    assert found[0] == (datetime(2023, 6, 14, 7, tzinfo=UTC), datetime(2023, 6, 14, 16, tzinfo=UTC))


def test_r6_a_visit_may_run_past_midnight_where_the_hours_do(magnolia: Business) -> None:
    business = opened(magnolia, "UTC", every_day("00:00-24:00"))
    assert [f"{start:%H:%M}" for start in agenda(business, DAY, Rules(120, step=60))] == hourly(0, 23)


def test_hours_that_end_at_midnight_before_a_closed_day_end_there(magnolia: Business) -> None:
    business = opened(magnolia, "UTC", {"mon": (span("20:00-24:00"),)})
    assert [f"{start:%H:%M}" for start in agenda(business, DAY, Rules(120, step=60))] == ["20:00", "21:00", "22:00"]


def test_r7_and_r8_ranges_are_merged_and_inverted_ones_dropped() -> None:
    assert merged([(6, 10), (8, 10)]) == [(6, 10)]
    assert merged([(8, 10), (6, 10), (10, 11)]) == [(6, 11)]
    assert merged([(10, 6)]) == []


@pytest.mark.parametrize("busy", ["4-4:15 4:45-5", "4:45-5 4-4:15"])
def test_r10_what_is_taken_may_come_in_any_order(busy: str) -> None:
    found = listed("4-12", Rules(5, step=5), busy=busy)
    assert found[:6] == ["04:15", "04:20", "04:25", "04:30", "04:35", "04:40"]
    assert (found[6], found[-1], len(found)) == ("05:00", "11:55", 6 + 84)


def test_r11_and_r12_business_department_and_resource_must_all_be_there(magnolia: Business) -> None:
    def monday(*spans: str) -> WeeklyHours:
        return {"mon": tuple(map(span, spans))}

    business = opened(magnolia, "UTC", monday("09:00-12:00", "14:00-17:00"))
    department = business.departments["service"].model_copy(update={"hours": monday("10:00-13:00", "15:00-18:00")})
    bay = business.resources["bay_1"].model_copy(update={"hours": monday("11:00-12:30", "15:30-16:30")})
    business = business.model_copy(update={"departments": {"service": department}, "resources": {"bay_1": bay}})
    assert [(s.strftime("%H:%M"), e.strftime("%H:%M")) for s, e in utc_hours(business, DAY, DAY)] == [
        ("11:00", "12:00"),
        ("15:30", "16:30"),
    ]
    apart = business.resources["bay_1"].model_copy(update={"hours": monday("12:00-14:00")})
    assert utc_hours(business.model_copy(update={"resources": {"bay_1": apart}}), DAY, DAY) == []


@pytest.mark.parametrize(
    ("step", "size"), [(60, 60), (90, 30), (45, 15), (20, 20), (40, 20), (25, 5), (8, 1), (480, 60)]
)
def test_starts_are_rounded_to_the_largest_grid_that_divides_the_step(step: int, size: int) -> None:
    assert grid(step) == size


def test_the_resource_with_the_fewest_visits_that_day_comes_first(magnolia: Business) -> None:
    ten = clock("10")
    uses = {
        "a": Use(Taken([(ten, ten + 30)]), last=1),
        "b": Use(Taken([(ten + 24 * 60, ten + 24 * 60 + 30)]), last=9),
        "c": Use(Taken(), last=7),
        "d": Use(Taken(), last=7),
    }
    hours = {key: [Stretch(clock("8"), clock("18"), clock("18"))] for key in ("d", "c", "b", "a")}
    day = Agenda(DAY, DAY, ZoneInfo("UTC"), Rules(30), hours, uses, 0)
    assert day.free(moment(clock("12"))) == ["c", "d", "b", "a"]
    assert day.free(moment(ten)) == ["c", "d", "b"]
    assert day.free(moment(clock("17:45"))) == []


def test_priority_comes_before_the_fewest_visits_and_these_before_the_least_recently_booked() -> None:
    eight, ten = clock("8"), clock("10")
    uses = {
        "a": Use(Taken([(ten, ten + 30), (ten + 60, ten + 90)]), last=1),
        "b": Use(Taken([(ten, ten + 30)]), last=2),
        "c": Use(Taken([(ten, ten + 30)]), last=1),
    }
    hours = {key: [Stretch(eight, clock("18"), clock("18"))] for key in ("d", "c", "b", "a")}

    def order(**priorities: int) -> str:
        day = Agenda(DAY, DAY, ZoneInfo("UTC"), Rules(30), hours, uses, 0, priorities=priorities)
        return "".join(day.free(moment(clock("13"))))

    assert order() == "dcba"
    assert order(a=5) == "adcb"
    assert order(a=5, b=9) == "badc"
    assert order(a=5, b=5, c=5, d=1) == "cbad"


@pytest.mark.parametrize(("places", "listed_"), [((), False), ((10,), True), ((11,), False)], ids=str)
def test_a_visit_with_places_left_is_an_opening_and_keeps_its_resource(places: tuple[int, ...], listed_: bool) -> None:
    ten = clock("10")
    joinable = frozenset(clock(str(hour)) for hour in places)
    uses = {"room": Use(Taken([(ten, ten + 60)]), joinable=joinable)}
    hours = {"room": [Stretch(clock("10"), clock("11"), clock("11"))]}
    day = Agenda(DAY, DAY, ZoneInfo("UTC"), Rules(60, step=60), hours, uses, 0)
    assert (list(day.days()) == [[moment(ten, ZoneInfo("UTC"))]]) == listed_
    assert (day.free(moment(ten)) == ["room"]) == listed_


DAYS = st.integers(0, 40).map(lambda ahead: date(2026, 12, 1) + timedelta(days=ahead))
MOST = st.none() | st.integers(1, 4)


@given(st.lists(DAYS, max_size=25), MOST, MOST)
def test_a_day_is_full_when_one_more_would_break_a_limit(booked: list[date], day: int | None, week: int | None) -> None:
    first, last = date(2026, 12, 1), date(2027, 1, 10)
    full = full_days(booked, Limits.model_construct(day=day, week=week), first, last)
    for ahead in range((last - first).days + 1):
        today = first + timedelta(days=ahead)
        in_week = [other for other in booked if other.isocalendar()[:2] == today.isocalendar()[:2]]
        breaks = (day is not None and booked.count(today) >= day) or (week is not None and len(in_week) >= week)
        assert (today in full) == breaks


RANGES = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 240)), max_size=5)
RULES = st.builds(
    Rules, st.integers(5, 120), st.integers(0, 60), st.integers(0, 60), st.sampled_from((5, 8, 15, 30, 45, 60))
)


@given(
    hours=RANGES,
    visits=RANGES,
    own=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    rules=RULES,
    earliest=st.integers(0, 700),
)
def test_no_opening_breaks_hours_lead_time_visits_or_buffers(
    hours: list[tuple[int, int]], visits: list[tuple[int, int]], own: tuple[int, int], rules: Rules, earliest: int
) -> None:
    before, after = own
    open_ranges = merged((start, start + length) for start, length in hours)
    taken = [(start, start + length) for start, length in visits]
    buffers = [(start - before, start) for start, _ in taken] + [(end, end + after) for _, end in taken]
    stretches = [Stretch(first, end, end) for first, end in open_ranges]

    def allowed(start: int) -> bool:
        end = start + rules.length
        inside = any(first <= start and end <= last for first, last in open_ranges)
        clear = all(
            start >= visit_end + max(after, rules.before) or end + max(rules.after, before) <= visit_start
            for visit_start, visit_end in taken
        )
        return start >= earliest and inside and clear

    busy = Taken(taken, [buffer for buffer in buffers if buffer[0] < buffer[1]])
    found = [start for row in starts(rules, stretches, busy, earliest) for start in row]
    assert found == sorted(set(found))
    assert all(allowed(start) and start % grid(rules.step) == 0 for start in found)
    free = {start for start in range(earliest, 900) if is_free(rules, stretches, busy, start)}
    assert free == {start for start in range(earliest, 900) if allowed(start)}
    assert {start for start in free if start % grid(rules.step) == 0 and start - 1 not in free} <= set(found)


STRETCHES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200), st.integers(0, 90)), max_size=4)


@st.composite
def opening_hours(draw: st.DrawFn) -> list[Stretch]:
    """Hours in order and apart or meeting, some with visits that may run on, in any zone."""
    at, result, offset = 0, [], draw(st.integers(-720, 840))
    for gap, length, beyond in draw(STRETCHES):
        result.append(Stretch(at + gap, at + gap + length, at + gap + length + beyond, offset))
        at += gap + length
    return result


@given(opening_hours(), RANGES, RANGES, RULES, st.integers(0, 700))
def test_openings_are_those_found_minute_by_minute(
    hours: list[Stretch], visits: list[tuple[int, int]], buffers: list[tuple[int, int]], rules: Rules, earliest: int
) -> None:
    taken = Taken([(first, first + length) for first, length in visits], [(f, f + length) for f, length in buffers])
    assert [start for row in starts(rules, hours, taken, earliest) for start in row] == plain_starts(
        rules, hours, taken, earliest
    )
    for start in range(earliest, 900, 7):
        plainly = any(may_start(rules, stretch, taken, earliest, start) for stretch in hours)
        assert is_free(rules, hours, taken, start) == plainly


@given(st.lists(st.tuples(RANGES, RANGES), min_size=1, max_size=4), RULES, st.integers(0, 700), st.data())
def test_the_days_of_several_resources_are_those_found_minute_by_minute(
    taken: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], rules: Rules, earliest: int, data: st.DataObject
) -> None:
    hours = {str(number): data.draw(opening_hours()) for number in range(len(taken))}
    uses = {
        str(number): Use(Taken(*([(first, first + length) for first, length in ranges] for ranges in both)))
        for number, both in enumerate(taken)
    }
    first = date(1970, 1, 1)
    found = Agenda(first, first + timedelta(days=1), ZoneInfo("UTC"), rules, hours, uses, earliest).days()
    plainly = {start for key in hours for start in plain_starts(rules, hours[key], uses[key].taken, earliest)}
    assert [minute(start) for day in found for start in day] == sorted(plainly)


@given(st.lists(RANGES, min_size=1, max_size=2), st.lists(RANGES, min_size=1, max_size=3), RULES, st.data())
def test_a_visit_that_needs_several_resources_is_found_where_one_of_each_kind_is_free(
    bays: list[list[tuple[int, int]]], people: list[list[tuple[int, int]]], rules: Rules, data: st.DataObject
) -> None:
    taken = {
        name: Taken([(first, first + length) for first, length in ranges])
        for name, ranges in [
            *((f"bay{n}", r) for n, r in enumerate(bays)),
            *((f"p{n}", r) for n, r in enumerate(people)),
        ]
    }
    hours = {name: data.draw(opening_hours()) for name in taken}
    first = date(1970, 1, 1)
    agenda = Agenda(
        first,
        first + timedelta(days=1),
        ZoneInfo("UTC"),
        rules,
        {name: hours[name] for name in taken if name.startswith("bay")},
        {name: Use(of_name) for name, of_name in taken.items()},
        0,
        besides=[{name: hours[name] for name in taken if name.startswith("p")}],
    )

    def somebody_may(at: int) -> bool:
        return any(may_start(rules, s, taken[name], 0, at) for name in agenda.besides[0] for s in hours[name])

    plainly = {start for bay in agenda.hours for start in plain_starts(rules, hours[bay], taken[bay], 0, somebody_may)}
    found = [start for day in agenda.days() for start in day]
    assert [minute(start) for start in found] == sorted(plainly)
    for start in found:
        assert agenda.free(start)
        assert all(agenda.free_besides(start))


def span(text: str) -> Span:
    return Span.model_validate(text)


def every_day(hours: str) -> WeeklyHours:
    return {day: (span(hours),) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def opened(business: Business, zone: str, hours: WeeklyHours) -> Business:
    """The business in another zone with these hours, its service department and bays with none of their own."""
    departments = {"service": business.departments["service"].model_copy(update={"hours": None})}
    return business.model_copy(update={"time_zone": zone, "hours": hours, "exceptions": (), "departments": departments})


def utc_hours(business: Business, first: date, last: date) -> list[tuple[datetime, datetime]]:
    found = Hours(business).stretches(first, last, department="service", resource="bay_1")
    return [(moment(stretch.opens), moment(stretch.closes)) for stretch in found]


def agenda(business: Business, day: date, rules: Rules) -> Sequence[datetime]:
    hours = {"bay_1": Hours(business).stretches(day, day, department="service", resource="bay_1")}
    (found,) = Agenda(day, day, business.zone, rules, hours, {}, 0).days()
    return found
