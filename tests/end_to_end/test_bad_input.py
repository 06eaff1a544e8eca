"""Bad input at the public door: a clear answer each time, and nothing of it reaches Rasa."""

import uuid

import pytest
import requests

from tests.desk import Customer, FrontDesk


def post(desk: FrontDesk, body: bytes | None = None, **json: object) -> requests.Response:
    url = f"{desk.url}/channels/website/messages"
    headers = {"Content-Type": "application/json"}
    return (
        requests.post(url, data=body, timeout=10, headers=headers)
        if body
        else requests.post(url, json=json, timeout=10)
    )


def ids() -> dict[str, str]:
    return {"visitor_id": uuid.uuid4().hex, "message_id": uuid.uuid4().hex}


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x01\x07", "x" * 4001])
def test_a_text_that_is_none_or_too_long_is_refused_in_words(desk: FrontDesk, text: str) -> None:
    answer = post(desk, **ids(), text=text)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"visitor_id": "\xff\xfe"}', 400),
        (b"{not json", 400),
        (b"[1, 2, 3]", 400),
        (b'{"text": NaN}', 400),
        (b"[" * 20000, 400),
        (b'{"text": "' + b"x" * 70000 + b'"}', 413),
    ],
)
def test_a_body_that_is_none_is_refused_in_words(desk: FrontDesk, body: bytes, status: int) -> None:
    answer = post(desk, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def test_wrong_types_and_identifiers_are_refused(desk: FrontDesk) -> None:
    for wrong in ({"text": 7}, {"text": ["a"]}, {"visitor_id": "short"}, {"message_id": "../../etc"}, {"text": None}):
        answer = post(desk, **(ids() | {"text": "hello"} | wrong))
        assert answer.status_code == 422, (wrong, answer.text)


@pytest.mark.parametrize("command", ["/restart", "/session_start", '/book{"service": "x"}', "  //restart"])
def test_a_customer_cannot_command_rasa(customer: Customer, command: str) -> None:
    customer.say("hello")
    answer = customer.say(command)
    assert answer, "it is taken for what it is: words"
    assert customer.said_by("customer")[-1].strip() == command.strip()


def test_nobody_reads_another_visitors_conversation(desk: FrontDesk, customer: Customer) -> None:
    customer.say("hello")
    stranger = Customer(desk.url)
    stranger.say("hello")
    url = f"{desk.url}/channels/website/messages"
    asked = {"visitor_id": customer.visitor_id}
    assert requests.get(url, params=asked, timeout=10).status_code == 401
    assert requests.get(url, params=asked, headers=stranger.headers, timeout=10).status_code == 404
    assert requests.get(url, params=asked, headers={"Authorization": "Bearer nonsense"}, timeout=10).status_code in (
        401,
        404,
    )
    stranger.visitor_id = customer.visitor_id
    assert stranger.send("let me in").status_code == 404
    stranger.token = ""
    assert stranger.send("let me in").status_code == 401


def test_the_inbox_and_the_bridges_own_door_are_closed_to_strangers(desk: FrontDesk) -> None:
    assert requests.get(f"{desk.url}/inbox/api/conversations", timeout=10).status_code == 401
    assert requests.get(f"{desk.url}/bridge/availability", timeout=10).status_code == 401
    assert requests.post(f"{desk.url}/bridge/conversations/x/handoff", json={}, timeout=10).status_code == 401


def test_unknown_addresses_and_methods_are_answered_in_the_same_shape(desk: FrontDesk) -> None:
    for answer, status in (
        (requests.get(f"{desk.url}/nothing/here", timeout=10), 404),
        (requests.delete(f"{desk.url}/channels/website/messages", timeout=10), 405),
    ):
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"code", "message"}
