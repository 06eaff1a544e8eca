"""The website channel's doors: whose conversation it is, what may come in, and what a socket gets."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import Engine
from websockets.sync.client import connect

from business.model import Business
from tests.integration.bridge_world import (
    PATIENCE,
    Bridge,
    StandInRasa,
    Visitor,
    bridge_process,
    close_code,
    eventually,
    frames_until,
    rasa_server,
)

MESSAGES = "/channels/website/messages"


def test_the_first_answer_can_be_repeated_until_the_token_came_back(visitor: Visitor) -> None:
    first = visitor.send("hello", message_id="message-1").json()
    visitor.token = None
    again = visitor.send("hello", message_id="message-1")
    assert again.json() == first
    assert visitor.send("hello", message_id="message-1").status_code == 202
    visitor.token = None
    assert visitor.send("hello", message_id="message-1").status_code == 401


def test_first_contacts_at_once_make_one_conversation(bridge: Bridge) -> None:
    visitor = bridge.visitor()
    with ThreadPoolExecutor(12) as many:
        answers = list(many.map(lambda _: visitor.send("hello", message_id="message-1").json(), range(12)))
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1


def test_nobody_reads_another_visitors_conversation(bridge: Bridge, visitor: Visitor) -> None:
    visitor.say("a secret")
    other = bridge.visitor()
    other.say("hello")
    path = f"{MESSAGES}?visitor_id={visitor.id}"
    body = {"visitor_id": visitor.id, "message_id": secrets.token_hex(8), "text": "me too"}
    assert bridge.get(path).status_code == 401
    assert bridge.get(path, headers=other.headers).status_code == 404
    assert bridge.get(path, headers={"Authorization": "Bearer x"}).status_code == 404
    assert bridge.post(MESSAGES, body).status_code == 401
    assert bridge.post(MESSAGES, body, headers=other.headers).status_code == 404
    unknown = f"{MESSAGES}?visitor_id={'u' * 20}"
    assert [bridge.get(unknown).status_code, bridge.get(unknown, headers=other.headers).status_code] == [401, 404]


@pytest.mark.parametrize("token", ["", "wrong", "\u00e9"])
def test_a_socket_without_the_right_token_is_closed(visitor: Visitor, token: str) -> None:
    visitor.say("hello")
    with visitor.socket(token=token or " ") as socket:
        assert close_code(socket) == 4401


@pytest.mark.parametrize("first", ["no JSON", json.dumps({"type": "ping"}), json.dumps({"type": "hello", "after": -1})])
def test_a_socket_that_does_not_say_hello_is_closed(bridge: Bridge, visitor: Visitor, first: str) -> None:
    visitor.say("hello")
    address = bridge.url.replace("http", "ws") + f"/channels/website/socket?visitor_id={visitor.id}"
    with connect(address) as socket:
        socket.send(first)
        assert close_code(socket) == 4400


def test_a_frame_over_the_limit_closes_the_socket(visitor: Visitor) -> None:
    visitor.say("hello")
    with visitor.socket() as socket:
        socket.send("x" * 70_000)
        assert close_code(socket) == 1009


def test_a_socket_takes_up_where_the_last_one_ended(visitor: Visitor) -> None:
    visitor.say("one")
    visitor.wait_for("You said one")
    with visitor.socket() as socket:
        frames = frames_until(socket, lambda frame: frame.get("message", {}).get("text") == "You said one")
    seen = frames[-1]["message"]["id"]
    visitor.say("two")
    visitor.wait_for("You said two")
    with visitor.socket(after=seen) as socket:
        frames = frames_until(socket, lambda frame: frame.get("message", {}).get("text") == "You said two")
    assert [frame["message"]["text"] for frame in frames if frame["type"] == "message"] == ["two", "You said two"]


def test_a_message_by_socket_is_accepted_once_and_answered(visitor: Visitor, rasa: StandInRasa) -> None:
    visitor.say("hello")
    with visitor.socket() as socket:
        frame = json.dumps({"type": "message", "message_id": "by-socket-1", "text": "and by socket"})
        socket.send(frame)
        socket.send(frame)
        frames = frames_until(socket, lambda one: one.get("message", {}).get("text") == "You said and by socket")
        frames += [] if _accepted(frames) == 2 else frames_until(socket, lambda one: one["type"] == "accepted")
        socket.send(json.dumps({"type": "ping"}))
        frames_until(socket, lambda one: one["type"] == "pong")
    accepted = [frame for frame in frames if frame["type"] == "accepted"]
    assert accepted[0] == accepted[-1]
    assert accepted[0]["message_id"] == "by-socket-1"
    assert rasa.texts == ["hello", "and by socket"]


def _accepted(frames: list[dict[str, object]]) -> int:
    return sum(frame["type"] == "accepted" for frame in frames)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("[1, 2]", "body_invalid"),
        ('{"type": "message", "message_id": "by-socket-1", "text": "\\u0007"}', "text_empty"),
        ('{"type": "message", "message_id": "short", "text": "hi"}', "field_invalid"),
        ('{"type": "typing", "on": "yes"}', "field_invalid"),
        ('{"type": "dance"}', "frame_unknown"),
        ('{"type": "read", "up_to": NaN}', "body_invalid"),
    ],
)
def test_a_bad_frame_is_answered_and_the_socket_lives_on(visitor: Visitor, frame: str, code: str) -> None:
    visitor.say("hello")
    with visitor.socket() as socket:
        socket.send(frame)
        answer = frames_until(socket, lambda one: one["type"] == "error")[-1]
        assert answer["error"]["code"] == code
        socket.send(json.dumps({"type": "ping"}))
        frames_until(socket, lambda one: one["type"] == "pong")


def test_the_customer_sees_who_types_and_what_was_read(bridge: Bridge, visitor: Visitor) -> None:
    said = visitor.say("hello")
    sam = bridge.agent("Sam")
    with visitor.socket() as socket:
        frames_until(socket, lambda frame: frame["type"] == "status")
        sam.post(f"/conversations/{visitor.conversation_id}/typing", {"on": True})
        sam.post(f"/conversations/{visitor.conversation_id}/read", {"up_to": said})
        frames = frames_until(socket, lambda frame: frame["type"] == "read")
    assert {"type": "typing", "author": "agent", "name": "Sam Okafor", "on": True} in frames
    assert frames[-1] == {"type": "read", "author": "agent", "up_to": said}


def test_a_bridge_that_ends_sends_its_sockets_elsewhere(engine: Engine, magnolia: Business) -> None:
    with rasa_server(StandInRasa()) as url:
        with bridge_process(engine, magnolia, url) as bridge:
            visitor = bridge.visitor()
            visitor.say("hello")
            socket = visitor.socket()
            frames_until(socket, lambda frame: frame["type"] == "status")
        assert close_code(socket) == 1001


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('""', 422),
        ('"  \\n "', 422),
        ('"\\u0000\\u0007\\u001b"', 422),
        ("null", 422),
        ("17", 422),
        ('["a"]', 422),
        ('"\\ud800"', 422),
        ('"' + "x" * 4001 + '"', 422),
        ('"' + "x" * 4000 + '"', 202),
        ("NaN", 400),
        ("9" * 5000, 400),
        ('"/restart"', 202),
        ('"a\\u0000b\\u0007c"', 202),
    ],
)
def test_only_text_comes_in(bridge: Bridge, rasa: StandInRasa, text: str, status: int) -> None:
    visitor_id = secrets.token_hex(16)
    body = f'{{"visitor_id": "{visitor_id}", "message_id": "message-1", "text": {text}}}'
    response = requests.post(bridge.url + MESSAGES, data=body.encode(), timeout=PATIENCE)
    assert response.status_code == status
    if status == 202:
        assert not set(response.json()["message"]["text"]) & set("\x00\x07")
    else:
        assert response.json()["error"].keys() == {"code", "message"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"a":' * 12_000, 400),
        (b"[" * 60_000, 400),
        (b"{}", 422),
        (b'{"visitor_id": "short", "message_id": "message-1", "text": "hi"}', 422),
        (b'{"visitor_id": "0123456789abcdef\\n", "message_id": "message-1", "text": "hi"}', 422),
        (b'{"visitor_id": 17, "message_id": "message-1", "text": "hi"}', 422),
        (b'{"visitor_id": "0123456789abcdef", "message_id": "message-1", "text": "hi", "button": 1}', 422),
        (b'{"visitor_id": "0123456789abcdef", "message_id": "message-1", "text": "hi", "button": "\\ud800"}', 422),
        (b'{"visitor_id": "0123456789abcdef", "message_id": "message-1", "text": "hi", "button": "none"}', 422),
        (b" " * 70_000, 413),
    ],
)
def test_a_malformed_body_is_refused_with_a_reason(bridge: Bridge, body: bytes, status: int) -> None:
    response = requests.post(bridge.url + MESSAGES, data=body, timeout=PATIENCE)
    assert response.status_code == status
    assert response.json()["error"].keys() == {"code", "message"}


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 30, "٣", "%00"])
def test_a_bad_place_to_begin_is_refused(bridge: Bridge, visitor: Visitor, after: str) -> None:
    visitor.say("hello")
    path = f"{MESSAGES}?visitor_id={visitor.id}&after={after}"
    assert bridge.get(path, headers=visitor.headers).status_code == 422


def test_every_wrong_address_and_method_is_answered_in_one_shape(bridge: Bridge) -> None:
    answers = [
        bridge.get("/nowhere"),
        bridge.get("/inbox/api/nowhere"),
        requests.put(bridge.url + MESSAGES, timeout=PATIENCE),
        bridge.get("/bridge/availability"),
        bridge.get("/shared/%2e%2e/errors.py"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 405, 401, 404]
    assert all(answer.json()["error"].keys() == {"code", "message"} for answer in answers)


def test_the_widget_may_be_framed_by_any_website_and_nothing_else_may(bridge: Bridge) -> None:
    policies = {path: bridge.get(path).headers["Content-Security-Policy"] for path in ("/", "/widget/", "/inbox/")}
    assert {path for path, policy in policies.items() if "frame-ancestors *" in policy} == {"/widget/"}
    assert all("default-src 'none'" in policy and "unsafe" not in policy for policy in policies.values())


def test_the_configuration_falls_back_to_the_first_language(bridge: Bridge) -> None:
    config = bridge.get("/channels/website/config?language=xx").json()
    assert (config["language"], config["languages"], config["limits"]) == ("en", ["en"], {"characters": 4000})
    assert config["greeting"].startswith("Hi! I'm the assistant of Magnolia Motors.")


def test_operators_see_what_is_up_and_what_is_not(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    visitor.say("hello")
    visitor.wait_for("You said hello")
    assert bridge.get("/health").json() == {"status": "ok"}
    ready = eventually(lambda: bridge.get("/ready"), lambda answer: answer.status_code == 200)
    assert ready.json()["status"] == "degraded"  # nobody plays the actions here
    assert ready.json()["database"]["state"] == "up"
    assert [one["state"] for one in ready.json()["rasa"]] == ["up"]
    assert ready.json()["actions"]["state"] == "down"
    eventually(lambda: 'frontdesk_turns_total{outcome="done"} 1.0' in bridge.get("/metrics").text)
    rasa.status = 503
    ready = eventually(lambda: bridge.get("/ready"), lambda answer: answer.status_code == 503)
    assert ready.json()["status"] == "not_ready"
    assert ready.json()["rasa"] == [
        {"url": bridge.services.settings.rasa_urls[0], "state": "down", "seen": "status 503"}
    ]
