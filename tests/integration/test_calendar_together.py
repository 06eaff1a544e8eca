"""Several resources for one visit, one visit for several customers, and limits: on a real PostgreSQL, and raced."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from business.holidays import Holidays
from business.model import Business, Limits
from scheduling.errors import NotBookableError, OpeningTakenError
from scheduling.model import Appointment
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.wishes import Wish
from tests.integration.test_calendar_race import ANA, NOW, RACERS, TEN, MeetingStore, calendar_on, race, wide

__all__ = ["wide"]
GUARD = text("alter table occupancies drop constraint ex_occupancies_no_overlap")


def with_service(business: Business, **settings: object) -> Business:
    """The dealership with an oil change as told, as all that can be booked in it besides service visits."""
    change = business.services["oil_change"].model_copy(update=settings)
    staff = {key: business.resources["bay_1"].model_copy(update={"name": key}) for key in ("ana", "ben")}
    services = {"oil_change": change, "service_visit": business.services["service_visit"]}
    return business.model_copy(update={"services": services, "resources": {**business.resources, **staff}})


@pytest.fixture
def pairs(magnolia: Business) -> Business:
    """An oil change takes a bay and a technician."""
    return with_service(magnolia, needs=(("ana", "ben"),))


@pytest.fixture
def course(magnolia: Business) -> Business:
    """An oil change is shown to four customers at once, for an hour, in one bay."""
    return with_service(magnolia, resources=("bay_1",), places=4, minutes=60, buffer_after=15)


def without_buffers(course: Business) -> Business:
    """The same; a buffer keeps overlapping sessions out even where nothing else does."""
    return with_service(course, buffer_after=0)


def hold(calendar: Calendar, name: str, start: datetime = TEN, service: str = "oil_change") -> Appointment:
    return calendar.hold(service, start, conversation_id=name, request_key=f"{name}:{start}")


def holders(calendar: Calendar, starts: tuple[datetime, ...] = (TEN,)) -> list[Callable[[], Appointment]]:
    return [partial(hold, calendar, f"racer{number}", starts[number % len(starts)]) for number in range(RACERS)]


def winners(outcome: list[object]) -> list[Appointment]:
    won = [result for result in outcome if isinstance(result, Appointment)]
    lost = [result for result in outcome if isinstance(result, OpeningTakenError)]
    assert len(won) + len(lost) == RACERS
    assert all(refused.offer.openings for refused in lost)
    return won


def taken(engine: Engine) -> list[tuple[str, int | None, int]]:
    """The resource, the seat and the part of each blocking visit."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select r.key, o.seat, o.part from occupancies o join resources r on r.id = o.resource_id"
                " where o.blocking and o.kind = 'visit' order by 1, 2, 3"
            )
        )
        return [(row.key, row.seat, row.part) for row in rows]


def test_as_many_win_as_there_are_pairs(pairs: Business, wide: Engine) -> None:
    won = winners(race(holders(calendar_on(pairs, MeetingStore(wide, RACERS)))))
    assert sorted(one.resource for one in won) == ["bay_1", "bay_2"]
    assert taken(wide) == [("ana", None, 2), ("bay_1", None, 1), ("bay_2", None, 1), ("ben", None, 2)]


def test_one_technician_is_the_last_of_two_bays(pairs: Business, wide: Engine) -> None:
    alone = with_service(pairs, needs=(("ana",),))
    assert len(winners(race(holders(calendar_on(alone, MeetingStore(wide, RACERS)))))) == 1
    assert [key for key, _, _ in taken(wide)].count("ana") == 1


def test_the_race_for_pairs_without_the_constraint_books_everybody(pairs: Business, wide: Engine) -> None:
    with wide.begin() as connection:
        connection.execute(GUARD)
    assert len(winners(race(holders(calendar_on(pairs, MeetingStore(wide, RACERS)))))) == RACERS


def test_a_pair_is_offered_only_while_both_are_free_and_freed_together(pairs: Business, engine: Engine) -> None:
    calendar = calendar_on(pairs, PostgresStore(engine))
    first, second = hold(calendar, "c1"), hold(calendar, "c2")
    assert {first.resource, second.resource} == {"bay_1", "bay_2"}
    exactly = Wish(start_date=TEN.date(), start_time=TEN.time())
    assert not calendar.offer("oil_change", exactly).exact
    booked = calendar.book("c1", ANA, request_key="book")
    calendar.move(booked.id, TEN + timedelta(hours=2), conversation_id="c1", request_key="move")
    assert calendar.offer("oil_change", exactly).exact
    calendar.cancel(booked.id, conversation_id="c1", request_key="cancel")
    calendar.release("c2")
    assert taken(engine) == []


def test_a_visit_with_a_pair_ends_expired_holds_of_both(pairs: Business, engine: Engine) -> None:
    store = PostgresStore(engine)
    for name in ("c1", "c2"):
        hold(calendar_on(pairs, store), name)
    later = calendar_on(pairs, store, NOW + timedelta(minutes=11))
    assert {hold(later, name).resource for name in ("c3", "c4")} == {"bay_1", "bay_2"}
    assert len(taken(engine)) == 4


