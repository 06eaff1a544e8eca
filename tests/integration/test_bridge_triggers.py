"""When a customer is given a person: the triggers in a running bridge, seen from outside."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from business.model import Business
from tests.integration.bridge_world import (
    PATIENCE,
    Bridge,
    StandInRasa,
    Visitor,
    bridge_process,
    eventually,
    rasa_server,
    with_patience,
)

OFFERED = "Would you like to talk to a person about this?"
CONNECTED = "I'm asking a colleague to join us."
DECLINED = "All right, let's go on. Just say so if you would like a person later."
FINANCING = "do you offer financing?"


@pytest.fixture
def impatient(engine: Engine, magnolia: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    """A bridge that takes the assistant for slow after a second."""
    with (
        rasa_server(rasa) as url,
        bridge_process(engine, with_patience(magnolia, notice=1, give_up=3600), url) as running,
    ):
        yield running


@pytest.fixture
def silence(rasa: StandInRasa) -> Iterator[threading.Event]:
    """The assistant says nothing until this is set."""
    go_on = threading.Event()
    rasa.before = lambda _: go_on.wait(PATIENCE)
    yield go_on
    go_on.set()


def answering(**more: Any) -> Any:
    return lambda turn: {"messages": [{"text": f"You said {turn['text']}"}], "slots": {}, **more}


def asked(visitor: Visitor, words: str) -> None:
    """Says something and waits for the assistant's answer."""
    visitor.say(words)
    visitor.wait_for(f"You said {words}")


def press(visitor: Visitor, title: str) -> None:
    """Presses the last button of that title."""
    buttons = [button for message in visitor.history() for button in message["buttons"]]
    button = next(one for one in reversed(buttons) if one["title"] == title)
    visitor.say(title, button=button["id"])


def state(visitor: Visitor) -> str:
    return str(visitor.status()["state"])


def decisions(bridge: Bridge, **wanted: Any) -> list[dict[str, Any]]:
    """The decisions on record, oldest first, with those on which nothing fired."""
    listed = "&".join(f"{name}={value}" for name, value in wanted.items())
    response = bridge.agent("Maria").get(f"/decisions?{listed}")
    assert response.status_code == 200, response.text
    return list(reversed(response.json()["decisions"]))


def came_of(bridge: Bridge) -> list[tuple[str, str, str | None]]:
    return [(one["trigger"], one["decision"], one["answer"]) for one in decisions(bridge)]


def test_words_alone_call_a_person_together_with_the_answer(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, "let me talk to a human")
    assert visitor.heard()[:2] == ["You said let me talk to a human", CONNECTED]
    assert state(visitor) == "waiting"
    opened = bridge.agent("Maria").open(visitor.conversation_id)
    assert [(one["who"], one["move"], one["reason"]) for one in opened["transitions"]] == [
        ("trigger", "request", "asked")
    ]
    (decision,) = decisions(bridge)
    assert decision["fired"] == [{"trigger": "asked", "score": 1.0, "threshold": 0.6}]
    assert (decision["decision"], decision["trigger"], decision["judge"]) == ("connect", "asked", "rule")
    assert decision["message_id"] == visitor.history()[0]["id"]
    assert len(decision["version"]) == 12


