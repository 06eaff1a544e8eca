"""The switch by phone number: the assistant is silent while somebody of the business answers elsewhere."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import Engine, text

from tests.integration.bridge_world import (
    PATIENCE,
    SECRET,
    Bridge,
    StandInRasa,
    Visitor,
)

PHONE = "+15125550100"
KNOWS = {"X-Frontdesk-Secret": SECRET}


@pytest.fixture
def visitor(bridge: Bridge, rasa: StandInRasa) -> Visitor:
    """A visitor who left a phone number."""
    rasa.say = lambda turn: {"messages": [{"text": f"You said {turn['text']}"}], "slots": {"phone": PHONE}}
    visitor = bridge.visitor()
    visitor.say("call me")
    visitor.wait_for("You said call me")
    return visitor


def status(bridge: Bridge, phone: str = PHONE) -> requests.Response:
    return bridge.get(f"/api/bot/status/{phone}", headers=KNOWS)


def toggle(bridge: Bridge, **body: Any) -> requests.Response:
    return bridge.post(f"/api/bot/toggle/{PHONE}", body, headers=KNOWS)


def turned(bridge: Bridge, **body: Any) -> str:
    """The switch after it was used, which must work."""
    response = toggle(bridge, **body)
    assert response.status_code == 200, response.text
    assert response.json() == status(bridge).json()
    return str(response.json()["bot"])


@pytest.mark.parametrize("written", [PHONE, quote(PHONE, safe=""), "(512) 555-0100", "512-555-0100", "15125550100"])
def test_a_number_is_found_however_it_is_written(bridge: Bridge, visitor: Visitor, written: str) -> None:
    assert status(bridge, written).json() == {
        "phone": PHONE,
        "conversation_id": visitor.conversation_id,
        "state": "with_assistant",
        "bot": "on",
    }


def test_what_is_no_number_and_what_nobody_has_is_told_apart(bridge: Bridge, visitor: Visitor) -> None:
    assert status(bridge, "12").status_code == 422
    assert status(bridge, "kim").status_code == 422
    assert status(bridge, "+15125550199").status_code == 404
    assert bridge.post("/api/bot/toggle/+15125550199", {}, headers=KNOWS).status_code == 404


def test_only_programs_that_know_the_secret_may_use_it(bridge: Bridge, visitor: Visitor) -> None:
    assert bridge.get(f"/api/bot/status/{PHONE}").status_code == 401
    assert bridge.post(f"/api/bot/toggle/{PHONE}", {}, headers={"X-Frontdesk-Secret": "wrong"}).status_code == 401
    assert visitor.status()["state"] == "with_assistant"


def test_off_silences_the_assistant_and_on_brings_it_back(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    assert turned(bridge, enabled=False) == "off"
    assert visitor.status() | {"wait_seconds": None} == {
        "state": "with_agent",
        "agent": "Magnolia Motors",
        "position": None,
        "wait_seconds": None,
        "assistant": "ok",
    }
    visitor.say("are you there?")
    assert turned(bridge, enabled=True) == "on"
    visitor.say("and now?")
    visitor.wait_for("You said and now?")
    assert rasa.texts == ["call me", "and now?"]


def test_it_is_safe_to_repeat(bridge: Bridge, visitor: Visitor, engine: Engine) -> None:
    assert [turned(bridge, enabled=wanted) for wanted in (True, False, False, True, True)] == [
        "on",
        "off",
        "off",
        "on",
        "on",
    ]
    with engine.connect() as connection:
        moves = connection.execute(text("select move, mover, reason from transitions order by id")).all()
        outside = connection.execute(text("select count(*) from agents where place = 'outside'")).scalar_one()
    assert [tuple(row) for row in moves] == [("take_over", "agent", "switch"), ("return", "agent", "switch")]
    assert outside == 1


def test_without_a_wish_it_changes_over(bridge: Bridge, visitor: Visitor) -> None:
    assert [turned(bridge) for _ in range(3)] == ["off", "on", "off"]
    empty = requests.post(f"{bridge.url}/api/bot/toggle/{PHONE}", headers=KNOWS, timeout=PATIENCE)
    assert empty.json()["bot"] == "on"
    assert toggle(bridge, enabled="yes").status_code == 422


def test_it_takes_a_conversation_out_of_the_line(bridge: Bridge, visitor: Visitor) -> None:
    bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "sales"})
    assert status(bridge).json()["bot"] == "on"
    assert turned(bridge, enabled=False) == "off"
    assert turned(bridge, enabled=True) == "on"
    assert visitor.status()["state"] == "with_assistant"


def test_an_agent_of_the_inbox_keeps_the_conversation(bridge: Bridge, visitor: Visitor) -> None:
    sam = bridge.agent("Sam")
    sam.moves(visitor.conversation_id, "take_over")
    assert turned(bridge, enabled=False) == "off"
    refused = toggle(bridge, enabled=True)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_yours")
    assert toggle(bridge).status_code == 409
    assert sam.open(visitor.conversation_id)["conversation"]["assigned_to"]["name"] == "Sam Okafor"


def test_a_resolved_conversation_waits_for_the_customer(bridge: Bridge, visitor: Visitor) -> None:
    bridge.agent("Sam").moves(visitor.conversation_id, "resolve")
    assert turned(bridge, enabled=True) == "on"
    assert toggle(bridge, enabled=False).status_code == 409


def test_somebody_outside_is_never_gone_never_asked_and_never_seen(bridge: Bridge, visitor: Visitor) -> None:
    turned(bridge, enabled=False)
    other = bridge.visitor()
    other.say("hello")
    bridge.from_actions(f"/bridge/conversations/{other.conversation_id}/handoff", {"department": "sales"})
    bridge.clock.advance(timedelta(hours=11))
    maria = bridge.agent("Maria")
    assert "Magnolia Motors" not in {agent["name"] for agent in maria.get("/me").json()["agents"]}
    assert maria.open(visitor.conversation_id)["conversation"]["assigned_to"]["name"] == "Magnolia Motors"
    bridge.services.clockwork.tick()
    assert visitor.status()["state"] == "with_agent"
    assert other.status()["agent"] is None
    assert maria.moves(visitor.conversation_id, "return")["state"] == "with_assistant"
    assert status(bridge).json()["bot"] == "on"


def test_nobody_logs_in_as_somebody_outside(bridge: Bridge, visitor: Visitor) -> None:
    turned(bridge, enabled=False)
    for password in ("", "!", "outside"):
        login = {"email": "outside@magnolia-motors.example", "password": password}
        assert bridge.post("/inbox/api/login", login).status_code == 401


def test_it_has_room_for_every_customer(bridge: Bridge, rasa: StandInRasa) -> None:
    for number in range(6):
        slots = {"phone": f"+1512555010{number}"}
        rasa.say = lambda _, slots=slots: {"messages": [{"text": "Noted"}], "slots": slots}
        visitor = bridge.visitor()
        visitor.say("call me")
        visitor.wait_for("Noted")
        response = bridge.post(f"/api/bot/toggle/{slots['phone']}", {"enabled": False}, headers=KNOWS)
        assert response.json()["bot"] == "off"


def test_the_conversation_changed_last_is_the_one_meant(bridge: Bridge, visitor: Visitor) -> None:
    later = bridge.visitor()
    later.say("call me, too")
    later.wait_for("You said call me, too")
    assert status(bridge).json()["conversation_id"] == later.conversation_id
    visitor.say("me again")
    visitor.wait_for("You said me again")
    assert status(bridge).json()["conversation_id"] == visitor.conversation_id


def test_a_channel_whose_address_is_the_number_is_found(bridge: Bridge, engine: Engine, visitor: Visitor) -> None:
    with engine.begin() as connection:
        connection.execute(text("update contacts set address = '15125550111', channel = 'whatsapp', phone = null"))
    assert status(bridge, "+1 512 555 0111").json()["conversation_id"] == visitor.conversation_id
