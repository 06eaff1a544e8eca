"""The action server over real sockets, and its two neighbours failing."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from actions.bridge import Bridge
from actions.context import Context
from actions.server import serving
from business.model import Business
from database.engine import connect
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.talk import DOMAIN, Talk

NOW = datetime(2026, 12, 2, 16, tzinfo=UTC)
SECRET = "s" * 32


class StandInBridge(ThreadingHTTPServer):
    """Answers as the bridge does, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, str, Any, str]] = []
        self.answers: dict[str, Any] = {
            "availability": {"open": True, "next_open": None, "agents_online": 1},
            "handoff": {"state": "waiting", "position": 2, "wait_seconds": None, "assigned_to": None},
            "withdraw": {"state": "with_assistant"},
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: StandInBridge

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        secret = self.headers.get("X-Frontdesk-Secret", "")
        self.server.asked.append((self.command, self.path, json.loads(body or b"null"), secret))
        answer = next(answer for name, answer in self.server.answers.items() if name in self.path)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def bridge() -> Iterator[StandInBridge]:
    with StandInBridge() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def context(engine: Engine, magnolia: Business, bridge: StandInBridge) -> Context:
    calendar = Calendar(magnolia, PostgresStore(engine), lambda: NOW)
    return Context(magnolia, calendar, Bridge(bridge.url, SECRET), lambda: NOW)


def served[T](context: Context, ask: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """What `ask` gives while the server is up."""

    async def run() -> T:
        async with serving(context, "127.0.0.1", 0) as port:
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
                return await ask(client)

    return asyncio.run(run())


def call(action: str, text: str, intent: str) -> dict[str, Any]:
    """What Rasa 3.6 sends."""
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "message_id": "m1"}
    events = [{"event": "user", "text": text, "parse_data": message}, {"event": "active_loop", "name": "booking_form"}]
    tracker = {
        "sender_id": "c-1", "slots": {}, "latest_message": message, "events": events, "paused": False,
        "followup_action": None, "active_loop": {}, "latest_action_name": "action_listen",
    }  # fmt: skip
    return {"next_action": action, "sender_id": "c-1", "tracker": tracker, "domain": DOMAIN, "version": "3.6.21"}


def test_rasa_is_answered_over_http(context: Context) -> None:
    async def ask(client: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        return await client.get("/health"), await client.post(
            "/webhook", json=call("validate_booking_form", "hi", "book")
        )

    health, answer = served(context, ask)
    assert health.json() == {"status": "ok"}
    [said] = answer.json()["responses"]
    assert said["response"] == "say_ask_service"
    assert said["lines"].startswith("1. Test drive\n2. Oil change")
    assert answer.json()["events"][-1] == {
        "event": "slot",
        "timestamp": None,
        "name": "requested_slot",
        "value": "service",
    }


def test_an_unknown_action_is_told(context: Context) -> None:
    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/webhook", json=call("action_unknown", "hi", "book"))

    assert served(context, ask).status_code == 404


def test_a_person_is_asked_for_once_with_the_department_of_the_service(context: Context, bridge: StandInBridge) -> None:
    talk = Talk(context, "c-1")
    talk.say("oil change Friday at 10", "book", service="oil_change")
    talk.say("can I talk to someone?", "request_human")
    assert talk.run("action_request_handoff") == ["say_handoff_position"]
    assert (talk.values["department"], talk.values["position"]) == ("Service", 2)
    assert talk.slots["requested_slot"] is None
    assert talk.slots["opening"], "what is known stays for the person and for later"
    method, path, body, secret = bridge.asked[0]
    assert (method, path, secret) == ("POST", "/bridge/conversations/c-1/handoff", SECRET)
    assert body["department"] == "service"


def test_out_of_hours_the_customer_hears_when_somebody_is_back(context: Context, bridge: StandInBridge) -> None:
    bridge.answers["availability"] = {"open": False, "next_open": "2026-12-03T08:00:00-06:00", "agents_online": 0}
    talk = Talk(context, "c-1")
    assert talk.run("action_request_handoff") == ["say_handoff_closed"]
    assert (talk.values["day"], talk.values["time"]) == ("Thursday, December 3", "8:00 AM")


def test_closed_with_no_opening_in_sight_is_said_without_a_date(context: Context, bridge: StandInBridge) -> None:
    bridge.answers["availability"] = {"open": False, "next_open": None, "agents_online": 0}
    assert Talk(context, "c-1").run("action_request_handoff") == ["say_handoff_away"]


def test_in_the_hours_with_nobody_online_that_is_said(context: Context, bridge: StandInBridge) -> None:
    bridge.answers["availability"] = {"open": True, "next_open": None, "agents_online": 0}
    talk = Talk(context, "c-1")
    assert talk.run("action_request_handoff") == ["say_handoff_nobody"]
    assert talk.slots["department"] == "sales", "whoever asks to be called next means this department"


@pytest.mark.parametrize(("low", "response"), [(14 * 60, "say_handoff_position"), (15 * 60, "say_handoff_long")])
def test_a_line_longer_than_anybody_is_kept_waiting_is_called_long(
    context: Context, bridge: StandInBridge, low: int, response: str
) -> None:
    bridge.answers["handoff"] |= {"position": 9, "wait_seconds": {"low": low, "high": 2 * low}}
    talk = Talk(context, "c-1")
    assert talk.run("action_request_handoff") == [response]
    assert talk.values["position"] == 9


def test_the_agent_who_has_the_conversation_is_named(context: Context, bridge: StandInBridge) -> None:
    bridge.answers["handoff"] = {"state": "with_agent", "position": None, "assigned_to": "Sam Okafor"}
    talk = Talk(context, "c-1")
    assert talk.run("action_request_handoff") == ["say_handoff_taken"]
    assert talk.values["agent"] == "Sam Okafor"


def test_not_waiting_any_more(context: Context, bridge: StandInBridge) -> None:
    talk = Talk(context, "c-1")
    assert talk.run("action_withdraw") == ["say_withdrawn"]
    assert bridge.asked[0][1] == "/bridge/conversations/c-1/withdraw"


@pytest.mark.parametrize("answer", [b"", b"[]", b"not json"])
def test_a_bridge_that_talks_nonsense_is_answered_for(context: Context, bridge: StandInBridge, answer: bytes) -> None:
    bridge.answers["handoff"] = bridge.answers["withdraw"] = answer
    talk = Talk(context, "c-1")
    assert talk.run("action_request_handoff") == ["say_handoff_failed"]
    assert talk.run("action_withdraw") == ["say_withdraw_failed"]


def test_a_bridge_that_is_down_gets_the_customer_a_sentence(context: Context, magnolia: Business) -> None:
    talk = Talk(replace(context, bridge=Bridge("http://127.0.0.1:9", SECRET)), "c-1")
    assert talk.run("action_request_handoff") == ["say_handoff_failed"]
    assert talk.values["phone"] == magnolia.contact.phone


def test_without_a_calendar_a_person_can_still_be_had(context: Context, magnolia: Business) -> None:
    nowhere = connect("postgresql://nobody@127.0.0.1:9/none")
    talk = Talk(replace(context, calendar=Calendar(magnolia, PostgresStore(nowhere), lambda: NOW)), "c-1")
    assert talk.say("oil change Friday at 10", "book", service="oil_change") == ["say_calendar_down"]
    assert talk.run("action_stop")
    assert talk.run("action_request_handoff") == ["say_handoff_position"]
    nowhere.dispose()


def test_a_session_carries_named_facts_and_says_nothing(context: Context) -> None:
    talk = Talk(context, "c-1", slots={"customer_name": "Ana", "offered": ["2026-12-04T10:00:00-06:00"], "email": None})
    assert talk.run("action_session_start") == []


def test_opening_hours_are_told_for_the_week_or_the_day_asked_about(context: Context) -> None:
    talk = Talk(context, "c-1")
    talk.form = "booking_form"
    talk.say("when are you open?", "opening_hours")
    assert talk.run("action_opening_hours") == ["say_opening_hours"]
    assert talk.values["lines"].splitlines()[:2] == [
        "Monday – Friday: 8:00 AM – 8:00 PM",
        "Saturday: 9:00 AM – 6:00 PM",
    ]
    talk.say("are you open on Christmas day?", "opening_hours")
    assert talk.run("action_opening_hours") == ["say_closed_on"]
    assert talk.values["day"] == "Friday, December 25"


@pytest.mark.parametrize(
    ("text", "intent", "before", "follows"),
    [
        ("yes", "affirm", "say_offer_person", "action_request_handoff"),
        ("yes", "affirm", "utter_thank", "action_how_to_help"),
        ("Friday at 10", "inform", "utter_greet", "booking_form"),
        ("K7QF-29TM", "inform", "utter_greet", "find_form"),
        ("call me on Friday at 10, 512 555 0142", "inform", "utter_greet", "callback_form"),
        ("purple", "inform", "utter_greet", "action_fallback"),
    ],
)
def test_a_stray_answer_is_taken_up(context: Context, text: str, intent: str, before: str, follows: str) -> None:
    talk = Talk(context, "c-1", events=[{"event": "user", "parse_data": {}}])
    talk.events += [{"event": "bot", "metadata": {"utter_action": before}}, _said(text, intent)]
    assert _followups(talk, "action_take_up") == [follows]


def test_not_understood_is_said_once_and_then_a_person_is_offered(context: Context) -> None:
    talk = Talk(context, "c-1")
    talk.events.append(_said("purple monkey", "nlu_fallback"))
    assert talk.run("action_fallback") == ["say_rephrase"]
    talk.events.append(_said("dishwasher", "nlu_fallback"))
    assert talk.run("action_fallback") == ["say_offer_person"]


def test_who_asks_to_be_called_is_understood_without_an_intent(context: Context) -> None:
    talk = Talk(context, "c-1")
    talk.events.append(_said("ring me on 512 555 0142 at noon", "nlu_fallback"))
    assert _followups(talk, "action_fallback") == ["callback_form"]


def _said(text: str, intent: str) -> dict[str, Any]:
    said = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], "message_id": text}
    return {"event": "user", "text": text, "parse_data": said}


def _followups(talk: Talk, action: str) -> list[str]:
    talk.run(action)
    return [event["name"] for event in talk.returned if event["event"] == "followup"]
