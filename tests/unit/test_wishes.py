"""What is read from customers' messages, how it is merged over several of them, and which openings fit it."""

import subprocess
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.wishes import Exclusion, Wish, read_wish
from scheduling.wishing import engines
from scheduling.wishing.dateparser_engine import DateparserEngine
from scheduling.wishing.duckling_engine import DucklingEngine
from scheduling.wishing.english import COSTLY_WORD, MONTHS, WEEKDAYS
from scheduling.wishing.fitting import EXCLUDED, PARTS
from scheduling.wishing.guard import COSTLY, MOST_PIECES, MOST_WORDS, pieces
from scheduling.wishing.text import MOST_CHARACTERS, clean

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=CHICAGO)
TODAY = NOW.date()
CASES = [
    pytest.param(case, id=f"{phenomenon}: {case['say']}")
    for phenomenon, cases in yaml.safe_load(
        Path(__file__).with_name("wish_cases.yml").read_text(encoding="utf-8")
    ).items()
    for case in cases
]


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=CHICAGO)


def said(text: str, **options: Any) -> Wish:
    wish = read_wish(text, NOW, **options)
    assert wish is not None, text
    return wish


def named(wish: Wish | None) -> dict[str, Any]:
    """The fields that hold something."""
    data = wish.to_json() if wish else {}
    data["alternatives"] = [
        {key: value for key, value in each.items() if value} for each in data.get("alternatives", ())
    ]
    return {key: value for key, value in data.items() if value}


class TestReading:
    @pytest.mark.parametrize("case", CASES)
    def test_a_message_is_read_as_the_table_says(self, case: dict[str, Any]) -> None:
        expected = {key: value for key, value in case.items() if key not in {"say", "asked"}}
        assert named(read_wish(case["say"], NOW, expect=case.get("asked"))) == expected

    def test_british_english_writes_the_day_first(self) -> None:
        assert said("12/3", language="en-GB").start_date == date(2027, 3, 12)

    def test_numeric_dates_are_understood_in_a_language_without_word_lists(self) -> None:
        wish = said("mañana a las 15:30", language="es")
        assert (wish.start_date, wish.start_time) == (date(2026, 11, 19), time(15, 30))

    @pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu", "Asia/Kolkata"])
    @pytest.mark.parametrize("hour", [0, 12, 23])
    def test_tomorrow_is_counted_on_the_businesss_own_calendar(self, zone: str, hour: int) -> None:
        now = datetime(2026, 3, 29, hour, 30, tzinfo=ZoneInfo(zone))
        wish = read_wish("tomorrow at 3", now)
        assert wish is not None
        assert (wish.start_date, wish.start_time) == (date(2026, 3, 30), time(15))

    @pytest.mark.parametrize("weekday", range(7))
    @pytest.mark.parametrize("name", WEEKDAYS)
    def test_next_friday_is_the_friday_of_next_week(self, name: str, weekday: int) -> None:
        now = datetime(2026, 11, 16 + weekday, 9, 0, tzinfo=CHICAGO)
        wish = read_wish(f"next {name}", now)
        assert wish is not None
        assert wish.start_date == date(2026, 11, 23) + timedelta(days=WEEKDAYS.index(name))

    @pytest.mark.parametrize("day", [16, 20, 21, 22])
    def test_a_weekend_is_saturday_and_sunday_even_when_it_has_begun(self, day: int) -> None:
        wish = read_wish("this weekend", datetime(2026, 11, day, 9, 0, tzinfo=CHICAGO))
        assert wish is not None
        assert wish.window(at(f"2026-11-{day}T09:00")) == (date(2026, 11, max(day, 21)), date(2026, 11, 22))


ALPHABET = st.characters() | st.sampled_from("0123456789:/-.,' ")
PHRASES = (
    "next|this|last|not|or|and|to|from|between|after|before|by|at|half past|the 14th|12/3|3pm|10:30|2|noon|weekend|week"
    "|weeks|in two|tomorrow|,|morning|tonight|any day but|early|end of|of|the|a|first|second|asap|.|2026|31"
)
WORDS = st.sampled_from((*WEEKDAYS, *MONTHS, *PHRASES.split("|")))
MESSAGES = st.text(ALPHABET, max_size=80) | st.lists(WORDS, max_size=9).map(" ".join)
RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ranges_run_forward(wish: Wish) -> bool:
    return all(
        (not option.start_date or not option.end_date or option.start_date <= option.end_date)
        and (not option.start_time or not option.end_time or option.start_time <= option.end_time)
        for option in wish.options
    )


