"""What breaks is said, nothing is lost, nothing is done twice. Against a running Rasa."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import SECRET, ActionServer, Rasa, Wire, rows, texts, turn_body


@pytest.fixture
def second_rasa(
    model: Path, wire: Wire, action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rasa]:
    """A process that remembers nothing but what the database does."""
    server = Rasa(tmp_path_factory.mktemp("second"), model, wire.url, action_server.url).wait_for(200)
    yield server
    server.kill()


def test_a_failed_action_ends_the_turn_before_it_claims_success(
    rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    actions.actions["action_book"] = _fail
    response = rasa.turn(conversation, "m1", "book")
    answer = response.json()
    assert response.status_code == 200
    assert texts(answer) == ["One moment."]
    assert answer["error"]["code"] == "failed"
    assert "action_book" in answer["error"]["message"]
    assert rasa.turn(conversation, "m1", "book").json() == answer
    assert actions.calls == ["action_book"]
    assert texts(rasa.turn(conversation, "m2", "hello").json()) == ["Hello!"]


def test_a_failed_turn_repairs_itself_with_the_next_try_of_the_customer(
    rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    actions.actions["action_cancel"] = _fail
    assert rasa.turn(conversation, "m1", "cancel").json()["messages"] == []
    actions.actions["action_cancel"] = lambda _: {}
    assert texts(rasa.turn(conversation, "m2", "cancel").json()) == ["It is cancelled."]


def test_an_unreachable_action_server_leaves_the_turn_to_be_tried_again(
    rasa: Rasa, database_url: str, actions: ActionServer, conversation: str
) -> None:
    actions.actions["action_book"] = lambda _: {}
    actions.stop()
    try:
        response = rasa.turn(conversation, "m1", "book")
    finally:
        actions.start()
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "failed"
    assert response.json()["messages"] == []
    assert rows(database_url, "select 1 from rasa_events where sender_id = %s", conversation) == []
    assert texts(rasa.turn(conversation, "m1", "book").json()) == ["One moment.", "It is booked."]


def test_rules_that_lead_in_a_circle_are_reported(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    actions.actions["action_circle"] = lambda _: {"events": [{"event": "followup", "name": "action_circle"}]}
    answer = rasa.turn(conversation, "m1", "circle").json()
    assert answer["error"]["code"] == "failed"
    assert texts(rasa.turn(conversation, "m2", "hello").json()) == ["Hello!"]


def test_without_the_database_there_is_an_error_and_no_amnesia(rasa: Rasa, wire: Wire, conversation: str) -> None:
    rasa.turn(conversation, "m1", "hello")
    rasa.events(conversation, {"event": "pause"})
    wire.cut()
    try:
        turn, events = rasa.turn(conversation, "m2", "hello"), rasa.events(conversation, {"event": "resume"})
    finally:
        wire.mend()
    assert (turn.status_code, turn.json()["error"]["code"], turn.json()["messages"]) == (503, "failed", [])
    assert (events.status_code, events.json()["error"]["code"]) == (503, "failed")
    answer = rasa.turn(conversation, "m2", "hello").json()
    assert (answer["messages"], answer["paused"], answer["error"]) == ([], True, None)


def test_a_turn_that_cannot_be_saved_is_not_answered_but_taken_again(
    rasa: Rasa, wire: Wire, actions: ActionServer, conversation: str
) -> None:
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    with ThreadPoolExecutor(1) as posts:
        turn = posts.submit(rasa.turn, conversation, "m1", "wait")
        actions.wait_for_call("action_wait")
        wire.cut()
        try:
            released.set()
            assert turn.result().status_code == 503
            assert turn.result().json()["messages"] == []
        finally:
            wire.mend()
    assert texts(rasa.turn(conversation, "m1", "wait").json()) == ["Done."]


def test_a_closed_connection_does_not_stop_the_turn(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    connection = _post_without_waiting(rasa, turn_body(conversation, "m1", "wait"))
    actions.wait_for_call("action_wait")
    connection.close()
    rasa.turn(conversation + ".b", "m1", "hello")
    released.set()
    assert texts(rasa.turn(conversation, "m1", "wait").json()) == ["Done."]
    assert actions.calls == ["action_wait"]


def test_another_process_repeats_the_answers_of_the_one_that_was_killed(
    rasa: Rasa, second_rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    actions.actions["action_book"] = _fail
    failed = second_rasa.turn(conversation, "m1", "book").json()
    menu = second_rasa.turn(conversation, "m2", "menu").json()
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    connection = _post_without_waiting(second_rasa, turn_body(conversation, "m3", "wait"))
    actions.wait_for_call("action_wait")
    second_rasa.kill()
    connection.close()
    released.set()
    assert rasa.turn(conversation, "m1", "book").json() == failed
    assert rasa.turn(conversation, "m2", "menu").json() == menu
    assert texts(rasa.turn(conversation, "m3", "wait").json()) == ["Done."]


def test_a_rasa_that_is_stopped_finishes_its_turns_first(
    rasa: Rasa, second_rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    connection = _post_without_waiting(second_rasa, turn_body(conversation, "m1", "wait"))
    actions.wait_for_call("action_wait")
    connection.close()
    second_rasa.process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        second_rasa.process.wait(1)
    released.set()
    second_rasa.process.wait(30)
    assert texts(rasa.turn(conversation, "m1", "wait").json()) == ["Done."]
    assert actions.calls == ["action_wait"]


def test_the_log_holds_no_message(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    words = "cancel of Ottoline Morrell"
    actions.actions["action_cancel"] = _fail
    rasa.turn(conversation, "m1", words)
    rasa.turn(conversation, "m2", "x", payload="/unheard_of")
    log = rasa.log.read_text()
    assert "action_failed" in log
    assert conversation in log
    assert "Ottoline" not in log
    assert SECRET not in log


def _fail(_: object) -> dict:
    raise RuntimeError("the calendar is on fire")


def _post_without_waiting(rasa: Rasa, body: dict) -> socket.socket:
    content = json.dumps(body).encode()
    head = (
        f"POST /webhooks/bridge/turn HTTP/1.1\r\nHost: rasa\r\nX-Frontdesk-Secret: {SECRET}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", rasa.port))
    connection.sendall(head.encode() + content)
    return connection
