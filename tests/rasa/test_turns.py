"""The assistant answers a message, and answers it once. Against a running Rasa."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import ActionServer, Rasa, rows, texts

CHOOSE_ONE = '/choose{"choice": "1"}'


def test_a_message_is_answered_with_what_was_said_and_understood(rasa: Rasa, conversation: str) -> None:
    response = rasa.turn(conversation, "m1", "hello")
    assert response.status_code == 200
    assert response.json() == {
        "messages": [{"text": "Hello!", "buttons": [], "custom": None, "response": "utter_greet"}],
        "intent": {"name": "greet", "confidence": 1.0},
        "active_loop": None,
        "slots": {},
        "paused": False,
        "error": None,
    }


def test_buttons_and_custom_payloads_and_pictures_are_carried(rasa: Rasa, conversation: str) -> None:
    menu, picture = rasa.turn(conversation, "m1", "menu").json()["messages"]
    assert menu["custom"] == {"kind": "list"}
    assert menu["buttons"] == [
        {"title": "The first", "payload": '/choose{"choice": "1"}'},
        {"title": "The second", "payload": '/choose{"choice": "2"}'},
    ]
    assert picture == {
        "text": "Here we are.",
        "buttons": [],
        "custom": {"image": "https://example.com/shop.png"},
        "response": "utter_picture",
    }


def test_a_button_is_understood_by_its_payload(rasa: Rasa, conversation: str) -> None:
    answer = rasa.turn(conversation, "m1", "The first", payload=CHOOSE_ONE).json()
    assert texts(answer) == ["You chose 1."]
    assert answer["slots"] == {"choice": "1"}
    assert answer["intent"] == {"name": "choose", "confidence": 1.0}


def test_a_press_is_told_from_the_same_words_typed(rasa: Rasa, database_url: str, conversation: str) -> None:
    rasa.turn(conversation, "m1", "The first", payload=CHOOSE_ONE)
    rasa.turn(conversation, "m2", "The first")
    of_customer = "select data from rasa_events where sender_id = %s and type_name = 'user' order by position"
    pressed, typed = rows(database_url, of_customer, conversation)
    assert json.loads(pressed[0])["metadata"]["button"] is True
    assert json.loads(typed[0])["metadata"]["button"] is False


@pytest.mark.parametrize("text", ["/restart", " / /restart", "\n\t//restart", "\u00a0/restart"])
def test_what_a_customer_types_is_never_a_command(rasa: Rasa, conversation: str, text: str) -> None:
    rasa.turn(conversation, "m1", "The first", payload=CHOOSE_ONE)
    answer = rasa.turn(conversation, "m2", text).json()
    assert answer["intent"]["name"] == "greet"
    assert answer["slots"] == {"choice": "1"}


def test_a_typed_payload_sets_no_slot(rasa: Rasa, conversation: str) -> None:
    assert rasa.turn(conversation, "m1", CHOOSE_ONE).json()["slots"] == {}


def test_a_message_of_slashes_alone_is_answered_too(rasa: Rasa, conversation: str) -> None:
    response = rasa.turn(conversation, "m1", " // / ")
    assert response.status_code == 200
    assert texts(response.json()) == ["Pardon?"]


def test_a_form_shows_as_the_active_loop_and_its_facts_as_slots(rasa: Rasa, conversation: str) -> None:
    asked = rasa.turn(conversation, "m1", "day").json()
    assert (asked["active_loop"], asked["slots"], texts(asked)) == ("day_form", {}, ["Which day?"])
    told = rasa.turn(conversation, "m2", "Monday").json()
    assert (told["active_loop"], told["slots"], texts(told)) == (None, {"day": "Monday"}, ["On Monday, then."])


def test_zero_is_a_fact_and_false_and_nothing_are_not(rasa: Rasa, conversation: str) -> None:
    for value, facts in ((0, {"count": 0}), (False, {}), ("", {}), ([], {}), (None, {})):
        assert rasa.events(conversation, {"event": "slot", "name": "count", "value": value}).json()["slots"] == facts


def test_the_message_keeps_its_channel_language_and_time(rasa: Rasa, database_url: str, conversation: str) -> None:
    rasa.turn(conversation, "m1", "hello", channel="whatsapp", language="es")
    stored = rows(database_url, "select data from rasa_events where sender_id = %s and message_id = 'm1'", conversation)
    metadata = json.loads(stored[0][0])["metadata"]
    assert metadata["channel"] == "whatsapp"
    assert metadata["language"] == "es"
    assert metadata["sent_at"] == "2026-11-20T10:00:00-06:00"


def test_a_repeat_gets_the_same_answer_without_a_second_turn(
    rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    actions.actions["action_book"] = lambda _: {"events": [{"event": "slot", "name": "count", "value": 1}]}
    first = rasa.turn(conversation, "m1", "book").json()
    assert texts(first) == ["One moment.", "It is booked."]
    rasa.turn(conversation, "m2", "hello")
    assert rasa.turn(conversation, "m1", "book").json() == first
    assert actions.calls == ["action_book"]


def test_a_repeat_gives_the_state_as_it_was_then(rasa: Rasa, conversation: str) -> None:
    first = rasa.turn(conversation, "m1", "The first", payload=CHOOSE_ONE).json()
    rasa.events(conversation, {"event": "pause"}, {"event": "slot", "name": "choice", "value": "7"})
    new_session = [{"event": "action", "name": "action_session_start"}, {"event": "session_started"}]
    rasa.events(conversation, *new_session)
    assert rasa.turn(conversation, "m1", "The first", payload=CHOOSE_ONE).json() == first


def test_the_same_message_id_in_another_conversation_is_another_message(rasa: Rasa, conversation: str) -> None:
    assert texts(rasa.turn(conversation, "m1", "hello").json()) == ["Hello!"]
    assert texts(rasa.turn(conversation + ".b", "m1", "menu").json())[0] == "Which one?"


def test_simultaneous_repeats_take_one_turn_and_all_get_its_answer(
    rasa: Rasa, actions: ActionServer, conversation: str
) -> None:
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    with ThreadPoolExecutor(8) as posts:
        answers = [posts.submit(rasa.turn, conversation, "m1", "wait") for _ in range(8)]
        actions.wait_for_call("action_wait")
        released.set()
        bodies = [answer.result().json() for answer in answers]
    assert [texts(body) for body in bodies] == [["Done."]] * 8
    assert all(body == bodies[0] for body in bodies)
    assert actions.calls == ["action_wait"]


def test_a_slow_conversation_does_not_delay_another(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    released = threading.Event()
    actions.actions["action_wait"] = lambda _: released.wait(30) and {"responses": [{"text": "Done."}]}
    with ThreadPoolExecutor(1) as posts:
        slow = posts.submit(rasa.turn, conversation, "m1", "wait")
        actions.wait_for_call("action_wait")
        assert texts(rasa.turn(conversation + ".b", "m1", "hello").json()) == ["Hello!"]
        assert not slow.done()
        released.set()
        assert texts(slow.result().json()) == ["Done."]
