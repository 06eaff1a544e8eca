"""How was it? Asked once, answered by a button or a word, and read from the handoff's row."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from business.model import Business
from handoff_bridge.announcer import Announcer
from tests.integration.bridge_world import AgentClient, Bridge, StandInRasa, Visitor, bridge_process, rasa_server

QUESTION = "How was it with Sam Okafor?"
THANKS = "Thank you, we have noted that."
PASSED_ON = "Thank you, we'll pass it on."
OVER = "Thank you. That rating can't be changed at the moment."


@pytest.fixture
def visitor(bridge: Bridge, sam: AgentClient) -> Visitor:
    """A visitor whom Sam has answered."""
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    assert sam.reply(visitor.conversation_id, "How may I help?").status_code == 201
    return visitor


@pytest.fixture
def asked(visitor: Visitor, sam: AgentClient) -> Visitor:
    """The same, after Sam has resolved the conversation."""
    sam.moves(visitor.conversation_id, "resolve")
    return visitor


def questions(visitor: Visitor) -> list[dict[str, Any]]:
    return [said for said in visitor.history() if said["text"].startswith("How was it")]


def press(visitor: Visitor, title: str) -> str:
    """Presses the newest button with this title; what the front desk says to that."""
    button = next(b for said in reversed(visitor.history()) for b in said["buttons"] if b["title"] == title)
    visitor.say(title, button=button["id"])
    return visitor.heard()[-1]


def rated(sam: AgentClient, visitor: Visitor) -> tuple[int | None, str | None]:
    handoff = sam.open(visitor.conversation_id)["handoff"]
    return handoff["rating"], handoff["rating_comment"]


def state(visitor: Visitor) -> str:
    return str(visitor.status()["state"])


def test_a_customer_is_asked_after_the_agent_is_through(asked: Visitor) -> None:
    closed, question = asked.history()[-2:]
    assert closed["text"].startswith("This conversation is closed.")
    assert question["text"].startswith(QUESTION)
    assert [button["title"] for button in question["buttons"]] == ["1", "2", "3", "4", "5"]
    assert question["author"] == "system"


def test_a_button_rates_and_opens_nothing_again(asked: Visitor, sam: AgentClient, rasa: StandInRasa) -> None:
    assert press(asked, "4") == THANKS
    assert rated(sam, asked) == (4, None)
    assert (state(asked), rasa.texts) == ("resolved", ["hello"])


def test_a_word_is_added_when_the_customer_says_so(asked: Visitor, sam: AgentClient, rasa: StandInRasa) -> None:
    press(asked, "5")
    assert press(asked, "Add a word") == "Please write it in your next message."
    asked.say("Sam was kind: 5 of 5?")
    assert asked.heard()[-1] == PASSED_ON
    assert rated(sam, asked) == (5, "Sam was kind: 5 of 5?")
    assert (state(asked), rasa.texts) == ("resolved", ["hello"])
    asked.say("now something else")
    asked.wait_for("You said now something else")
    assert rated(sam, asked) == (5, "Sam was kind: 5 of 5?")


def test_without_that_button_the_next_words_are_no_comment(asked: Visitor, sam: AgentClient) -> None:
    press(asked, "5")
    asked.say("I have another question")
    asked.wait_for("You said I have another question")
    assert rated(sam, asked) == (5, None)


def test_words_that_come_late_or_after_another_button_are_no_comment(
    bridge: Bridge, asked: Visitor, sam: AgentClient
) -> None:
    press(asked, "5")
    press(asked, "Add a word")
    press(asked, "3")
    asked.say("a question")
    asked.wait_for("You said a question")
    press(asked, "Add a word")
    bridge.clock.advance(timedelta(minutes=61))
    asked.say("much later")
    asked.wait_for("You said much later")
    assert rated(sam, asked) == (3, None)


@pytest.mark.parametrize(("typed", "rating", "comment"), [("5", 5, None), ("4 quick help", 4, "quick help")])
def test_a_rating_may_be_typed_right_after_the_question(
    asked: Visitor, sam: AgentClient, typed: str, rating: int, comment: str | None
) -> None:
    asked.say(typed)
    assert asked.heard()[-1] == (PASSED_ON if comment else THANKS)
    assert rated(sam, asked) == (rating, comment)
    assert state(asked) == "resolved"


def test_a_number_that_is_no_answer_to_the_question_goes_its_way(asked: Visitor, sam: AgentClient) -> None:
    asked.say("hello again")
    asked.wait_for("You said hello again")
    asked.say("5")
    asked.wait_for("You said 5")
    assert rated(sam, asked) == (None, None)


def test_after_a_return_the_assistant_goes_on_beside_the_question(
    visitor: Visitor, sam: AgentClient, rasa: StandInRasa
) -> None:
    sam.moves(visitor.conversation_id, "return")
    visitor.say("5 stars")
    assert visitor.heard()[-1] == THANKS
    visitor.say("book something")
    visitor.wait_for("You said book something")
    assert rated(sam, visitor) == (5, None)
    assert rasa.texts == ["hello", "book something"]


def test_a_second_rating_changes_the_first_for_a_day(bridge: Bridge, asked: Visitor) -> None:
    press(asked, "1")
    bridge.clock.advance(timedelta(hours=23))
    assert press(asked, "5") == THANKS
    assert rated(bridge.agent("Sam"), asked) == (5, None)
    bridge.clock.advance(timedelta(hours=2))
    assert press(asked, "1") == OVER
    assert rated(bridge.agent("Sam"), asked) == (5, None)


def test_each_handoff_is_asked_about_once(visitor: Visitor, sam: AgentClient, engine: Engine) -> None:
    sam.moves(visitor.conversation_id, "return")
    sam.moves(visitor.conversation_id, "resolve")
    assert len(questions(visitor)) == 1
    visitor.say("hello again")
    visitor.wait_for("You said hello again")
    sam.reply(visitor.conversation_id, "Here I am")
    sam.moves(visitor.conversation_id, "resolve")
    assert len(questions(visitor)) == 2
    with engine.connect() as connection:
        asked = connection.execute(text("select rating_asked_at is not null from handoffs order by id")).scalars().all()
    assert asked == [True, True]


def test_an_agent_who_did_not_answer_is_not_asked_about(bridge: Bridge, sam: AgentClient) -> None:
    visitor = bridge.visitor()
    visitor.say("hello")
    sam.moves(visitor.conversation_id, "take_over")
    sam.moves(visitor.conversation_id, "resolve")
    assert questions(visitor) == []


def test_only_the_last_agent_of_a_transfer_is_asked_about(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    jo = bridge.agent("Jo")
    sam.moves(visitor.conversation_id, "transfer", department="service")
    jo.reply(visitor.conversation_id, "Here is Jo")
    jo.moves(visitor.conversation_id, "resolve")
    assert [one["text"].split("?")[0] for one in questions(visitor)] == ["How was it with Jo Lindqvist"]


def test_what_is_said_while_an_agent_is_there_is_said_to_the_agent(
    visitor: Visitor, sam: AgentClient, engine: Engine
) -> None:
    sam.moves(visitor.conversation_id, "return")
    press(visitor, "2")
    press(visitor, "Add a word")
    sam.reply(visitor.conversation_id, "What was wrong?")
    visitor.say("it took long")
    assert press(visitor, "Add a word") == OVER
    visitor.say("5")
    sam.moves(visitor.conversation_id, "return")
    visitor.say("and now?")
    visitor.wait_for("You said and now?")
    with engine.connect() as connection:
        found = connection.execute(text("select rating, rating_comment from handoffs order by id")).all()
    assert [tuple(row) for row in found] == [(2, None), (None, None)]


def test_a_button_of_the_front_desk_that_nobody_knows_any_more_reaches_nobody(
    bridge: Bridge, asked: Visitor, magnolia: Business, rasa: StandInRasa
) -> None:
    with bridge.store.begin() as t:
        conversation = t.conversations.lock(asked.conversation_id)
        assert conversation is not None
        Announcer(magnolia).say(t, conversation, "withdrawn", bridge.clock(), buttons=(("Old", "bridge:old:1"),))
    press(asked, "Old")
    assert (state(asked), rasa.texts) == ("resolved", ["hello"])


def test_a_business_may_leave_it_out(engine: Engine, magnolia: Business, rasa: StandInRasa) -> None:
    rules = magnolia.handoff.model_copy(update={"rating": False})
    silent = magnolia.model_copy(update={"handoff": rules})
    with rasa_server(rasa) as url, bridge_process(engine, silent, url) as bridge:
        visitor, sam = bridge.visitor(), bridge.agent("Sam")
        visitor.say("hello")
        sam.reply(visitor.conversation_id, "Hello")
        sam.moves(visitor.conversation_id, "resolve")
        assert questions(visitor) == []


def test_figures_are_read_from_the_rows(bridge: Bridge, sam: AgentClient, engine: Engine) -> None:
    maria = bridge.agent("Maria")
    rated_one, unrated = bridge.visitor(), bridge.visitor()
    for visitor in (rated_one, unrated):
        visitor.say("hello")
        bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "sales"})
        sam.reply(visitor.conversation_id, "Hello")
        sam.moves(visitor.conversation_id, "resolve")
    press(rated_one, "4")
    other = bridge.visitor()
    other.say("hello")
    maria.moves(other.conversation_id, "request", department="finance")
    bridge.from_actions(f"/bridge/conversations/{other.conversation_id}/withdraw")
    maria.reply(other.conversation_id, "May I?")
    maria.moves(other.conversation_id, "resolve")
    with engine.begin() as connection:  # so that the seconds are known
        connection.execute(
            text(
                "update handoffs set accepted_at = requested_at + id * interval '10 s',"
                " answered_at = requested_at + id * interval '20 s', ended_at = requested_at + id * interval '60 s'"
                " where department = 'sales' and reason <> 'take_over'"
            )
        )
    report = maria.get("/reports/handoffs").json()
    of = {one["department"]: one for one in report["departments"]}
    sales = of["sales"]
    assert (sales["requested"], sales["accepted"], sales["succeeded"], sales["success_rate"]) == (2, 2, 2, 1.0)
    assert sales["waiting_seconds"] == {"median": 15.0, "p90": 19.0}
    assert sales["first_answer_seconds"] == {"median": 30.0, "p90": 38.0}
    assert sales["resolution_seconds"] == {"median": 90.0, "p90": 114.0}
    assert (sales["mean_rating"], sales["rated"], sales["taken_over"]) == (4.0, 1, 1)
    assert (of["finance"]["requested"], of["finance"]["withdrawn"], of["finance"]["success_rate"]) == (1, 1, 0.0)
    assert of["finance"]["waiting_seconds"] == {"median": None, "p90": None}
    assert (report["total"]["requested"], report["total"]["rated"], report["total"]["taken_over"]) == (3, 1, 1)
    assert report["total"]["success_rate"] == pytest.approx(2 / 3)


def test_a_report_is_of_some_days_and_for_supervisors(bridge: Bridge, sam: AgentClient) -> None:
    maria = bridge.agent("Maria")
    visitor = bridge.visitor()
    visitor.say("hello")
    bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "sales"})
    report = maria.get("/reports/handoffs?from=2020-01-01&to=2020-12-31").json()
    assert (report["from"], report["to"]) == ("2020-01-01", "2020-12-31")
    assert (report["departments"], report["total"]["requested"], report["total"]["success_rate"]) == ([], 0, None)
    assert maria.get("/reports/handoffs").json()["total"]["requested"] == 1
    assert sam.get("/reports/handoffs").status_code == 403
    assert maria.get("/reports/handoffs?from=soon").status_code == 422
    assert maria.get("/reports/handoffs?from=2021-01-01&to=2020-12-31").status_code == 422
