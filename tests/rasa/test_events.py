"""The bridge pauses and resumes the assistant and begins sessions. Against a running Rasa."""

import json

import pytest
from support import ActionServer, Rasa, rows, texts

from handoff_bridge import echoes

NEW_SESSION = ({"event": "action", "name": "action_session_start"}, {"event": "session_started"})
LISTEN = {"event": "action", "name": "action_listen"}


def test_a_paused_assistant_says_nothing(rasa: Rasa, conversation: str) -> None:
    rasa.turn(conversation, "m1", "hello")
    assert rasa.events(conversation, {"event": "pause"}).json() == {"paused": True, "slots": {}}
    answer = rasa.turn(conversation, "m2", "hello").json()
    assert (answer["messages"], answer["paused"], answer["error"]) == ([], True, None)


def test_a_conversation_can_be_paused_before_its_first_word(rasa: Rasa, conversation: str) -> None:
    assert rasa.events(conversation, {"event": "pause"}).json()["paused"]
    assert rasa.turn(conversation, "m1", "hello").json()["messages"] == []


@pytest.mark.parametrize("resume", [[{"event": "resume"}], [{"event": "resume"}, LISTEN]], ids=["bare", "listening"])
def test_a_resumed_assistant_answers_the_next_message(rasa: Rasa, conversation: str, resume: list[dict]) -> None:
    rasa.turn(conversation, "m1", "hello")
    rasa.events(conversation, {"event": "pause"})
    rasa.turn(conversation, "m2", "menu")
    assert rasa.events(conversation, *resume).json()["paused"] is False
    assert texts(rasa.turn(conversation, "m3", "hello").json()) == ["Hello!"]


def test_a_pause_by_an_action_lasts_until_the_resume(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    actions.actions["action_handoff"] = lambda _: {"events": [{"event": "pause"}, LISTEN]}
    assert rasa.turn(conversation, "m1", "person").json()["paused"]
    assert rasa.turn(conversation, "m2", "/restart").json()["messages"] == []
    rasa.events(conversation, {"event": "resume"})
    assert texts(rasa.turn(conversation, "m3", "hello").json()) == ["Hello!"]


@pytest.mark.parametrize(
    "typed", ["/restart", "/session_start", "/back", '/choose{"choice": "1"}', "blorf", "person", "Monday"]
)
def test_the_pause_that_the_bridge_echoes_outlasts_whatever_is_typed(
    rasa: Rasa, actions: ActionServer, conversation: str, typed: str
) -> None:
    rasa.turn(conversation, "m1", "day")
    assert rasa.events(conversation, *echoes.pause()).json()["paused"]
    for number, text in enumerate((typed, typed, "hello"), start=2):
        answer = rasa.turn(conversation, f"m{number}", text).json()
        assert (answer["messages"], answer["paused"]) == ([], True)


def test_the_session_that_the_bridge_begins_has_no_form_and_only_the_facts_that_hold(
    rasa: Rasa, conversation: str
) -> None:
    rasa.turn(conversation, "m1", "One", payload='/choose{"choice": "1"}')
    assert rasa.turn(conversation, "m2", "day").json()["active_loop"] == "day_form"
    rasa.events(conversation, *echoes.pause())
    known = echoes.fresh_session({"day": "Monday", "requested_slot": "day", "offered": ["1"]})
    assert rasa.events(conversation, *known).json() == {"paused": False, "slots": {"day": "Monday"}}
    answer = rasa.turn(conversation, "m3", "hello").json()
    assert (texts(answer), answer["active_loop"], answer["slots"]) == (["Hello!"], None, {"day": "Monday"})


def test_what_an_agent_settled_reaches_the_assistant_in_the_middle_of_a_form(rasa: Rasa, conversation: str) -> None:
    rasa.turn(conversation, "m1", "day")
    told = [{**event, "name": "choice"} for event in echoes.told({"email": "kim@example.org"})]
    assert rasa.events(conversation, *told).json()["slots"] == {"choice": "kim@example.org"}
    answer = rasa.turn(conversation, "m2", "Tuesday").json()
    assert (texts(answer), answer["active_loop"]) == (["On Tuesday, then."], None)


def test_time_alone_never_ends_a_pause(rasa: Rasa, database_url: str, conversation: str) -> None:
    rasa.turn(conversation, "m1", "hello")
    rasa.events(conversation, {"event": "pause"})
    _age(database_url, conversation, days=400)
    answer = rasa.turn(conversation, "m2", "hello").json()
    assert (answer["messages"], answer["paused"]) == ([], True)


def test_a_new_session_keeps_only_the_slots_it_is_given(rasa: Rasa, conversation: str) -> None:
    rasa.turn(conversation, "m1", "One", payload='/choose{"choice": "1"}')
    rasa.turn(conversation, "m2", "day")
    rasa.events(conversation, {"event": "pause"})
    slot = {"event": "slot", "name": "day", "value": "Monday"}
    assert rasa.events(conversation, *NEW_SESSION, slot, LISTEN).json() == {"paused": False, "slots": {"day": "Monday"}}
    answer = rasa.turn(conversation, "m3", "hello").json()
    assert (texts(answer), answer["active_loop"], answer["slots"]) == (["Hello!"], None, {"day": "Monday"})


def test_a_new_session_may_begin_paused(rasa: Rasa, conversation: str) -> None:
    assert rasa.events(conversation, *NEW_SESSION, {"event": "pause"}).json()["paused"]
    assert rasa.turn(conversation, "m1", "hello").json()["messages"] == []


def test_a_form_can_be_taken_up_again(rasa: Rasa, conversation: str) -> None:
    form = {"event": "active_loop", "name": "day_form"}
    requested = {"event": "slot", "name": "requested_slot", "value": "day"}
    rasa.events(conversation, *NEW_SESSION, form, requested, LISTEN)
    assert texts(rasa.turn(conversation, "m1", "Tuesday").json()) == ["On Tuesday, then."]


@pytest.mark.parametrize(
    "events",
    [
        [],
        "pause",
        [{"event": "user", "text": "hello"}],
        [{"event": "restart"}],
        [{"event": "rewind"}],
        [{"event": "pause"}, "resume"],
        [{"event": "action", "name": "action_book"}],
        [{"event": "action", "name": ["action_listen"]}],
        [{"event": "slot", "value": 1}],
        [{"event": "slot", "name": 5, "value": 1}],
        [{"event": "active_loop", "name": "no_form"}],
        [{"event": ["pause"]}],
    ],
)
def test_other_events_are_refused_and_nothing_is_kept(
    rasa: Rasa, database_url: str, conversation: str, events: object
) -> None:
    response = rasa.post("events", {"conversation_id": conversation, "events": events})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_field"
    assert rows(database_url, "select 1 from rasa_events where sender_id = %s", conversation) == []


def _age(url: str, conversation: str, days: int) -> None:
    stored = rows(url, "select id, data from rasa_events where sender_id = %s", conversation)
    for number, data in stored:
        event = json.loads(data)
        event["timestamp"] -= days * 86400
        rows(
            url,
            'update rasa_events set data = %s, "timestamp" = %s where id = %s',
            json.dumps(event),
            event["timestamp"],
            number,
        )