class TestAnyText:
    @given(MESSAGES, st.sampled_from([None, "date", "time"]))
    @settings(RELAXED, max_examples=400)
    def test_any_text_is_read_without_an_error_into_a_wish_that_survives_its_slot(self, text: str, expect: Any) -> None:
        wish = read_wish(text, NOW, expect=expect)
        if wish is not None:
            assert ranges_run_forward(wish)
            assert Wish.from_dict(wish.to_json()) == wish

    @given(MESSAGES)
    @settings(RELAXED, max_examples=200)
    def test_no_day_is_farther_away_than_anybody_books(self, text: str) -> None:
        wish = read_wish(text, NOW)
        days = [day for option in (wish.options if wish else ()) for day in (option.start_date, option.end_date) if day]
        assert all(abs(day - TODAY) <= timedelta(days=400) for day in days)

    @pytest.mark.parametrize("text", ["\x00tomorrow", "tomorrow\ud800", "\udfff", "ﷺ" * 600, "½ past 3", "１０:３０"])
    def test_hostile_characters_do_no_harm(self, text: str) -> None:
        wish = read_wish(text, NOW)
        assert wish is None or ranges_run_forward(wish)

    @given(st.lists(WORDS, max_size=200).map(" ".join))
    @RELAXED
    def test_no_piece_costs_the_engine_more_than_it_can_afford(self, text: str) -> None:
        cut = list(pieces(clean(text)))
        assert len(cut) <= MOST_PIECES
        assert all(sum(1 for _ in COSTLY.finditer(piece)) <= MOST_WORDS for _, piece in cut)

    @given(st.lists(WORDS, max_size=60).map(" ".join))
    @RELAXED
    def test_a_piece_knows_where_it_was_cut_from(self, text: str) -> None:
        assert all(text[start : start + len(piece)] == piece for start, piece in pieces(text))

    def test_a_wall_of_date_words_is_survived(self) -> None:
        assert said("on the 14th " * 50).start_date == date(2026, 12, 14)
        assert said("monday 3pm " * 50).start_time == time(15)

    def test_only_the_beginning_of_a_long_message_is_read(self) -> None:
        assert read_wish("x" * MOST_CHARACTERS + " tomorrow", NOW) is None

    def test_the_guard_counts_every_word_the_grammar_of_dates_knows(self) -> None:
        assert all(COSTLY.fullmatch(word) for word in (*WEEKDAYS, *MONTHS, "14th", "12", "three")), COSTLY_WORD


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
MOMENTS = st.builds(lambda day, moment: datetime.combine(day, moment, tzinfo=CHICAGO), DAYS, TIMES)


@st.composite
def option_fields(draw: st.DrawFn, dated: bool = True, timed: bool = True) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if dated and draw(st.booleans()):
        start, end = sorted(draw(st.tuples(DAYS, DAYS)))
        shape = draw(st.sampled_from(["day", "range", "after", "before"]))
        fields |= {"start_date": start} if shape != "before" else {"end_date": end, "date_open": "before"}
        fields |= {"end_date": end} if shape == "range" else {"date_open": "after"} if shape == "after" else {}
    if timed and draw(st.booleans()):
        first, last = sorted(draw(st.tuples(TIMES, TIMES)))
        shape = draw(st.sampled_from(["exact", "range", "after", "before", "part"]))
        fields |= {
            "exact": {"start_time": first},
            "range": {"start_time": first, "end_time": last},
            "after": {"start_time": first, "time_open": "after"},
            "before": {"end_time": last, "time_open": "before"},
            "part": {"part": draw(st.sampled_from(sorted(PARTS)))},
        }[shape]
    return fields


OPTIONS = option_fields().map(lambda fields: Wish(**fields))
EXCLUSIONS = (
    st.builds(Exclusion, weekday=st.integers(0, 6))
    | st.builds(Exclusion, start_date=DAYS)
    | st.just(Exclusion(part="morning"))
)
WISHES = st.builds(
    Wish.of,
    st.lists(OPTIONS, max_size=3),
    st.lists(EXCLUSIONS, max_size=2, unique=True).map(tuple),
    st.booleans(),
)