def test_as_many_win_as_a_group_has_places(course: Business, wide: Engine) -> None:
    won = winners(race(holders(calendar_on(course, MeetingStore(wide, RACERS)))))
    assert len(won) == 4
    assert taken(wide) == [("bay_1", seat, 1) for seat in (1, 2, 3, 4)]


def test_one_gets_the_last_place_of_a_group(course: Business, wide: Engine) -> None:
    calendar = calendar_on(course, PostgresStore(wide))
    for name in ("c1", "c2", "c3"):
        hold(calendar, name)
    assert len(winners(race(holders(calendar_on(course, MeetingStore(wide, RACERS)))))) == 1


def test_the_race_for_places_without_the_constraint_books_everybody(course: Business, wide: Engine) -> None:
    with wide.begin() as connection:
        connection.execute(GUARD)
    assert len(winners(race(holders(calendar_on(course, MeetingStore(wide, RACERS)))))) == RACERS


def test_of_two_overlapping_sessions_one_is_given(course: Business, wide: Engine) -> None:
    course = without_buffers(course)
    starts = (TEN, TEN + timedelta(minutes=30))
    won = winners(race(holders(calendar_on(course, MeetingStore(wide, RACERS)), starts)))
    assert len(won) == 4
    assert len({one.start for one in won}) == 1


def test_overlapping_sessions_without_their_constraint_are_both_given(course: Business, wide: Engine) -> None:
    with wide.begin() as connection:
        connection.execute(text("alter table group_visits drop constraint ex_group_visits_one_session"))
    calendar = calendar_on(without_buffers(course), MeetingStore(wide, 2))
    starts = (TEN, TEN + timedelta(minutes=30))
    both = race([partial(hold, calendar, f"racer{number}", start) for number, start in enumerate(starts)])
    assert {one.start for one in both if isinstance(one, Appointment)} == set(starts)


def test_a_session_is_offered_until_it_is_full_and_keeps_others_out(course: Business, engine: Engine) -> None:
    calendar = calendar_on(course, PostgresStore(engine))
    exactly = Wish(start_date=TEN.date(), start_time=TEN.time())
    for name in ("c1", "c2", "c3", "c4"):
        assert calendar.offer("oil_change", exactly).exact
        hold(calendar, name)
    assert not calendar.offer("oil_change", exactly).exact
    with pytest.raises(OpeningTakenError):
        hold(calendar, "c5", TEN + timedelta(minutes=30))
    assert hold(calendar, "c6", service="service_visit").resource == "bay_2"
    calendar.release("c3")
    assert calendar.offer("oil_change", exactly).exact
    assert hold(calendar, "c5").start == TEN


@pytest.mark.parametrize(("limits", "wins"), [(Limits(day=3), 3), (Limits(week=2), 2)], ids=str)
def test_a_limit_is_kept_in_a_race(magnolia: Business, wide: Engine, limits: Limits, wins: int) -> None:
    limited = with_service(magnolia, limits=limits)
    starts = tuple(TEN + timedelta(minutes=30 * number) for number in range(10))
    assert len(winners(race(holders(calendar_on(limited, MeetingStore(wide, RACERS)), starts)))) == wins


def test_a_full_day_is_not_offered_and_the_next_one_is(magnolia: Business, engine: Engine) -> None:
    calendar = calendar_on(with_service(magnolia, limits=Limits(day=1, week=2)), PostgresStore(engine))
    hold(calendar, "c1")
    mine = calendar.book("c1", ANA, request_key="book")
    offer = calendar.offer("oil_change", Wish(start_date=TEN.date()))
    assert not offer.exact
    assert TEN.date() not in {opening.start.date() for opening in offer.openings}
    with pytest.raises(OpeningTakenError):
        hold(calendar, "c2", TEN + timedelta(hours=2))
    moved = calendar.move(mine.id, TEN + timedelta(hours=2), conversation_id="c1", request_key="move")
    assert moved.start == TEN + timedelta(hours=2)
    hold(calendar, "c2", TEN + timedelta(days=1))
    with pytest.raises(OpeningTakenError):
        hold(calendar, "c3", TEN - timedelta(days=1))
    assert hold(calendar, "c3", TEN + timedelta(days=4)).start.weekday() == 0
    with pytest.raises(NotBookableError):
        hold(calendar, "c4", TEN.replace(hour=3))


def test_the_resource_of_the_highest_priority_is_booked_first_and_a_holiday_never(
    magnolia: Business, engine: Engine
) -> None:
    first = magnolia.resources["bay_2"].model_copy(update={"priority": 5})
    memorial_day = datetime(2027, 5, 31, 10, tzinfo=TEN.tzinfo)
    business = magnolia.model_copy(
        update={"resources": {**magnolia.resources, "bay_2": first}, "holidays": Holidays(country="US")}
    )
    store = PostgresStore(engine)
    booked = [hold(calendar_on(business, store), f"c{hour}", TEN + timedelta(hours=hour)) for hour in range(3)]
    assert [one.resource for one in booked] == ["bay_2"] * 3
    with pytest.raises(NotBookableError) as refused:
        hold(calendar_on(business, store, memorial_day - timedelta(days=7)), "c9", memorial_day)
    assert refused.value.reason == "closed"
