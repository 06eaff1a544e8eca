"""An agent books, moves and cancels for a customer: once each, never twice into one opening, only what is theirs."""

import secrets
from datetime import datetime

import pytest
from sqlalchemy import Engine

from business.model import Business
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.integration.bridge_world import PATIENCE, AgentClient, Bridge, Visitor


@pytest.fixture
def calendar(bridge: Bridge, engine: Engine, magnolia: Business) -> Calendar:
    return Calendar(magnolia, PostgresStore(engine), bridge.clock)


@pytest.fixture
def path(sam: AgentClient, visitor: Visitor) -> str:
    """The appointments of a customer known as Robin Vale."""
    visitor.say("hello")
    contact = {"name": "Robin Vale", "email": "robin@example.org"}
    assert sam.patch(f"/conversations/{visitor.conversation_id}/contact", contact).status_code == 200
    return f"/conversations/{visitor.conversation_id}/appointments"


def wish(start: datetime, **more: str) -> dict[str, str]:
    return {"start": start.isoformat(), "request_id": secrets.token_hex(8), **more}


def test_an_agent_books_moves_and_cancels_under_one_code(calendar: Calendar, sam: AgentClient, path: str) -> None:
    first, second = (one.start for one in calendar.offer("oil_change").openings[-2:])
    answer = sam.post(path, wish(first, service="oil_change"))
    assert answer.status_code == 200, answer.text
    booked = answer.json()["appointment"]
    assert (booked["starts_at"], booked["state"]) == (first.isoformat(), "booked")

    moved = sam.post(f"{path}/{booked['id']}/move", wish(second)).json()["appointment"]
    assert (moved["code"], moved["starts_at"]) == (booked["code"], second.isoformat())
    (shown,) = sam.get(f"/calendar?from={second.date()}").json()["appointments"]
    assert (shown["customer"], shown["starts_at"]) == ("Robin Vale", second.isoformat())

    once = {"request_id": secrets.token_hex(8)}
    sam.post(f"{path}/{booked['id']}/cancel", once)
    cancelled = sam.post(f"{path}/{booked['id']}/cancel", once)
    assert cancelled.json()["appointment"]["state"] == "cancelled"
    assert sam.get(f"/calendar?from={second.date()}").json()["appointments"] == []


def test_the_same_request_again_books_no_second_time(calendar: Calendar, sam: AgentClient, path: str) -> None:
    body = wish(calendar.offer("oil_change").openings[-1].start, service="oil_change")
    first, again = sam.post(path, body).json(), sam.post(path, body).json()
    assert first == again
    assert len(calendar.upcoming(path.split("/")[2])) == 1


def test_who_comes_too_late_is_given_other_openings(calendar: Calendar, sam: AgentClient, path: str) -> None:
    start = calendar.offer("oil_change").openings[-1].start
    for number in (1, 2):  # as many as there are bays
        calendar.hold("oil_change", start, conversation_id=f"c-{number}", request_key=f"hold-{number}")
    answer = sam.post(path, wish(start, service="oil_change"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "opening_taken")
    openings = [one["starts_at"] for one in answer.json()["openings"]]
    assert openings
    assert start.isoformat() not in openings


def test_another_conversations_appointment_cannot_be_touched(
    calendar: Calendar, sam: AgentClient, bridge: Bridge, path: str
) -> None:
    start = calendar.offer("oil_change").openings[-1].start
    booked = sam.post(path, wish(start, service="oil_change")).json()["appointment"]
    other = bridge.visitor()
    other.say("hello")
    theirs = f"/conversations/{other.conversation_id}/appointments/{booked['id']}/cancel"
    assert sam.post(theirs, {"request_id": secrets.token_hex(8)}).status_code == 404
    assert len(calendar.upcoming(path.split("/")[2])) == 1


def test_what_is_wrong_is_said(bridge: Bridge, calendar: Calendar, sam: AgentClient, path: str) -> None:
    start = calendar.offer("oil_change").openings[-1].start
    good = wish(start, service="oil_change")
    answers = [
        sam.post(path, good | {"service": "none"}),
        sam.post(path, good | {"start": "tomorrow"}),
        sam.post(path, good | {"start": "2026-12-01T10:00:00"}),
        sam.post(path, good | {"start": start.replace(minute=7).isoformat()}),
        sam.post(path, {"service": "oil_change", "start": start.isoformat()}),
        sam.post("/conversations/none/appointments", good),
        sam.post(f"{path}/x/cancel", good),
        sam.session.post(f"{bridge.url}/inbox/api{path}", json=good, timeout=PATIENCE),
    ]
    assert [answer.status_code for answer in answers] == [404, 422, 422, 422, 422, 404, 404, 403]
    assert calendar.upcoming(path.split("/")[2]) == ()


def test_openings_are_those_of_the_day_asked_for(calendar: Calendar, sam: AgentClient) -> None:
    day = calendar.offer("oil_change").openings[-1].start.date()
    found = sam.get(f"/calendar/openings?service=oil_change&day={day}").json()
    assert {"key": "oil_change", "name": "oil change"} in found["services"]
    starts = [datetime.fromisoformat(one["starts_at"]) for one in found["openings"]]
    assert starts
    assert {start.date() for start in starts} == {day}
    assert sam.get("/calendar/openings").json()["openings"] == []
    for wrong in ("service=none&day=2026-12-01", "service=oil_change", "service=oil_change&day=x"):
        assert sam.get(f"/calendar/openings?{wrong}").status_code == 422