class TestFitting:
    @pytest.mark.parametrize(
        ("text", "admitted", "refused"),
        [
            ("Saturday morning", ["2026-11-21T06:00", "2026-11-21T11:59"], ["2026-11-21T12:00", "2026-11-20T09:00"]),
            ("Friday afternoon", ["2026-11-20T12:00", "2026-11-20T17:59"], ["2026-11-20T18:00", "2026-11-20T11:59"]),
            ("tomorrow evening", ["2026-11-19T17:00", "2026-11-19T21:59"], ["2026-11-19T22:00"]),
            ("tonight", ["2026-11-18T20:00", "2026-11-18T23:59"], ["2026-11-18T19:59"]),
            ("midday on Friday", ["2026-11-20T11:30", "2026-11-20T13:30"], ["2026-11-20T11:29", "2026-11-20T13:31"]),
            ("tomorrow at 10", ["2026-11-19T10:00"], ["2026-11-19T10:15", "2026-11-19T22:00", "2026-11-20T10:00"]),
            ("Friday after 3", ["2026-11-20T15:00", "2026-11-20T23:45"], ["2026-11-20T14:59"]),
            ("before 5", ["2026-11-20T16:59", "2026-12-24T08:00"], ["2026-11-20T17:00"]),
            ("between 2 and 4", ["2026-11-20T14:00", "2026-11-20T16:00"], ["2026-11-20T16:01", "2026-11-20T13:59"]),
            ("next week", ["2026-11-23T00:00", "2026-11-29T23:59"], ["2026-11-22T12:00", "2026-11-30T00:00"]),
            ("by Friday", ["2026-11-18T09:00", "2026-11-20T23:00"], ["2026-11-21T00:00"]),
            ("after the 10th", ["2026-12-11T08:00", "2027-06-01T08:00"], ["2026-12-10T20:00"]),
            ("not Mondays", ["2026-11-24T08:00"], ["2026-11-23T08:00", "2026-11-30T18:00"]),
            ("not Friday afternoon", ["2026-11-20T11:00", "2026-11-19T15:00"], ["2026-11-20T15:00"]),
            ("Monday morning or Tuesday at 3", ["2026-11-23T09:00", "2026-11-24T15:00"], ["2026-11-24T09:00"]),
            ("Friday afternoon after 4", ["2026-11-20T16:00", "2026-11-20T17:59"], ["2026-11-20T18:00"]),
        ],
    )
    def test_an_opening_is_admitted_or_refused(self, text: str, admitted: list[str], refused: list[str]) -> None:
        wish = said(text)
        assert [moment for moment in admitted if not wish.admits(at(moment))] == []
        assert [moment for moment in refused if wish.admits(at(moment))] == []

    @given(WISHES, MOMENTS)
    def test_a_wish_admits_exactly_what_is_at_no_distance(self, wish: Wish, moment: datetime) -> None:
        assert wish.admits(moment) == (wish.distance(moment) == timedelta())

    @given(WISHES, MOMENTS)
    def test_what_a_wish_admits_is_in_its_window(self, wish: Wish, moment: datetime) -> None:
        first, last = wish.window(NOW)
        assert last is None or first <= last
        if wish.admits(moment) and moment.date() >= TODAY:
            assert first <= moment.date() <= (last or date.max)

    @given(WISHES, MOMENTS)
    def test_a_wish_admits_what_one_of_its_options_admits_and_nothing_excludes(
        self, wish: Wish, moment: datetime
    ) -> None:
        excluded = any(exclusion.covers(moment) for exclusion in wish.exclusions)
        assert wish.admits(moment) == (not excluded and any(option.admits(moment) for option in wish.options))

    def test_near_misses_sort_by_day_first_and_excluded_ones_last(self) -> None:
        wish = said("Tuesday at 3, but not on Mondays")
        moments = ["2026-11-24T15:00", "2026-11-24T16:00", "2026-11-24T08:00", "2026-11-25T15:00", "2026-11-23T15:00"]
        assert sorted(map(at, reversed(moments)), key=wish.distance) == [at(moment) for moment in moments]
        assert wish.distance(at("2026-11-23T15:00")) > EXCLUDED

    def test_a_wish_without_a_day_looks_from_today_on(self) -> None:
        assert said("in the afternoon").window(NOW) == (TODAY, None)

    def test_the_window_of_a_week_that_has_begun_starts_today(self) -> None:
        assert Wish(start_date=date(2026, 11, 16), end_date=date(2026, 11, 22)).window(NOW) == (
            TODAY,
            date(2026, 11, 22),
        )

    def test_a_wish_cannot_end_before_it_starts(self) -> None:
        with pytest.raises(ValueError, match="before it starts"):
            Wish(start_date=date(2026, 11, 20), end_date=date(2026, 11, 19))


