"""Strangers and malformed requests are turned away with a clear error. Against a running Rasa."""

import json
from typing import Any

import pytest
from support import SECRET, Rasa, turn_body


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ä" * 40])
@pytest.mark.parametrize("path", ["turn", "events"])
def test_without_the_secret_nobody_gets_in(rasa: Rasa, path: str, secret: str | None) -> None:
    headers = {} if secret is None else {"X-Frontdesk-Secret": secret.encode()}
    response = rasa.raw("POST", path, b"{}", headers)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthorized"


def test_health_needs_the_secret_too(rasa: Rasa) -> None:
    assert rasa.raw("GET", "", b"", {}).status_code == 401
    assert (rasa.health().status_code, rasa.health().json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"text": NaN}',
        b"\xff\xfe",
        b'{"text": "\xe9"}',
        b"[" * 20_000,
        b'{"a":' * 10_000,
        b"1" * 5_000,
    ],
)
@pytest.mark.parametrize("path", ["turn", "events"])
def test_a_body_that_is_no_json_object_is_refused(rasa: Rasa, path: str, body: bytes) -> None:
    response = rasa.raw("POST", path, body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "not_json"


@pytest.mark.parametrize(
    "fields",
    [
        {"conversation_id": None},
        {"conversation_id": ""},
        {"conversation_id": "whatsapp:+49"},
        {"conversation_id": "a" * 129},
        {"conversation_id": "a\n"},
        {"conversation_id": 7},
        {"message_id": None},
        {"message_id": "a b"},
        {"message_id": "m" * 256},
        {"text": None},
        {"text": 5},
        {"text": "x" * 4001},
        {"text": "half a pair \ud800"},
        {"text": "nul \0"},
        {"channel": None},
        {"channel": "Website!"},
        {"language": "english please"},
        {"metadata": None},
        {"metadata": []},
        {"metadata": {"a": [[[[[[[[1]]]]]]]]}},
        {"payload": 5},
        {"payload": "choose"},
        {"payload": "/choose{"},
        {"payload": "/choose{} and more"},
        {"payload": '/choose["a"]'},
        {"payload": "/restart"},
        {"payload": "/session_start"},
        {"payload": "/unheard_of"},
        {"surprise": 1},
    ],
)
def test_a_field_that_is_not_as_agreed_is_refused(rasa: Rasa, conversation: str, fields: dict[str, Any]) -> None:
    response = rasa.post("turn", {**turn_body(conversation, "m1", "hello"), **fields})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_field"
    assert next(iter(fields)) in response.json()["error"]["message"]


def test_a_text_of_four_thousand_characters_is_answered(rasa: Rasa, conversation: str) -> None:
    assert rasa.turn(conversation, "m1", "hello " + "ü" * 3994).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_early(rasa: Rasa, conversation: str, chunked: bool) -> None:
    body = json.dumps(turn_body(conversation, "m1", "x" * 65536)).encode()
    response = rasa.raw("POST", "turn", iter([body[:40_000], body[40_000:]]) if chunked else body)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"
    assert rasa.health().ok
