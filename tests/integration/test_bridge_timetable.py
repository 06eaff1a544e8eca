"""The agents' calendar through the inbox's API: what is in the window, whose it is, and when a resource is there."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from business.model import WEEKDAYS, Business
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.integration.bridge_world import AgentClient, Bridge, Visitor

DANA = Customer("Dana Whitfield", "dana@example.org", None)


@pytest.fixture
def calendar(bridge: Bridge, engine: Engine, magnolia: Business) -> Calendar:
    return Calendar(magnolia, PostgresStore(engine), bridge.clock)


def hold(calendar: Calendar, service: str, conversation_id: str) -> Appointment:
    start = calendar.offer(service).openings[-1].start
    return calendar.hold(service, start, conversation_id=conversation_id, request_key=f"{conversation_id}:hold")


def book(calendar: Calendar, service: str, conversation_id: str) -> Appointment:
    hold(calendar, service, conversation_id)
    return calendar.book(conversation_id, DANA, request_key=f"{conversation_id}:book")


def page(agent: AgentClient, **arguments: Any) -> dict[str, Any]:
    query = "&".join(f"{name.rstrip('_')}={value}" for name, value in arguments.items())
    response = agent.get(f"/calendar?{query}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_an_appointment_shows_with_its_resource_its_customer_and_its_conversation(
    calendar: Calendar, sam: AgentClient
) -> None:
    booked = book(calendar, "oil_change", "c-1")
    shown = page(sam, from_=booked.start.date())["appointments"]
    assert shown == [
        {
            "id": booked.id,
            "conversation_id": "c-1",
            "service": "oil change",
            "resources": [booked.resource],
            "starts_at": booked.start.isoformat(),
            "ends_at": booked.end.isoformat(),
            "state": "booked",
            "customer": "Dana Whitfield",
        }
    ]


def test_a_hold_shows_until_it_runs_out_under_the_name_its_conversation_knows(
    bridge: Bridge, calendar: Calendar, sam: AgentClient, visitor: Visitor
) -> None:
    visitor.say("hello")
    assert sam.patch(f"/conversations/{visitor.conversation_id}/contact", {"name": "Robin Vale"}).status_code == 200
    held = hold(calendar, "test_drive", visitor.conversation_id)
    (shown,) = page(sam, from_=held.start.date())["appointments"]
    assert (shown["state"], shown["customer"]) == ("held", "Robin Vale")
    bridge.clock.advance(timedelta(minutes=11))
    assert page(sam, from_=held.start.date())["appointments"] == []


def test_what_is_cancelled_is_gone(calendar: Calendar, sam: AgentClient) -> None:
    booked = book(calendar, "oil_change", "c-1")
    calendar.cancel(booked.id, conversation_id="c-1", request_key="cancel")
    assert page(sam, from_=booked.start.date())["appointments"] == []


def test_a_department_shows_its_own_resources_and_a_resource_only_itself(calendar: Calendar, sam: AgentClient) -> None:
    oil, drive = book(calendar, "oil_change", "c-1"), book(calendar, "test_drive", "c-2")
    first = min(oil.start, drive.start).date()

    def seen(**arguments: str) -> tuple[list[str], list[int]]:
        found = page(sam, from_=first, days=7, **arguments)
        return [one["key"] for one in found["resources"]], sorted(one["id"] for one in found["appointments"])

    assert seen(department="service") == (["bay_1", "bay_2"], [oil.id])
    assert seen(resource=drive.resource) == ([drive.resource], [drive.id])
    assert seen()[1] == [oil.id, drive.id]
    assert seen(department="finance") == ([], [])


def test_the_window_is_whole_days_of_the_business(calendar: Calendar, sam: AgentClient) -> None:
    booked = book(calendar, "oil_change", "c-1")
    day = booked.start.date()
    found = [bool(page(sam, from_=day + timedelta(days=shift))["appointments"]) for shift in (-1, 0, 1)]
    assert found == [False, True, False]
    assert page(sam, from_=day - timedelta(days=6), days=7)["appointments"] != []


def test_a_visit_over_midnight_is_on_both_days(engine: Engine, bridge: Bridge, magnolia: Business) -> None:
    around_the_clock = magnolia.model_validate(
        magnolia.model_dump()
        | {
            "hours": {day: ["00:00-24:00"] for day in WEEKDAYS},
            "exceptions": [],
            "departments": {key: {"name": one.name} for key, one in magnolia.departments.items()},
        }
    )
    calendar, sam = Calendar(around_the_clock, PostgresStore(engine), bridge.clock), bridge.agent("Sam")
    day = bridge.clock().astimezone(magnolia.zone).date() + timedelta(days=2)
    late = datetime(day.year, day.month, day.day, 23, 0, tzinfo=magnolia.zone)
    calendar.hold("service_visit", late, conversation_id="c-1", request_key="hold")
    found = [len(page(sam, from_=day + timedelta(days=shift))["appointments"]) for shift in (-1, 0, 1, 2)]
    assert found == [0, 1, 1, 0]


def test_hours_are_those_of_the_resource_on_each_day(sam: AgentClient) -> None:
    found = page(sam, from_="2026-12-24", days=2, resource="demo_car_2")
    assert [(day["date"], day["name"], len(day["hours"])) for day in found["days"]] == [
        ("2026-12-24", "Christmas Eve", 1),
        ("2026-12-25", "Christmas Day", 0),
    ]
    assert found["resources"] == [
        {
            "key": "demo_car_2",
            "name": "Demo car 2",
            "hours": [{"from": "2026-12-24T10:00:00-06:00", "to": "2026-12-24T14:00:00-06:00"}],
        }
    ]


def test_without_a_day_it_is_today(bridge: Bridge, magnolia: Business, sam: AgentClient) -> None:
    before = bridge.clock().astimezone(magnolia.zone).date()
    found = sam.get("/calendar").json()
    assert before <= date.fromisoformat(found["today"]) <= before + timedelta(days=1)
    assert [day["date"] for day in found["days"]] == [found["today"]]


@pytest.mark.parametrize(
    "query",
    [
        "from=tomorrow",
        "from=2026-02-30",
        "from=2026-W49-2",
        "from=0001-01-01",
        "days=0",
        "days=8",
        "days=x",
        "department=none",
        "resource=none",
        "department=sales&resource=bay_1",
    ],
)
def test_what_cannot_be_shown_is_said(sam: AgentClient, query: str) -> None:
    response = sam.get(f"/calendar?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "field_invalid")


def test_the_calendar_is_for_agents_only(bridge: Bridge) -> None:
    assert bridge.get("/inbox/api/calendar").status_code == 401