def test_a_turn_that_asked_for_a_person_itself_is_not_asked_once_more(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    rasa.before = lambda turn: bridge.from_actions(f"/bridge/conversations/{turn['conversation_id']}/handoff")
    rasa.say = answering(intent={"name": "request_human", "confidence": 0.95})
    asked(visitor, "somebody please")
    assert visitor.heard() == ["You said somebody please"]
    (decision,) = decisions(bridge)
    assert (decision["decision"], decision["trigger"], decision["judge"]) == ("already", "asked", "model")
    assert decision["fired"][0]["score"] == 0.95


def test_a_subject_for_a_person_is_offered_and_a_yes_calls_the_right_department(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    asked(visitor, FINANCING)
    offer = visitor.history()[-1]
    assert (offer["author"], offer["text"]) == ("system", OFFERED)
    assert [button["title"] for button in offer["buttons"]] == ["Yes, please", "No, go on"]
    assert state(visitor) == "with_assistant"
    press(visitor, "Yes, please")
    visitor.wait_for(CONNECTED)
    summary = bridge.agent("Maria").open(visitor.conversation_id)["conversation"]
    assert (summary["state"], summary["department"], summary["reason"]) == ("waiting", "finance", "financing")
    assert rasa.texts == [FINANCING]
    assert came_of(bridge) == [("financing", "offer", "accepted")]


def test_who_declines_is_not_asked_again_for_a_while(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    asked(visitor, FINANCING)
    press(visitor, "No, go on")
    visitor.wait_for(DECLINED)
    asked(visitor, "what about leasing")
    assert visitor.heard("system") == [OFFERED, DECLINED]
    bridge.clock.advance(timedelta(minutes=31))
    asked(visitor, "and a down payment?")
    visitor.wait_for("You said and a down payment?")
    assert visitor.heard("system") == [OFFERED, DECLINED, OFFERED]
    assert came_of(bridge) == [
        ("financing", "offer", "declined"),
        ("financing", "held_back", None),
        ("financing", "offer", None),
    ]
    assert "No, go on" not in rasa.texts


def test_an_offer_left_open_holds_back_others_but_not_a_call_for_a_person(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, FINANCING)
    asked(visitor, "I have a warranty claim too")
    asked(visitor, "get me a human")
    assert visitor.heard("system")[:2] == [OFFERED, CONNECTED]
    assert came_of(bridge) == [
        ("financing", "offer", None),
        ("warranty", "held_back", None),
        ("asked", "connect", None),
    ]


@pytest.mark.parametrize(("words", "answer"), [("Yes please!", "accepted"), ("no thanks", "declined")])
def test_an_offer_is_answered_in_words_too(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa, words: str, answer: str
) -> None:
    asked(visitor, FINANCING)
    visitor.say(words)
    visitor.wait_for(CONNECTED if answer == "accepted" else DECLINED)
    assert rasa.texts == [FINANCING]
    assert came_of(bridge) == [("financing", "offer", answer)]


def test_a_yes_to_something_else_or_with_more_in_it_goes_to_the_assistant(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    asked(visitor, "yes")
    asked(visitor, FINANCING)
    asked(visitor, "yes, but what does it cost?")
    asked(visitor, "yes please")
    assert rasa.texts == ["yes", FINANCING, "yes, but what does it cost?", "yes please"]
    assert came_of(bridge) == [("financing", "offer", None)]


def test_the_buttons_of_an_offer_do_nothing_twice(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    asked(visitor, FINANCING)
    press(visitor, "No, go on")
    press(visitor, "Yes, please")
    visitor.wait_for(CONNECTED)
    before = len(visitor.heard("system"))
    press(visitor, "Yes, please")
    press(visitor, "No, go on")
    assert len(visitor.heard("system")) == before + 2, "each time the place in line, and nothing else"
    opened = bridge.agent("Maria").open(visitor.conversation_id)
    assert [one["move"] for one in opened["transitions"]] == ["request"]
    assert came_of(bridge) == [("financing", "offer", "accepted")]
    bridge.agent("Maria").moves(visitor.conversation_id, "accept")
    press(visitor, "No, go on")
    assert rasa.texts == [FINANCING]


def test_a_yes_after_the_conversation_was_closed_opens_it_again(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, FINANCING)
    bridge.agent("Maria").moves(visitor.conversation_id, "resolve")
    press(visitor, "Yes, please")
    visitor.wait_for(CONNECTED)
    opened = bridge.agent("Maria").open(visitor.conversation_id)
    assert [one["move"] for one in opened["transitions"]] == ["resolve", "reopen", "request"]


def test_nothing_is_offered_where_the_assistant_offers_a_person_itself(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    buttons = [{"title": "Talk to a person", "payload": "/request_human"}, {"title": "No", "payload": "/deny"}]
    rasa.say = lambda turn: [{"text": f"You said {turn['text']}", "buttons": buttons}]
    asked(visitor, "I want to file a complaint")
    rasa.say = StandInRasa().say
    asked(visitor, FINANCING)
    assert visitor.heard("system") == []
    assert came_of(bridge) == [("complaint", "already", None), ("financing", "held_back", None)]


def test_turns_that_fail_in_a_row_bring_the_offer(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    failing = [
        {"messages": [], "error": {"code": "failed", "message": "told to"}},
        {"messages": [{"text": "What?", "response": "say_rephrase_wish"}], "active_loop": "booking_form"},
        {"messages": [{"text": "Sorry, what?", "response": "say_rephrase"}]},
    ]
    rasa.say = lambda turn: failing[int(turn["text"][-1])]
    for number, heard in enumerate(["Sorry, something went wrong on our side.", "What?", "Sorry, what?"]):
        visitor.say(f"hm {number}")
        eventually(visitor.heard, lambda said, heard=heard: any(one.startswith(heard) for one in said))
    visitor.wait_for(OFFERED)
    assert came_of(bridge) == [("not_understood", "offer", None)]
    assert len(decisions(bridge, decision="none")) == 2


def test_a_turn_that_is_given_up_in_the_end_counts_as_failed(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    rasa.say = lambda _: b"nonsense"
    visitor.say("get me a human")
    visitor.wait_for(CONNECTED)
    assert came_of(bridge) == [("asked", "connect", None)]


def test_anger_that_stays_is_answered_with_a_person(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, "this is a waste of time")
    assert visitor.heard("system") == []
    asked(visitor, "you people are useless")
    assert visitor.heard("system") == [OFFERED]
    (decision,) = decisions(bridge)
    assert (decision["trigger"], decision["fired"][0]["threshold"]) == ("frustration", -0.6)


def test_doubt_in_a_form_is_no_doubt(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    unsure = {"name": "inform", "confidence": 0.2}
    rasa.say = answering(intent=unsure, active_loop="booking_form")
    for words in ("Kim Larsen", "kim larsen at home", "K7QF 29TM", "Robin"):
        asked(visitor, words)
    assert came_of(bridge) == []
    rasa.say = answering(intent=unsure)
    for words in ("frobnicate", "zork", "xyzzy", "plugh"):
        asked(visitor, words)
    assert came_of(bridge) == [("low_confidence", "offer", None)]


def test_a_command_is_taken_at_once_while_the_assistant_is_down(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    rasa.status = 503
    visitor.say("/human please")
    assert visitor.heard("system")[0] == CONNECTED
    assert state(visitor) == "waiting"
    visitor.say("/HUMAN")
    assert len(visitor.heard("system")) == 3, "the place in line once more"
    assert rasa.requests == []
    assert came_of(bridge) == [("command", "connect", None), ("command", "already", None)]


def test_a_command_opens_a_closed_conversation_and_says_nothing_where_an_agent_reads_it(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    asked(visitor, "hello")
    maria = bridge.agent("Maria")
    maria.moves(visitor.conversation_id, "resolve")
    visitor.say("/agent")
    assert state(visitor) == "waiting"
    maria.moves(visitor.conversation_id, "accept")
    before = visitor.heard()
    visitor.say("/agent")
    assert visitor.heard() == before
    assert rasa.texts == ["hello"]


def test_who_asks_for_a_person_while_the_assistant_is_slow_is_not_told_to_wait(
    impatient: Bridge, rasa: StandInRasa, silence: threading.Event
) -> None:
    visitor = impatient.visitor()
    visitor.say("can I talk to a real person?")
    visitor.wait_for(CONNECTED)
    assert not any(said.startswith("One moment") for said in visitor.heard("system"))
    silence.set()
    visitor.wait_for("You said can I talk to a real person?")
    assert visitor.heard("system").count(CONNECTED) == 1
    assert came_of(impatient) == [("asked", "connect", None)]


def test_what_cannot_wait_does_not_wait_for_a_slow_assistant(
    impatient: Bridge, rasa: StandInRasa, silence: threading.Event
) -> None:
    visitor = impatient.visitor()
    visitor.say("when are you open?")
    eventually(visitor.heard, lambda said: any(one.startswith("One moment") for one in said))
    visitor.say("and do you have parking?")
    assert state(visitor) == "with_assistant"
    visitor.say("help, my brakes have failed")
    assert state(visitor) == "waiting"
    assert visitor.heard("system")[1].startswith("This sounds urgent")
    summary = impatient.agent("Maria").open(visitor.conversation_id)["conversation"]
    assert (summary["department"], summary["urgency"], summary["reason"]) == ("service", "urgent", "emergency")
    silence.set()
    visitor.wait_for("You said and do you have parking?")
    assert "help, my brakes have failed" not in rasa.texts


def test_a_pressed_button_for_a_person_is_understood_without_the_assistant(
    impatient: Bridge, rasa: StandInRasa
) -> None:
    go_on = threading.Event()
    buttons = [{"title": "Somebody else", "payload": "/request_human"}]
    rasa.say = lambda turn: [{"text": f"You said {turn['text']}", "buttons": buttons}]
    visitor = impatient.visitor()
    asked(visitor, "hello")
    rasa.before = lambda _: go_on.wait(PATIENCE)
    press(visitor, "Somebody else")
    visitor.wait_for(CONNECTED)
    go_on.set()


def test_an_assistant_that_is_gone_for_too_long_is_on_record_as_well(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    rasa.status = 503
    with (
        rasa_server(rasa) as url,
        bridge_process(engine, with_patience(magnolia, notice=1, give_up=5), url) as bridge,
    ):
        visitor = bridge.visitor()
        visitor.say("hello")
        eventually(lambda: state(visitor) == "waiting")
        (decision,) = decisions(bridge)
        assert (decision["trigger"], decision["decision"]) == ("assistant_unavailable", "connect")
        assert decision["fired"][0]["threshold"] == 5


def test_nobody_is_offered_while_somebody_is_on_the_way_and_nothing_judged_while_they_are_there(
    bridge: Bridge, visitor: Visitor
) -> None:
    asked(visitor, "get me a human")
    asked(visitor, FINANCING)
    bridge.agent("Maria").moves(visitor.conversation_id, "accept")
    visitor.say("get me a human")
    assert visitor.heard("system").count(OFFERED) == 0
    assert came_of(bridge) == [("asked", "connect", None), ("financing", "already", None)]


def test_a_decision_is_one_row_a_message_whoever_else_writes(bridge: Bridge, visitor: Visitor, engine: Engine) -> None:
    asked(visitor, "hello")
    asked(visitor, FINANCING)
    with engine.connect() as connection:
        rows = connection.execute(text("select message_id, decision from handoff_decisions order by id")).all()
    customers = [message["id"] for message in visitor.history() if message["author"] == "customer"]
    assert [tuple(row) for row in rows] == [(customers[0], "none"), (customers[1], "offer")]


def test_supervisors_and_administrators_list_and_count_the_decisions(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, "hello")
    asked(visitor, FINANCING)
    asked(visitor, "I have a warranty claim")
    first, last = decisions(bridge)
    assert [one["trigger"] for one in decisions(bridge, before=last["id"])] == ["financing"]
    assert decisions(bridge, trigger="warranty") == [last]
    assert decisions(bridge, decision="offer") == [first]
    counts = bridge.agent("Maria").get("/decisions").json()["counts"]
    assert {"trigger": "financing", "decision": "offer", "number": 1} in counts
    assert {"trigger": None, "decision": "none", "number": 1} in counts


def test_agents_and_strangers_do_not_see_the_decisions(bridge: Bridge) -> None:
    refused = bridge.agent("Sam").get("/decisions")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "supervisors_only")
    assert requests.get(f"{bridge.url}/inbox/api/decisions", timeout=PATIENCE).status_code == 401
    maria = bridge.agent("Maria")
    assert maria.get("/decisions?decision=perhaps").status_code == 422
    assert maria.get("/decisions?before=yesterday").status_code == 422


def test_what_was_decided_is_counted_for_the_operators(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, FINANCING)
    page = bridge.get("/metrics").text
    assert 'frontdesk_handoff_decisions_total{decision="offer",trigger="financing"} 1.0' in page


def test_what_cannot_wait_takes_a_customer_who_waits_to_the_head_of_the_line(bridge: Bridge, visitor: Visitor) -> None:
    asked(visitor, "let me talk to a human")
    asked(visitor, "thank you, I will wait")
    maria = bridge.agent("Maria")
    assert maria.open(visitor.conversation_id)["conversation"]["urgency"] == "normal"
    asked(visitor, "help, my brakes have failed")
    eventually(lambda: maria.open(visitor.conversation_id)["conversation"]["urgency"], lambda now: now == "urgent")
    assert state(visitor) == "waiting"
    assert came_of(bridge) == [("asked", "connect", None), ("emergency", "already", None)]
