"""What becomes of whatever Rasa answers, or does not."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from handoff_bridge.assistant import (
    AssistantConfusedError,
    AssistantRefusedError,
    AssistantSlowError,
    AssistantUnavailableError,
    RasaAssistant,
)
from handoff_bridge.messages import LONGEST_TEXT, Author, DeliveryState, Message, Source
from handoff_bridge.model import State
from handoff_bridge.reply import MOST_MESSAGES, MOST_PORTIONS, ReplyInvalidError, portions, read_answer
from handoff_bridge.turns import Answer
from tests.unit.test_conversation_moves import conversation

CUT = "…"
HELLO = Message(
    id=1,
    conversation_id="c1",
    author=Author.CUSTOMER,
    name=None,
    agent_id=None,
    text="hello",
    buttons=(),
    source=Source.WEBSITE,
    source_id="v:1",
    payload=None,
    status=DeliveryState.SENT,
    failure=None,
    intent=None,
    confidence=None,
    created_at=datetime(2026, 12, 1, tzinfo=UTC),
)


@contextmanager
def server_that_sends(answer: bytes, *, hangs: bool = False) -> Iterator[RasaAssistant]:
    """A server that reads each request, sends these very bytes, and closes the connection unless it hangs."""
    listener, done = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.settimeout(5)
                    request = b""
                    while b'"metadata"' not in request and (more := client.recv(65536)):
                        request += more
                    client.sendall(answer)
                    if hangs:
                        done.wait(5)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield RasaAssistant(f"http://127.0.0.1:{listener.getsockname()[1]}", "secret", timeout=5)
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def http(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def ask(assistant: RasaAssistant) -> Answer:
    return assistant.ask(conversation(State.WITH_ASSISTANT), HELLO)


def answer(*messages: dict[str, Any], **more: Any) -> Answer:
    return read_answer(json.dumps({"messages": messages, **more}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>502 Bad Gateway</body></html>",
        b"null",
        b"[]",
        b'{"messages": [{"text": "caf\xe9"}]}',
        b'{"messages": [], "slots": {"price": NaN}}',
        b'{"messages": [], "slots": {"price": 1e999}}',
        b'{"messages": [], "intent": {"name": "x", "confidence": 7}}',
        b'{"messages": [], "slots": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"messages": [{"text": 5}]}',
        b'{"messages": [{"text": "unfinished',
    ],
    ids=["empty", "HTML", "null", "a list", "not UTF-8", "NaN", "infinite", "sure 7", "deep", "no text", "unfinished"],
)
def test_what_is_not_of_the_contract_is_nonsense(body: bytes) -> None:
    with server_that_sends(http(body)) as assistant, pytest.raises(AssistantConfusedError) as seen:
        ask(assistant)
    assert seen.value.kind == "nonsense"
    assert "caf" not in str(seen.value)


def test_an_answer_of_two_megabytes_is_read_and_one_of_over_four_is_not() -> None:
    two = json.dumps({"messages": [{"text": "x" * 2_000_000}]}).encode()
    with server_that_sends(http(two)) as assistant:
        assert len(ask(assistant).utterances) == MOST_PORTIONS
    with server_that_sends(http(b" " * (4 * 1024 * 1024 + 1))) as assistant, pytest.raises(AssistantConfusedError):
        ask(assistant)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "401 Unauthorized"])
def test_a_failing_rasa_may_be_asked_again(status: str) -> None:
    with server_that_sends(http(b"{}", status)) as assistant, pytest.raises(AssistantUnavailableError) as seen:
        ask(assistant)
    assert seen.value.kind == "error"


def test_an_address_that_sends_us_elsewhere_is_not_followed() -> None:
    with server_that_sends(http(b"", "302 Found\r\nLocation: /")) as assistant, pytest.raises(AssistantConfusedError):
        ask(assistant)


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1", http(b'{"messages": [', length=500)])
def test_a_connection_cut_before_or_within_the_answer_is_an_error_to_repeat(sent: bytes) -> None:
    with server_that_sends(sent) as assistant, pytest.raises(AssistantUnavailableError) as seen:
        ask(assistant)
    assert seen.value.kind == "error"


@pytest.mark.parametrize("sent", [b"", http(b'{"messages": [', length=500)])
def test_an_answer_that_does_not_come_or_does_not_end_is_slow(sent: bytes) -> None:
    with server_that_sends(sent, hangs=True) as assistant:
        assistant.timeout = 0.2
        with pytest.raises(AssistantSlowError) as seen:
            ask(assistant)
    assert seen.value.kind == "slow"


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and no listen
        assistant = RasaAssistant(f"http://127.0.0.1:{taken.getsockname()[1]}", "secret")
        for attempt in (assistant.check, lambda: ask(assistant)):
            with pytest.raises(AssistantRefusedError) as seen:
                attempt()
            assert seen.value.kind == "refused"


def test_a_short_text_is_one_portion() -> None:
    assert portions("x" * LONGEST_TEXT) == ("x" * LONGEST_TEXT,)


@pytest.mark.parametrize(
    ("break_", "kept"),
    [("\n\n", "first part"), (". ", "first part."), ("\n", "first part"), (" ", "first part")],
    ids=["paragraph", "sentence", "line", "word"],
)
def test_a_long_text_is_cut_where_something_ends(break_: str, kept: str) -> None:
    first = "y" * 3000 + "first part"
    text = first + break_ + "z" * 3000
    assert portions(text) == ("y" * 3000 + kept, "z" * 3000)


def test_a_paragraph_is_kept_whole_rather_than_a_sentence_and_a_sentence_rather_than_a_word() -> None:
    text = "a" * 2500 + "\n\n" + "b" * 500 + ". " + "c" * 500 + " " + "d" * 2000
    assert portions(text)[0] == "a" * 2500
    assert portions(text.replace("\n\n", "--"))[0].endswith("b.")


def test_a_part_is_not_cut_small_for_the_sake_of_an_early_end() -> None:
    assert portions("Well. " + "x" * 5000)[0] == ("Well. " + "x" * 5000)[:LONGEST_TEXT]


def test_what_three_portions_cannot_hold_is_left_out_and_marked() -> None:
    parts = portions("word " * 10_000)
    assert len(parts) == MOST_PORTIONS
    assert all(len(part) <= LONGEST_TEXT for part in parts)
    assert parts[0].endswith("word")
    assert parts[-1].endswith("word" + CUT)
    assert portions("x" * 50_000)[-1] == "x" * (LONGEST_TEXT - 1) + CUT


def test_no_word_of_a_text_that_fits_into_three_portions_is_lost() -> None:
    words = [f"word{number}" for number in range(1300)]
    assert " ".join(portions(" ".join(words))).split() == words


def test_buttons_are_under_the_last_part() -> None:
    button = {"title": "Yes", "payload": "/affirm"}
    said = answer({"text": "x" * 5000, "buttons": [button]}).utterances
    assert [one.buttons for one in said] == [(), (("Yes", "/affirm"),)]


def test_an_answer_has_at_most_ten_messages_and_the_last_says_that_there_was_more() -> None:
    said = answer(*({"text": f"line {number}"} for number in range(12))).utterances
    assert [one.text for one in said] == [*(f"line {number}" for number in range(9)), f"line 9{CUT}"]
    whole = answer(*({"text": f"line {number}"} for number in range(MOST_MESSAGES))).utterances
    assert whole[-1].text == "line 9"


def test_what_postgresql_cannot_store_is_taken_out_wherever_it_is() -> None:
    button = {"title": "Y\0es", "payload": '/a{"b": "\0\ud800c"}'}
    odd = answer({"text": "a\0b\ud800c\x07", "buttons": [button]}, slots={"n\0ame": ["K\0im", {"x": "\udfff"}]})
    assert odd.utterances[0].text == "abc"
    assert odd.utterances[0].buttons == (("Yes", '/a{"b": "c"}'),)
    assert odd.facts == {"name": ["Kim", {"x": ""}]}


def test_an_invalid_reply_quotes_nothing_of_what_was_said() -> None:
    with pytest.raises(ReplyInvalidError) as seen:
        read_answer(b'{"messages": [{"text": {"my secret": 1}}]}')
    assert seen.value.__cause__ is None
    assert "secret" not in str(seen.value)
