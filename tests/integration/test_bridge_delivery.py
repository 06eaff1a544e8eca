"""Nothing is lost, nothing is said twice, whatever repeats, dies or hangs."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from business.model import Business
from handoff_bridge.storage import PostgresStore
from tests.integration.bridge_world import (
    PATIENCE,
    SECRET,
    Bridge,
    StandInRasa,
    Visitor,
    bridge_process,
    bridge_subprocess,
    close_code,
    eventually,
    frames_until,
    rasa_server,
    with_patience,
)


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    calm = with_patience(magnolia, notice=60, give_up=3600)
    with rasa_server(rasa) as url, bridge_process(engine, calm, url) as running:
        yield running


def test_a_message_repeated_twenty_times_at_once_is_one_message(visitor: Visitor, rasa: StandInRasa) -> None:
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda _: visitor.send("hello", message_id="the-same-one"), range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    visitor.wait_for("You said hello")
    visitor.send("hello", message_id="the-same-one")
    visitor.say("something else")
    visitor.wait_for("You said something else")
    assert rasa.texts == ["hello", "something else"]
    assert visitor.heard() == ["You said hello", "You said something else"]


def test_messages_are_answered_one_at_a_time_in_order(visitor: Visitor, rasa: StandInRasa) -> None:
    under_way: list[int] = []
    most = []

    def watch(_: dict[str, Any]) -> None:
        under_way.append(1)
        most.append(len(under_way))
        threading.Event().wait(0.02)
        under_way.pop()

    rasa.before_each = watch
    texts = [f"message {number}" for number in range(12)]
    for words in texts:
        visitor.say(words)
    visitor.wait_for("You said message 11")
    assert rasa.texts == texts
    assert visitor.heard("assistant") == [f"You said {words}" for words in texts]
    assert max(most) == 1


def test_ids_rise_in_the_order_everybody_sees(visitor: Visitor) -> None:
    visitor.say("first")
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda number: visitor.say(f"at once {number}"), range(16)))
    eventually(lambda: len(visitor.heard("assistant")) == 17)
    seen, after = [], 0
    while page := visitor.history(after)[:3]:
        seen += [message["id"] for message in page]
        after = seen[-1]
    assert seen == sorted(seen)
    assert len(seen) == 34


def test_a_slow_conversation_delays_no_other(bridge: Bridge, visitor: Visitor, rasa: StandInRasa) -> None:
    go_on = threading.Event()
    rasa.before = lambda turn: turn["text"] == "slow" and go_on.wait(PATIENCE)
    slow_ones = [bridge.visitor() for _ in range(5)]
    for slow in slow_ones:
        slow.say("slow")
    visitor.say("quick")
    visitor.wait_for("You said quick")
    go_on.set()
    for slow in slow_ones:
        slow.wait_for("You said slow")


def test_a_rasa_that_is_down_is_waited_for_and_the_customer_told_once(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    hasty = with_patience(magnolia, notice=0.2, give_up=3600)
    with rasa_server(rasa) as url, bridge_process(engine, hasty, url) as bridge:
        visitor, notice = bridge.visitor(), magnolia.phrases_in("en").one_moment
        rasa.status = 503
        visitor.say("one")
        visitor.wait_for(notice)
        assert visitor.status()["assistant"] == "slow"
        visitor.say("two")
        eventually(lambda: len(rasa.requests) >= 3)
        assert visitor.heard() == [notice]
        rasa.status = 200
        visitor.wait_for("You said one", "You said two")
        assert rasa.texts == ["one", "two"]


def test_an_answer_ends_the_outage_and_the_next_one_is_told_again(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    hasty = with_patience(magnolia, notice=0.2, give_up=3600)
    with rasa_server(rasa) as url, bridge_process(engine, hasty, url) as bridge:
        visitor, notice = bridge.visitor(), magnolia.phrases_in("en").one_moment
        for number in (1, 2):
            rasa.status = 503
            visitor.say(f"question {number}")
            eventually(lambda: visitor.heard("system"), lambda said, told=number: said == [notice] * told)
            rasa.status = 200
            visitor.wait_for(f"You said question {number}")
        assert visitor.status()["assistant"] == "ok"


def test_an_answer_that_comes_after_giving_up_is_not_heard(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    impatient = with_patience(magnolia, notice=0.2, give_up=1)
    come_back = threading.Event()
    rasa.before = lambda _: come_back.wait(PATIENCE)
    with rasa_server(rasa) as url, bridge_process(engine, impatient, url) as bridge:
        visitor = bridge.visitor()
        visitor.say("hello")
        visitor.say("anybody?")
        eventually(visitor.status, lambda status: status["state"] == "waiting")
        come_back.set()
        read = text("select state, note from turns where message_id is not null order by id")
        with engine.connect() as connection:
            turns = eventually(lambda: connection.execute(read).all(), lambda rows: rows[0].note is not None)
        assert [turn.state for turn in turns] == ["given_up", "given_up"]
        assert turns[0].note["reason"] == "late"
        assert rasa.texts == ["hello"]
        assert visitor.heard("assistant") == []


def test_after_a_while_the_conversation_is_offered_to_a_person_once(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    impatient = with_patience(magnolia, notice=0.2, give_up=1)
    rasa.status = 500
    with rasa_server(rasa) as url, bridge_process(engine, impatient, url) as bridge:
        visitor = bridge.visitor()
        visitor.say("hello")
        eventually(visitor.status, lambda status: status["state"] == "waiting")
        visitor.say("anybody?")
        read = text("select count(*) from turns where state = 'given_up'")
        with engine.connect() as connection:
            eventually(lambda: connection.scalar(read) == 2)
        phrases = impatient.phrases_in("en")
        *heard, where_in_line = visitor.heard()
        assert heard == [phrases.one_moment, phrases.assistant_unavailable]
        assert "Sales" in where_in_line
        assert bridge.agent("Sam").open(visitor.conversation_id)["conversation"]["reason"] == "assistant_unavailable"


def test_an_assistant_that_is_gone_at_night_says_when_somebody_is_there(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    impatient = with_patience(magnolia, notice=0.2, give_up=1)
    rasa.status = 500
    with rasa_server(rasa) as url, bridge_process(engine, impatient, url) as bridge:
        bridge.clock.advance(datetime.fromisoformat("2026-11-29T22:00-06:00") - bridge.clock())
        visitor = bridge.visitor()
        visitor.say("hello")
        eventually(visitor.status, lambda status: status["state"] == "waiting")
        assert "away right now and back Mon, Nov 30" in visitor.heard()[-1]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"no JSON at all",
        {"surprise": True},
        {"messages": "text"},
        {"messages": [{"text": "x" * 4_200_000}]},
        {"messages": []},
        {"messages": [], "error": {"code": "failed", "message": "it broke"}},
    ],
    ids=["not JSON", "another shape", "another type", "over 4 MB", "nothing said", "a failed turn"],
)
def test_whatever_the_assistant_says_the_customer_gets_a_sentence(
    visitor: Visitor, rasa: StandInRasa, magnolia: Business, nonsense: Any
) -> None:
    rasa.say = lambda turn: nonsense if turn["text"] == "break" else [{"text": "Fine"}]
    visitor.say("break")
    visitor.wait_for(magnolia.phrases_in("en").failed)
    visitor.say("and now?")
    visitor.wait_for("Fine")
    assert visitor.heard().count(magnolia.phrases_in("en").failed) == 1


def test_what_was_said_before_a_failure_is_heard(visitor: Visitor, rasa: StandInRasa, magnolia: Business) -> None:
    rasa.say = lambda _: {"messages": [{"text": "Let me look"}], "error": {"code": "failed", "message": "no calendar"}}
    visitor.say("book")
    visitor.wait_for(magnolia.phrases_in("en").failed)
    assert visitor.heard() == ["Let me look", magnolia.phrases_in("en").failed]


def test_a_tracker_that_thinks_it_is_paused_is_told_better(visitor: Visitor, rasa: StandInRasa) -> None:
    rasa.say = lambda turn: {"messages": [], "paused": True} if turn["text"] == "hello" else [{"text": "Here"}]
    visitor.say("hello")
    eventually(lambda: len(rasa.events) == 1)
    visitor.say("and now?")
    visitor.wait_for("Here")


def test_two_bridges_on_one_database_share_the_work_and_serve_each_others_sockets(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    calm = with_patience(magnolia, notice=60, give_up=3600)
    with (
        rasa_server(rasa) as url,
        bridge_process(engine, calm, url) as left,
        bridge_process(engine, calm, url) as right,
    ):
        visitor = left.visitor()
        visitor.say("message 0")
        visitor.wait_for("You said message 0")
        visitor.bridge = right
        with visitor.socket() as socket:
            for number in range(1, 11):
                visitor.bridge = left if number % 2 else right
                visitor.say(f"message {number}")
            frames = frames_until(socket, lambda one: one.get("message", {}).get("text") == "You said message 10")
    told = [frame["message"]["text"] for frame in frames if frame.get("message", {}).get("author") == "assistant"]
    assert told == [f"You said message {number}" for number in range(11)]
    assert rasa.texts == [f"message {number}" for number in range(11)]


def test_a_bridge_that_loses_its_listening_connection_misses_nothing(
    bridge: Bridge, visitor: Visitor, engine: Engine
) -> None:
    visitor.say("hello")
    visitor.wait_for("You said hello")
    with visitor.socket() as theirs, bridge.agent("Sam").socket() as page:
        frames_until(theirs, lambda frame: frame["type"] == "status")
        with engine.begin() as connection:
            cut = "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'"
            assert connection.execute(text(cut)).scalar()
        visitor.say("still there?")
        frames_until(theirs, lambda frame: frame.get("message", {}).get("text") == "You said still there?")
        assert close_code(page) == 1012


def test_a_worker_whose_lease_ran_out_says_nothing_when_it_comes_back(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    """The first worker is held up inside Rasa until a second one has taken the turn and answered."""
    with rasa_server(rasa) as url, bridge_process(engine, magnolia, url) as bridge:
        dead = PostgresStore(engine)
        visitor = bridge.visitor()
        visitor.say("hello")
        visitor.wait_for("You said hello")
        bridge.services.delivery.lease = 0.3
        hold_up, answered = threading.Event(), threading.Event()
        first = iter([True])
        rasa.before_each = lambda _: next(first, False) and (hold_up.set(), answered.wait(PATIENCE))
        visitor.say("who answers?")
        assert hold_up.wait(PATIENCE)
        with engine.begin() as connection:  # as after a kill: nobody renews the lease
            lost = "lease = 'dead:1', lease_until = now() - interval '1 s'"
            connection.execute(text(f"update turns set {lost} where state = 'working'"))
        visitor.wait_for("You said who answers?")
        answered.set()
        with engine.connect() as connection:
            read = text("select note from turns where note is not null")
            late = {"reason": "late", "answer": ["You said who answers?"]}
            eventually(lambda: connection.scalar(read) == late)
        assert visitor.heard() == ["You said hello", "You said who answers?"]
        with dead.begin() as t:
            assert t.turns.claim("nobody:1", 1) is None


def test_kill_9_loses_nothing_and_says_nothing_twice(database_url: str, engine: Engine, magnolia: Business) -> None:
    rasa = StandInRasa()
    asked = threading.Event()
    rasa.before_each = lambda _: asked.set()
    with rasa_server(rasa) as url:
        environment = {"DATABASE_URL": database_url, "FRONTDESK_SECRET": SECRET, "RASA_URLS": url}
        visitor_id, token = "kill-minus-nine-visitor", {}

        def say(port: int, message_id: str) -> requests.Response:
            body = {"visitor_id": visitor_id, "message_id": message_id, "text": message_id}
            address = f"http://127.0.0.1:{port}/channels/website/messages"
            return requests.post(address, json=body, headers=token, timeout=PATIENCE)

        go_on = threading.Event()
        rasa.before = lambda _: go_on.wait(PATIENCE)
        with bridge_subprocess(environment) as (process, port):
            token = {"Authorization": f"Bearer {say(port, 'message-1').json()['visitor_token']}"}
            assert say(port, "message-2").status_code == 202
            assert asked.wait(PATIENCE)
            process.send_signal(signal.SIGKILL)
            process.wait()
        go_on.set()
        with bridge_subprocess(environment) as (process, port):
            address = f"http://127.0.0.1:{port}/channels/website/messages?visitor_id={visitor_id}"

            def heard() -> list[str]:
                messages = requests.get(address, headers=token, timeout=PATIENCE).json()["messages"]
                return [message["text"] for message in messages if message["author"] == "assistant"]

            eventually(heard, lambda said: len(said) >= 2)
            assert heard() == ["You said message-1", "You said message-2"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        assert rasa.texts == ["message-1", "message-2"]
