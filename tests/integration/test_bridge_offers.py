"""Offers, capacity, escalations and staffing as the pages of agents and customers see them."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from websockets.sync.client import ClientConnection

from business.hours import next_open
from business.model import Business
from business.routing import Escalation
from tests.integration.bridge_world import (
    AgentClient,
    Bridge,
    StandInRasa,
    Visitor,
    bridge_process,
    eventually,
    frames_until,
    rasa_server,
)
from tests.integration.routing_world import routed

type Frame = dict[str, Any]


@pytest.fixture
def business(magnolia: Business) -> Business:
    """A dealership that offers everywhere; what is urgent goes up after 20 seconds, then to service after 40."""
    tiers = (
        Escalation(urgency="urgent", after_seconds=20, to="supervisor"),
        Escalation(urgency="urgent", after_seconds=40, to="service"),
    )
    return routed(magnolia, escalation=tiers)


@pytest.fixture
def bridge(engine: Engine, business: Business) -> Iterator[Bridge]:
    with rasa_server(StandInRasa()) as url, bridge_process(engine, business, url) as running:
        yield running


@pytest.fixture
def page(sam: AgentClient) -> Iterator[ClientConnection]:
    """Sam's inbox, open."""
    with sam.socket() as socket:
        frames_until(socket, _is("agents"))
        yield socket
        with suppress(TimeoutError):
            while True:  # a page that does not read is slow to close
                socket.recv(timeout=0.1)


def _is(kind: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["type"] == kind


def talking(bridge: Bridge) -> Visitor:
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    return visitor


def waiting(bridge: Bridge, department: str = "sales", urgency: str = "normal") -> Visitor:
    visitor = talking(bridge)
    path = f"/bridge/conversations/{visitor.conversation_id}/handoff"
    assert bridge.from_actions(path, {"department": department, "urgency": urgency}).status_code == 200
    return visitor


def offers(agent: AgentClient) -> list[str]:
    return [one["conversation"]["id"] for one in agent.get("/offers").json()["offers"]]


def answer(agent: AgentClient, visitor: Visitor, wish: object) -> tuple[int, str | None]:
    response = agent.post(f"/conversations/{visitor.conversation_id}/offer", {"answer": wish})
    return response.status_code, response.json()["error"]["code"] if response.status_code >= 400 else None


def test_an_offer_reaches_the_agents_page_and_is_taken_there(
    bridge: Bridge, sam: AgentClient, page: ClientConnection
) -> None:
    visitor = waiting(bridge)
    frames_until(page, _is("offers"))
    (offer,) = sam.get("/offers").json()["offers"]
    assert (offer["conversation"]["id"], offer["conversation"]["state"]) == (visitor.conversation_id, "waiting")
    assert offer["offered_at"] < offer["until"]
    path = f"/conversations/{visitor.conversation_id}/offer"
    accepted = sam.post(path, {"answer": "accept"})
    assert (accepted.status_code, accepted.json()["conversation"]["assigned_to"]["name"]) == (200, "Sam Okafor")
    assert sam.post(path, {"answer": "accept"}).status_code == 200
    assert (offers(sam), visitor.status()["agent"]) == ([], "Sam Okafor")


def test_an_offer_that_is_declined_goes_to_the_next_page_at_once(
    bridge: Bridge, sam: AgentClient, page: ClientConnection
) -> None:
    visitor = waiting(bridge)
    frames_until(page, _is("offers"))
    with bridge.agent("Maria").socket() as other:
        assert answer(sam, visitor, "decline") == (204, None)
        assert answer(sam, visitor, "decline") == (204, None)
        frames_until(other, _is("offers"))
    maria = bridge.agent("Maria")
    assert (offers(maria), offers(sam)) == ([visitor.conversation_id], [])
    assert answer(sam, visitor, "accept") == (409, "offer_over")


def test_a_wrong_answer_is_told(bridge: Bridge, sam: AgentClient) -> None:
    visitor = waiting(bridge)
    assert answer(sam, visitor, "perhaps") == (422, "field_invalid")
    assert answer(sam, visitor, ["accept"]) == (422, "field_invalid")
    assert answer(sam, visitor, "accept") == (409, "offer_over")
    assert answer(sam, visitor, "decline") == (409, "offer_over")
    visitor.conversation_id = "unknown"
    assert answer(sam, visitor, "accept") == (404, "not_found")
    sam.csrf = "wrong"
    assert answer(sam, visitor, "accept") == (403, "csrf")


def test_who_comes_online_is_asked_at_once(bridge: Bridge, sam: AgentClient, page: ClientConnection) -> None:
    sam.post("/availability", {"availability": "busy"})
    visitor = waiting(bridge)
    assert offers(sam) == []
    sam.post("/availability", {"availability": "online"})
    frames_until(page, _is("offers"))
    assert offers(sam) == [visitor.conversation_id]
    sam.post("/availability", {"availability": "offline"})
    frames_until(page, _is("offers"))
    assert offers(sam) == []


def test_the_status_of_who_waits_follows_the_agents_who_come_and_go(
    bridge: Bridge, sam: AgentClient, page: ClientConnection
) -> None:
    experience = talking(bridge).conversation_id
    for _ in range(10):
        sam.moves(experience, "take_over")
        sam.moves(experience, "return")
    sam.post("/availability", {"availability": "offline"})
    visitor = waiting(bridge)
    with visitor.socket() as socket:

        def told(wait: Frame | None) -> Callable[[Frame], bool]:
            return lambda frame: frame["type"] == "status" and frame["status"]["wait_seconds"] == wait

        frames_until(socket, told(None))
        sam.post("/availability", {"availability": "online"})
        frames_until(socket, told({"low": 0, "high": 0}))
        bridge.clock.advance(timedelta(minutes=3))  # and nothing is heard of Sam
        frames_until(socket, told(None))
        page.send(json.dumps({"type": "heartbeat"}))
        frames_until(socket, told({"low": 0, "high": 0}))


def test_who_is_full_or_set_to_offline_is_told(bridge: Bridge, sam: AgentClient) -> None:
    held = [talking(bridge) for _ in range(4)]
    for visitor in held:
        sam.moves(visitor.conversation_id, "take_over")
    one_more = talking(bridge)
    answers = [sam.move(one_more.conversation_id, "take_over"), sam.reply(one_more.conversation_id, "Hello")]
    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(409, "at_capacity")}
    assert one_more.status()["state"] == "with_assistant"
    sam.moves(held[0].conversation_id, "return")
    sam.post("/availability", {"availability": "offline"})
    answers = [sam.move(one_more.conversation_id, "take_over"), sam.reply(one_more.conversation_id, "Hello")]
    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(409, "set_offline")}
    assert sam.reply(held[1].conversation_id, "I am still with you").status_code == 201


