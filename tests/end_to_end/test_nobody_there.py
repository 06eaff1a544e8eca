"""Nobody there: said honestly, a call or a message taken down, and the assistant goes on. Through public doors only."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.desk import Agent, Customer, FrontDesk, until

SUNDAY_NIGHT = "2026-11-29T22:00:00-06:00"
SATURDAY = "2026-12-05T11:00:00+00:00"


@pytest.fixture(scope="module")
def dealership() -> Iterator[FrontDesk]:
    """Magnolia Motors on a Sunday night."""
    started = FrontDesk(FRONTDESK_NOW=SUNDAY_NIGHT).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def consultancy() -> Iterator[FrontDesk]:
    """Northlight Education on a Saturday."""
    started = FrontDesk(FRONTDESK_NOW=SATURDAY, BUSINESS_FILE="examples/education/business.yml").start()
    yield started
    started.stop()


def agent_of(desk: FrontDesk, email: str) -> Agent:
    return Agent(desk.url, email, desk.logins()[email])


def tasks_of(agent: Agent, customer: Customer, state: str = "open") -> list[dict[str, Any]]:
    found = agent.get("tasks", state=state)["tasks"]
    return [task for task in found if task["conversation_id"] == customer.conversation_id]


def is_due_at(task: dict[str, Any], time: str) -> bool:
    return datetime.fromisoformat(task["due_at"]) == datetime.fromisoformat(time)


def test_at_night_a_call_is_arranged_and_made(dealership: FrontDesk) -> None:
    customer, sam = Customer(dealership.url), agent_of(dealership, "sam@magnolia-motors.example")
    told = customer.say("Can I talk to a real person please?")
    assert "Nobody is there right now" in told
    assert "Monday, November 30 at 8:00 AM" in told
    assert customer.status()["state"] == "waiting"

    assert "Sales" in customer.press("Call me back")
    assert "Mon, Nov 30, 8:00 AM" in customer.say("512 555 0142")
    read_back = customer.say("tomorrow at 10")
    assert "Monday, November 30 at 10:00 AM (Central Standard Time)" in read_back
    assert "+1 512-555-0142" in read_back
    assert tasks_of(sam, customer) == [], "nothing is arranged without a yes"
    assert "It's arranged" in customer.press("Yes")

    [task] = tasks_of(sam, customer)
    assert (task["kind"], task["department"], task["phone"]) == ("callback", "sales", "+15125550142")
    assert is_due_at(task, "2026-11-30T10:00:00-06:00")
    assert customer.status()["state"] == "with_assistant"
    assert customer.conversation_id not in sam.queue("waiting")
    assert tasks_of(agent_of(dealership, "jo@magnolia-motors.example"), customer) == [], "not of her department"

    done = sam.post(f"tasks/{task['id']}", {"state": "done"}).json()["task"]
    assert (done["state"], done["agent"]) == ("done", "Sam Okafor")
    assert tasks_of(sam, customer) == []
    assert tasks_of(sam, customer, "ended") == [done]
    assert "8:00 AM" in customer.say("what are your opening hours?"), "the assistant goes on"


def test_who_was_put_in_line_by_somebody_else_is_offered_the_same(dealership: FrontDesk) -> None:
    customer, maria = Customer(dealership.url), agent_of(dealership, "maria@magnolia-motors.example")
    customer.say("what can you do?")
    assert maria.move(customer.conversation_id, "request", department="finance").status_code == 200
    told = until(lambda: customer.said_by("system"), "the front desk's own words")[-1]
    assert "Mon, Nov 30, 9:00 AM" in told, "the hours of the department, not of the business"
    buttons = [button["title"] for message in customer.heard for button in message["buttons"]]
    assert buttons[-3:] == ["Keep waiting", "Leave a message", "Call me back"]

    assert customer.press("Keep waiting")
    assert customer.status()["state"] == "waiting"
    assert "Finance" in customer.press("Leave a message")
    customer.say("Please tell me what is still open on my loan, and book me a visit in case it is a lot")
    told = customer.say("dana@example.org")
    assert "dana@example.org" in told
    assert "Monday, November 30 at 9:00 AM" in told
    [task] = tasks_of(maria, customer)
    assert (task["kind"], task["department"], task["email"]) == ("message", "finance", "dana@example.org")
    assert task["note"].startswith("Please tell me what is still open")
    assert is_due_at(task, "2026-11-30T09:00:00-06:00")
    assert customer.status()["state"] == "with_assistant"


def test_a_call_can_be_moved_by_asking_again(dealership: FrontDesk) -> None:
    customer, sam = Customer(dealership.url), agent_of(dealership, "sam@magnolia-motors.example")
    customer.say("please call me back tomorrow at 4 on 512 555 0177")
    customer.press("Yes")
    [first] = tasks_of(sam, customer)
    assert is_due_at(first, "2026-11-30T16:00:00-06:00")
    read_back = customer.say("call me back on Tuesday at 11 instead")
    assert "Tuesday, December 1 at 11:00 AM" in read_back
    assert "+1 512-555-0177" in read_back, "the number is known"
    customer.press("Yes")
    [moved] = tasks_of(sam, customer)
    assert moved["id"] == first["id"]
    assert is_due_at(moved, "2026-12-01T11:00:00-06:00")


def test_another_business_calls_in_its_own_hours(consultancy: FrontDesk) -> None:
    customer, priya = Customer(consultancy.url), agent_of(consultancy, "priya@northlight-education.example")
    told = customer.say("can I talk to visas?")
    assert "Monday 7 December at 09:30" in told
    assert "Visas" in customer.say("please call me back")
    assert "Mon, 7 Dec, 09:30" in customer.say("01 555 0190")
    assert "Nobody from Visas is there at that time" in customer.say("Monday at half past one")
    assert "Monday 7 December at 15:10 (Greenwich Mean Time)" in customer.say("Monday at 15:10")
    assert "different" in customer.say("no")
    assert "Monday 7 December at 16:00" in customer.say("at 4 in the afternoon")
    assert "It's arranged" in customer.say("yes")
    [task] = tasks_of(priya, customer)
    assert (task["department"], task["phone"]) == ("visas", "+35315550190")
    assert is_due_at(task, "2026-12-07T16:00:00+00:00")
    assert priya.post(f"tasks/{task['id']}", {"state": "done"}).json()["task"]["agent"] == "Priya Nair"