class TestMerging:
    @pytest.mark.parametrize(
        ("earlier", "later", "both"),
        [
            ("next Tuesday", "in the afternoon", "next Tuesday afternoon"),
            ("next Tuesday afternoon", "at 3", "next Tuesday at 3"),
            ("tomorrow at 10", "Friday", "Friday at 10"),
            ("tomorrow at 10", "Friday at 2", "Friday at 2"),
            ("after 3", "next week", "next week after 3"),
            ("Monday or Tuesday", "at 4", "Monday or Tuesday at 4"),
            ("Friday", "10 or 11", "10 or 11 on Friday"),
            ("next week", "but not on Monday", "next week but not Monday"),
            ("not Mondays", "in the morning", "in the morning, not Mondays"),
            ("by Friday", "Monday", "Monday"),
        ],
    )
    def test_a_later_message_refines_an_earlier_one(self, earlier: str, later: str, both: str) -> None:
        assert said(earlier).merged_with(said(later, expect="time")) == said(both)

    def test_a_day_that_was_excluded_can_be_asked_for_after_all(self) -> None:
        merged = said("not Mondays or Fridays").merged_with(said("ok, Monday"))
        assert merged.exclusions == (Exclusion(weekday=4),)
        assert merged.admits(at("2026-11-23T09:00"))

    def test_as_soon_as_possible_stays_when_a_part_of_the_day_is_added(self) -> None:
        merged = said("as soon as possible").merged_with(said("in the afternoon"))
        assert (merged.earliest, merged.part) == (True, "afternoon")

    @given(WISHES)
    def test_nothing_said_changes_nothing(self, wish: Wish) -> None:
        assert wish.merged_with(Wish()) == wish
        assert Wish().merged_with(wish) == wish

    @given(OPTIONS)
    def test_the_same_said_twice_is_the_same(self, wish: Wish) -> None:
        assert wish.merged_with(wish) == wish

    @given(option_fields(timed=False), option_fields(dated=False))
    def test_a_day_and_a_time_make_one_wish_in_either_order(self, dated: dict[str, Any], timed: dict[str, Any]) -> None:
        day, moment = Wish(**dated), Wish(**timed)
        assert day.merged_with(moment) == moment.merged_with(day) == Wish(**dated, **timed)

    @given(WISHES, option_fields())
    def test_what_is_said_last_wins(self, wish: Wish, fields: dict[str, Any]) -> None:
        merged = wish.merged_with(Wish(**fields))
        assert all(getattr(option, name) == value for option in merged.options for name, value in fields.items())


class TestPlainData:
    @given(WISHES)
    def test_a_wish_comes_back_from_json_as_it_was(self, wish: Wish) -> None:
        assert Wish.from_dict(wish.to_json()) == wish

    def test_the_dictionary_holds_the_first_option_and_the_exclusions(self) -> None:
        assert said("next week after 3 but not Friday").as_dict() == {
            "start_date": "2026-11-23",
            "end_date": "2026-11-29",
            "start_time": "15:00",
            "end_time": None,
            "part": None,
            "date_open": None,
            "time_open": "after",
            "exclusions": ["friday"],
        }

    def test_the_dictionary_can_be_read_again(self) -> None:
        wish = said("next Tuesday after 3, not in the morning")
        assert Wish.from_dict(wish.as_dict()) == wish

    @pytest.mark.parametrize(
        "data",
        [{"start_date": "soon"}, {"part": "dawn"}, {"start_time": 3}, {"exclusions": ["never"]}, {"alternatives": 1}],
    )
    def test_what_no_wish_wrote_is_refused(self, data: dict[str, Any]) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - the message is that of whoever found the mistake
            Wish.from_dict(data)


class TestEngines:
    @pytest.mark.parametrize("engine", [DucklingEngine(), DateparserEngine()], ids=["duckling", "dateparser"])
    @pytest.mark.parametrize(
        ("text", "day"), [("tomorrow at 10", 19), ("Friday", 20), ("nov 24 at 3pm", 24), ("no date at all", None)]
    )
    def test_either_engine_finds_plain_days(self, engine: Any, text: str, day: int | None) -> None:
        wish = read_wish(text, NOW, engine=engine)
        assert (wish.start_date if wish else None) == (day and date(2026, 11, day))

    def test_without_ducklings_wheel_dateparser_takes_over_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engines, "find_spec", lambda _name: None)
        engines.default_engine.cache_clear()
        try:
            with structlog.testing.capture_logs() as logs:
                assert isinstance(engines.default_engine(), DateparserEngine)
        finally:
            engines.default_engine.cache_clear()
        assert [(entry["log_level"], entry["action"]) for entry in logs] == [("warning", "wish_engine_fallback")]

    def test_importing_the_door_loads_no_engine(self) -> None:
        script = "import sys, scheduling.wishes; print({'duckling', 'dateparser'} & set(sys.modules))"
        assert _run(script) == "set()"

    def test_ctrl_c_still_reaches_python_once_duckling_is_loaded(self) -> None:
        script = (
            "import os, signal, datetime\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it\n"
            "from scheduling.wishes import read_wish\n"
            "assert read_wish('tomorrow', datetime.datetime(2026, 11, 18, tzinfo=datetime.UTC))\n"
            "try:\n    signal.raise_signal(signal.SIGINT)\n"
            "except KeyboardInterrupt:\n    print('interrupted')\n"
        )
        assert _run(script) == "interrupted"


def _run(script: str) -> str:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()