def test_supervisors_are_told_when_nobody_answers_and_the_customer_of_the_new_place(
    bridge: Bridge, business: Business
) -> None:
    opens = next_open(business, bridge.clock(), department="service")
    assert opens is not None
    bridge.clock.advance(opens - bridge.clock() + timedelta(hours=1))
    maria = bridge.agent("Maria")
    maria.post("/availability", {"availability": "busy"})
    first = waiting(bridge, "service", "urgent")
    visitor = waiting(bridge, "sales", "urgent")
    with maria.socket() as above, bridge.agent("Sam").socket() as below, visitor.socket() as socket:
        bridge.agent("Sam").post("/availability", {"availability": "busy"})
        bridge.clock.advance(timedelta(seconds=21))
        told = frames_until(above, lambda frame: frame.get("conversation_id") == visitor.conversation_id)[-1]
        went_up = {"type": "escalation", "conversation_id": visitor.conversation_id, "tier": 1, "after": "supervisor"}
        assert told == went_up
        bridge.clock.advance(timedelta(seconds=20))
        frames_until(above, lambda frame: frame == {**went_up, "tier": 2, "after": "service"})
        frames_until(socket, lambda frame: frame["type"] == "status" and frame["status"]["position"] == 2)
        bridge.clock.advance(timedelta(seconds=1))
        bridge.agent("Maria").post("/availability", {"availability": "offline"})
        heard = frames_until(below, lambda f: f["type"] == "agents" and "offline" in str(f["agents"]))
        assert "escalation" not in {frame["type"] for frame in heard}
    assert eventually(first.status)["position"] == 1


def test_staffing_is_for_supervisors(bridge: Bridge, sam: AgentClient) -> None:
    refused = sam.get("/staffing?department=sales")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "supervisors_only")
    maria = bridge.agent("Maria")
    assert maria.get("/staffing?department=kitchen").status_code == 422
    waiting(bridge)
    found = maria.get("/staffing").json()
    assert found["department"] == "sales"
    assert found["target"] == {"share": 0.8, "seconds": 60}
    assert found["handling"] == {"seconds": 300, "sample": 0, "assumed": True}
    assert found["now"] == {
        "agents": 0,
        "slots": 0,
        "requests_per_hour": 1,
        "wait_probability": 1,
        "mean_wait_seconds": None,
    }
    assert [hour["hour"] for hour in found["hours"]] == list(range(24))
    assert sum(hour["agents_needed"] for hour in found["hours"]) == 1
