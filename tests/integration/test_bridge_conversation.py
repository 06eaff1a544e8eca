"""A customer, the assistant and an agent in one conversation, over real sockets and a real database."""

import threading
from datetime import timedelta

from sqlalchemy import Engine, text

from business.hours import next_open
from business.model import Business
from tests.integration.bridge_world import (
    PATIENCE,
    Bridge,
    StandInRasa,
    Visitor,
    eventually,
)


def test_the_assistant_answers_a_customer(visitor: Visitor, rasa: StandInRasa) -> None:
    visitor.say("hello")
    said = visitor.wait_for("You said hello")
    assert [(message["author"], message["name"]) for message in said] == [
        ("customer", None),
        ("assistant", "Magnolia Motors"),
    ]
    assert rasa.turns[0]["channel"] == "website"
    assert rasa.secrets_seen == {"a secret of at least thirty-two characters"}


def test_what_a_button_means_stays_on_the_server(visitor: Visitor, rasa: StandInRasa) -> None:
    rasa.say = lambda turn: [{"text": f"Heard {turn['text']}", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]
    visitor.say("hello")
    (button,) = visitor.wait_for("Heard hello")[-1]["buttons"]
    assert button.keys() == {"id", "title"}
    visitor.say("never mind")
    visitor.say("Yes", button=button["id"])
    visitor.wait_for("Heard Yes")
    assert [turn.get("payload") for turn in rasa.turns] == [None, None, "/affirm"]


def test_a_button_of_another_conversation_is_refused(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    rasa.say = lambda _: [{"text": "Shall I?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]
    visitor.say("hello")
    (button,) = visitor.wait_for("Shall I?")[-1]["buttons"]
    assert bridge.visitor().send("Yes", button=button["id"]).status_code == 422


def test_while_an_agent_speaks_nothing_reaches_the_assistant(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    visitor.say("hello")
    visitor.wait_for("You said hello")
    sam = bridge.agent("Sam")
    sam.moves(visitor.conversation_id, "take_over")
    visitor.say("are you real?")
    assert sam.reply(visitor.conversation_id, "I am").status_code == 201
    sam.moves(visitor.conversation_id, "return")
    visitor.say("back to the machine")
    visitor.wait_for("You said back to the machine")
    assert rasa.texts == ["hello", "back to the machine"]
    assert visitor.heard() == [
        "You said hello",
        "Sam Okafor has joined the conversation.",
        "I am",
        "Sam Okafor has left the conversation. I'm the assistant and I'm here again: how can I help?",
        "How was it with Sam Okafor? 1 is poor, 5 is excellent. A number and a word will do, too.",
        "You said back to the machine",
    ]


def test_a_return_begins_a_fresh_session_with_the_facts_that_hold(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    slots = {"service": "oil_change", "customer_name": "Kim", "offered": ["2026-12-01"], "email": None}
    rasa.say = lambda _: {"messages": [{"text": "Noted"}], "slots": slots}
    visitor.say("an oil change for Kim")
    visitor.wait_for("Noted")
    sam = bridge.agent("Sam")
    sam.moves(visitor.conversation_id, "take_over")
    sam.moves(visitor.conversation_id, "return")
    eventually(lambda: len(rasa.events) == 2)
    paused, began = rasa.events
    assert paused["events"] == [{"event": "pause"}, {"event": "action", "name": "action_listen"}]
    assert began == {
        "conversation_id": visitor.conversation_id,
        "events": [
            {"event": "action", "name": "action_session_start"},
            {"event": "session_started"},
            {"event": "slot", "name": "customer_name", "value": "Kim"},
            {"event": "slot", "name": "service", "value": "oil_change"},
            {"event": "action", "name": "action_listen"},
        ],
    }
    assert visitor.heard("system")[-1].endswith("Shall we go on with your oil change?")


def test_echoes_reach_a_rasa_that_was_down_before_the_next_message_does(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    visitor.say("hello")
    visitor.wait_for("You said hello")
    order: list[str] = []
    rasa.before = lambda turn: order.append(f"{turn['text']} after {len(rasa.events)} echoes")
    rasa.status = 503
    sam = bridge.agent("Sam")
    sam.moves(visitor.conversation_id, "take_over")
    sam.moves(visitor.conversation_id, "return")
    visitor.say("still there?")
    rasa.status = 200
    visitor.wait_for("You said still there?")
    assert order == ["still there? after 2 echoes"]


def test_an_answer_that_an_agent_overtook_is_never_shown(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa, engine: Engine
) -> None:
    asked, taken_over = threading.Event(), threading.Event()
    rasa.before = lambda _: (asked.set(), taken_over.wait(PATIENCE))
    visitor.say("slow question")
    assert asked.wait(PATIENCE)
    bridge.agent("Sam").moves(visitor.conversation_id, "take_over")
    taken_over.set()
    with engine.connect() as connection:
        read = text("select state, note from turns where message_id is not null")
        turn = eventually(lambda: connection.execute(read).one(), lambda row: row.state == "dropped")
    assert turn.note == {"reason": "moved", "answer": ["You said slow question"]}
    assert visitor.heard("assistant") == []


def test_the_assistants_words_about_its_own_handoff_are_heard(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    def ask_for_a_person(turn: dict[str, str]) -> None:
        path = f"/bridge/conversations/{turn['conversation_id']}/handoff"
        for _ in range(2):
            answer = bridge.from_actions(path, {"department": "service", "reason": "asked", "urgency": "high"})
            assert answer.json() == {"state": "waiting", "position": 1, "wait_seconds": None, "assigned_to": None}

    rasa.before = ask_for_a_person
    rasa.say = lambda _: [{"text": "I've asked a colleague."}]
    visitor.say("a person please")
    visitor.wait_for("I've asked a colleague.")
    assert visitor.status() == {
        "state": "waiting",
        "agent": None,
        "position": 1,
        "wait_seconds": None,
        "assistant": "ok",
    }
    waiting = bridge.agent("Jo").open(visitor.conversation_id)
    assert [done["move"] for done in waiting["transitions"]] == ["request"]
    summary = waiting["conversation"]
    assert (summary["department"], summary["urgency"], summary["reason"]) == ("service", "high", "asked")


def test_a_turn_that_an_agent_overtook_asks_for_nobody_any_more(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    asked, settled = threading.Event(), threading.Event()
    states: list[str] = []

    def ask_late(turn: dict[str, str]) -> None:
        asked.set()
        assert settled.wait(PATIENCE)
        path = f"/bridge/conversations/{turn['conversation_id']}/handoff"
        states.append(bridge.from_actions(path, {"department": "sales"}).json()["state"])

    rasa.before = ask_late
    visitor.say("a person please")
    assert asked.wait(PATIENCE)
    sam = bridge.agent("Sam")
    sam.moves(visitor.conversation_id, "take_over")
    sam.moves(visitor.conversation_id, "return")
    settled.set()
    eventually(lambda: states == ["with_assistant"])


def test_a_customer_who_waits_may_go_on_and_may_step_out_of_the_line(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    visitor.say("hello")
    visitor.wait_for("You said hello")
    path = f"/bridge/conversations/{visitor.conversation_id}"
    assert bridge.from_actions(f"{path}/handoff", {"department": "sales"}).json()["state"] == "waiting"
    rasa.before = lambda turn: bridge.from_actions(f"/bridge/conversations/{turn['conversation_id']}/withdraw")
    visitor.say("never mind")
    visitor.wait_for("You said never mind")
    assert visitor.status()["state"] == "with_assistant"


def test_a_resolved_conversation_opens_again_with_the_next_message(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    slots = {"email": "k@x.org", "service": "oil_change"}
    rasa.say = lambda turn: {"messages": [{"text": f"You said {turn['text']}"}], "slots": slots}
    visitor.say("hello")
    visitor.wait_for("You said hello")
    bridge.agent("Sam").moves(visitor.conversation_id, "resolve")
    assert visitor.heard("system") == ["This conversation is closed. Just write again whenever you need us."]
    visitor.say("one more thing")
    visitor.wait_for("You said one more thing")
    assert {"event": "slot", "name": "email", "value": "k@x.org"} in rasa.events[-1]["events"]
    assert "oil_change" not in str(rasa.events[-1]["events"])


def test_nobody_took_it_in_time_so_the_assistant_is_back(bridge: Bridge, visitor: Visitor, magnolia: Business) -> None:
    opens = next_open(magnolia, bridge.clock(), department="sales")
    assert opens is not None
    bridge.clock.advance(opens - bridge.clock())  # the time counts while the department is open
    visitor.say("hello")
    bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "sales"})
    assert visitor.status()["state"] == "waiting"
    bridge.clock.advance(timedelta(minutes=16))
    eventually(visitor.status, lambda status: status["state"] == "with_assistant")
    assert "nobody was free in time" in visitor.heard("system")[-1]


def test_the_conversations_of_an_agent_who_vanished_are_in_line_again(bridge: Bridge, visitor: Visitor) -> None:
    visitor.say("hello")
    sam = bridge.agent("Sam")
    bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "service"})
    sam.moves(visitor.conversation_id, "accept")
    bridge.clock.advance(timedelta(minutes=1))
    assert visitor.status()["agent"] == "Sam Okafor"
    bridge.clock.advance(timedelta(minutes=2))
    eventually(visitor.status, lambda status: status["state"] == "waiting")
    again = bridge.agent("Jo").open(visitor.conversation_id)
    assert again["conversation"]["department"] == "service"
    assert again["transitions"][-1]["who"] == "clock"


def test_the_place_in_line_is_by_department_and_age(bridge: Bridge) -> None:
    visitors = [bridge.visitor() for _ in range(3)]
    for visitor, department in zip(visitors, ["sales", "service", "sales"], strict=True):
        visitor.say("hello")
        bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": department})
    assert [visitor.status()["position"] for visitor in visitors] == [1, 1, 2]
    bridge.agent("Sam").moves(visitors[0].conversation_id, "accept")
    assert visitors[2].status()["position"] == 1
