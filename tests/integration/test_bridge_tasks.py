"""What departments promise their customers: calls and answers, from the assistant's request to the agent who did it."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from business.model import Business
from handoff_bridge.metrics import Metrics
from handoff_bridge.storage import PostgresStore
from handoff_bridge.task_clock import TaskClock
from tests.integration.bridge_world import (
    AgentClient,
    Bridge,
    StandInRasa,
    Visitor,
    bridge_process,
    eventually,
    frames_until,
    rasa_server,
)

SUNDAY_NIGHT = "2026-11-29T22:00-06:00"
MONDAY_MORNING = "2026-11-30T09:00-06:00"
PHONE = "(512) 555-0142"


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    """The dealership on a Sunday night."""
    with rasa_server(rasa) as url, bridge_process(engine, magnolia, url) as running:
        set_clock(running, SUNDAY_NIGHT)
        yield running


@pytest.fixture
def visitor(bridge: Bridge) -> Visitor:
    """A visitor who said hello and was answered."""
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    return visitor


@pytest.fixture
def jo(bridge: Bridge) -> AgentClient:
    """An agent of service."""
    return bridge.agent("Jo")


@pytest.fixture
def sam(bridge: Bridge) -> AgentClient:
    """An agent of sales."""
    return bridge.agent("Sam")


def set_clock(bridge: Bridge, time: str) -> None:
    bridge.clock.advance(datetime.fromisoformat(time) - bridge.clock())


def call(bridge: Bridge, visitor: Visitor, at: str = MONDAY_MORNING, **more: Any) -> requests.Response:
    """Asks for a call by service."""
    body = {"at": at, "phone": PHONE, "note": "the brakes squeak", "department": "service", **more}
    return bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/callback", body)


def called(bridge: Bridge, visitor: Visitor, at: str = MONDAY_MORNING, **more: Any) -> dict[str, Any]:
    """A call that must be arranged."""
    answer = call(bridge, visitor, at, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def leave(bridge: Bridge, visitor: Visitor, note: str = "Please send me the bill", **more: Any) -> requests.Response:
    body = {"note": note, "department": "service", **more}
    return bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/message", body)


def wait_in_line(bridge: Bridge, visitor: Visitor, department: str = "service") -> None:
    path = f"/bridge/conversations/{visitor.conversation_id}/handoff"
    assert bridge.from_actions(path, {"department": department, "reason": "asked"}).status_code == 200
    assert visitor.status()["state"] == "waiting"


def tasks(agent: AgentClient, state: str = "open") -> list[dict[str, Any]]:
    answer = agent.get(f"/tasks?state={state}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tasks"])


def end(agent: AgentClient, task_id: int, state: str = "done") -> requests.Response:
    return agent.post(f"/tasks/{task_id}", {"state": state})


def same_time(*times: str) -> bool:
    return len({datetime.fromisoformat(time) for time in times}) == 1


def test_a_call_is_a_task_of_the_department_and_ends_the_waiting(
    bridge: Bridge, visitor: Visitor, jo: AgentClient
) -> None:
    wait_in_line(bridge, visitor)
    arranged = called(bridge, visitor)
    assert arranged["department"] == "service"
    assert same_time(arranged["at"], MONDAY_MORNING)
    assert visitor.status()["state"] == "with_assistant"
    opened = jo.open(visitor.conversation_id)
    last = opened["transitions"][-1]
    assert (last["who"], last["move"], last["reason"]) == ("customer", "withdraw", "callback")
    [task] = tasks(jo)
    assert same_time(task["due_at"], MONDAY_MORNING)
    assert {name: task[name] for name in ("id", "kind", "department", "phone", "note", "state", "agent")} == {
        "id": arranged["id"],
        "kind": "callback",
        "department": "service",
        "phone": "+15125550142",
        "note": "the brakes squeak",
        "state": "open",
        "agent": None,
    }
    assert task["conversation_id"] == visitor.conversation_id
    assert set(task["customer"]) == {"name", "email", "phone"}


def test_agents_see_the_tasks_of_their_departments_and_supervisors_see_all(
    bridge: Bridge, visitor: Visitor, jo: AgentClient, sam: AgentClient
) -> None:
    called(bridge, visitor)
    leave(bridge, visitor, department="finance")
    assert [task["kind"] for task in tasks(jo)] == ["callback"]
    assert tasks(sam) == []
    assert [task["department"] for task in tasks(bridge.agent("Maria"))] == ["service", "finance"], "by when it is due"


def test_the_department_somebody_waits_for_is_the_one_that_calls(bridge: Bridge, visitor: Visitor) -> None:
    wait_in_line(bridge, visitor, "finance")
    assert called(bridge, visitor, department=None)["department"] == "finance"
    assert called(bridge, bridge_visitor(bridge), department=None)["department"] == "sales", "the default"


def bridge_visitor(bridge: Bridge) -> Visitor:
    visitor = bridge.visitor()
    visitor.say("hi")
    visitor.wait_for("You said hi")
    return visitor


def test_the_words_of_the_turn_that_asked_for_the_call_are_heard(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa
) -> None:
    wait_in_line(bridge, visitor)
    rasa.before = lambda _: called(bridge, visitor) and None
    visitor.say("yes, call me")
    visitor.wait_for("You said yes, call me")
    assert visitor.status()["state"] == "with_assistant"


def test_a_turn_that_an_agent_overtook_arranges_nothing(
    bridge: Bridge, visitor: Visitor, jo: AgentClient, rasa: StandInRasa
) -> None:
    wait_in_line(bridge, visitor)
    answers: list[requests.Response] = []

    def overtaken(_: dict[str, Any]) -> None:
        jo.moves(visitor.conversation_id, "accept")
        answers.extend([call(bridge, visitor), leave(bridge, visitor)])

    rasa.before = overtaken
    visitor.say("call me")
    eventually(lambda: len(answers) == 2)
    assert [answer.json()["error"]["code"] for answer in answers] == ["already_moved"] * 2
    assert tasks(jo) == []
    assert visitor.status()["state"] == "with_agent"


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2026-11-29T22:15-06:00", "2026-11-30T08:00-06:00"),
        ("2026-11-30T07:30-06:00", "2026-11-30T08:00-06:00"),
        ("2026-11-30T18:00-06:00", "2026-12-01T08:00-06:00"),
        ("2026-12-06T13:00-06:00", "2026-12-07T08:00-06:00"),
        ("2026-12-25T10:00-06:00", "2026-11-30T08:00-06:00"),
        ("2020-01-01T10:00-06:00", "2026-11-30T08:00-06:00"),
        ("0001-01-01T00:00+14:00", "2026-11-30T08:00-06:00"),
    ],
)
def test_a_time_at_which_nobody_can_call_is_refused_with_the_next_ones(
    bridge: Bridge, visitor: Visitor, jo: AgentClient, at: str, first: str
) -> None:
    wait_in_line(bridge, visitor)
    answer = call(bridge, visitor, at)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "callback_time"
    following = answer.json()["next"]
    assert same_time(following[0], first)
    assert len(following) == 5
    assert visitor.status()["state"] == "waiting", "who gets no call goes on waiting"
    assert tasks(jo) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": None},
        {"at": "tomorrow"},
        {"at": "2026-11-30T09:00"},
        {"at": "9999-12-31T23:59-12:00"},
        {"phone": None},
        {"phone": "call me"},
        {"phone": "12345"},
        {"department": "kitchen"},
        {"note": 7},
    ],
)
def test_a_wish_that_cannot_be_read_is_refused(bridge: Bridge, visitor: Visitor, wrong: dict[str, Any]) -> None:
    answer = call(bridge, visitor, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "field_invalid")


def test_a_call_for_nobody_is_not_found(bridge: Bridge, visitor: Visitor) -> None:
    visitor.conversation_id = "nobody"
    assert call(bridge, visitor).status_code == 404
    assert leave(bridge, visitor).status_code == 404
    path = f"/bridge/conversations/{visitor.conversation_id}/callback"
    assert bridge.post(path, {}).status_code == 401, "only with the secret"


def test_the_same_call_again_is_one_task_and_another_time_moves_it(
    bridge: Bridge, visitor: Visitor, jo: AgentClient
) -> None:
    first = called(bridge, visitor)
    assert called(bridge, visitor, "2026-11-30T15:00+00:00") == first, "the same moment, written otherwise"
    moved = called(bridge, visitor, "2026-12-01T10:00-06:00", phone="+1 512 555 0177")
    assert moved["id"] == first["id"]
    [task] = tasks(jo)
    assert same_time(task["due_at"], "2026-12-01T10:00-06:00")
    assert task["phone"] == "+15125550177"


def test_a_repeat_that_comes_when_the_time_has_passed_is_still_the_same_call(bridge: Bridge, visitor: Visitor) -> None:
    first = called(bridge, visitor)
    set_clock(bridge, "2026-11-30T09:05-06:00")
    assert called(bridge, visitor) == first


def test_a_call_may_go_to_another_department_only_in_its_hours(
    bridge: Bridge, visitor: Visitor, jo: AgentClient, sam: AgentClient
) -> None:
    called(bridge, visitor, "2026-11-30T08:00-06:00")
    assert call(bridge, visitor, "2026-11-30T08:00-06:00", department="finance").status_code == 422
    called(bridge, visitor, "2026-11-30T08:00-06:00", department="sales")
    assert tasks(jo) == []
    assert len(tasks(sam)) == 1


def test_a_new_call_takes_the_place_of_a_missed_one(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    called(bridge, visitor)
    set_clock(bridge, "2026-11-30T09:31-06:00")
    eventually(lambda: tasks(jo)[0]["state"] == "missed")
    again = called(bridge, visitor, "2026-11-30T11:00-06:00")
    assert [task["id"] for task in tasks(jo)] == [again["id"]]
    [before] = tasks(jo, "ended")
    assert (before["state"], before["missed_at"] is not None) == ("cancelled", True)


def test_a_message_is_due_when_the_department_opens_next(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    wait_in_line(bridge, visitor)
    left = leave(bridge, visitor, email="Dana@Example.org", phone=PHONE)
    assert left.status_code == 201, left.text
    assert left.json()["department"] == "service"
    assert visitor.status()["state"] == "with_assistant"
    [task] = tasks(jo)
    assert same_time(task["due_at"], "2026-11-30T08:00-06:00")
    assert (task["id"], task["kind"], task["note"]) == (left.json()["id"], "message", "Please send me the bill")
    assert (task["email"], task["phone"]) == ("dana@example.org", "+15125550142")


def test_a_message_left_in_the_hours_is_due_now(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    set_clock(bridge, MONDAY_MORNING)
    leave(bridge, visitor)
    [task] = tasks(jo)
    since = datetime.fromisoformat(task["due_at"]) - datetime.fromisoformat(MONDAY_MORNING)
    assert timedelta() <= since < timedelta(minutes=5)


def test_the_same_message_again_is_one_task_until_it_is_dealt_with(
    bridge: Bridge, visitor: Visitor, jo: AgentClient
) -> None:
    first = leave(bridge, visitor).json()
    assert leave(bridge, visitor, email="dana@example.org").json() == first
    assert leave(bridge, visitor, "And the key, please").json()["id"] != first["id"]
    assert [task["email"] for task in tasks(jo)] == ["dana@example.org", None]
    end(jo, first["id"])
    assert leave(bridge, visitor).json()["id"] != first["id"]


@pytest.mark.parametrize("wrong", [{"note": ""}, {"note": " \n"}, {"email": "dana at home"}, {"phone": "12"}])
def test_a_message_that_nobody_could_answer_is_refused(bridge: Bridge, visitor: Visitor, wrong: dict[str, str]) -> None:
    answer = leave(bridge, visitor, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "field_invalid")


def test_who_did_it_and_when_is_kept(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    task_id = called(bridge, visitor)["id"]
    set_clock(bridge, MONDAY_MORNING)
    done = end(jo, task_id)
    assert done.status_code == 200, done.text
    task = done.json()["task"]
    assert (task["state"], task["agent"]) == ("done", "Jo Lindqvist")
    since = datetime.fromisoformat(task["ended_at"]) - datetime.fromisoformat(MONDAY_MORNING)
    assert timedelta() <= since < timedelta(minutes=5)
    assert end(bridge.agent("Maria"), task_id).json()["task"] == task, "a repeat changes nothing, whoever it comes from"
    assert tasks(jo) == []
    assert tasks(jo, "ended") == [task]


def test_what_one_agent_did_another_cannot_undo(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    task_id = called(bridge, visitor)["id"]
    assert end(jo, task_id, "cancelled").json()["task"]["state"] == "cancelled"
    answer = end(bridge.agent("Maria"), task_id, "done")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "task_ended")
    assert tasks(jo, "ended")[0]["state"] == "cancelled"


def test_a_task_of_others_is_out_of_reach(bridge: Bridge, visitor: Visitor, sam: AgentClient, jo: AgentClient) -> None:
    task_id = called(bridge, visitor)["id"]
    assert end(sam, task_id).status_code == 404
    assert end(jo, task_id + 1000).status_code == 404
    assert jo.post("/tasks/1e3", {"state": "done"}).status_code == 404
    assert end(jo, task_id, "missed").status_code == 422
    assert jo.get("/tasks?state=all").status_code == 422
    path = f"{bridge.url}/inbox/api/tasks"
    assert requests.get(path, timeout=10).status_code == 401
    assert jo.session.post(f"{path}/{task_id}", json={"state": "done"}, timeout=10).status_code == 403
    assert tasks(jo)[0]["state"] == "open"


def test_the_department_is_reminded_on_its_pages_before_a_call(
    bridge: Bridge, visitor: Visitor, jo: AgentClient, sam: AgentClient
) -> None:
    with jo.socket() as of_service, sam.socket() as of_sales:
        called(bridge, visitor)
        frames_until(of_service, lambda frame: frame["type"] == "tasks")
        set_clock(bridge, "2026-11-30T08:49:50-06:00")
        assert tasks(jo)[0]["reminded_at"] is None
        set_clock(bridge, "2026-11-30T08:50:01-06:00")
        due = frames_until(of_service, lambda frame: frame["type"] == "task_due")[-1]["task"]
        assert (due["phone"], due["state"]) == ("+15125550142", "open")
        assert due["reminded_at"] == tasks(jo)[0]["reminded_at"]
        leave(bridge, visitor, department="sales")
        of_sales_only = frames_until(of_sales, lambda frame: frame["type"] == "task_due")
        assert [frame["task"]["department"] for frame in of_sales_only if frame["type"] == "task_due"] == ["sales"]


def test_a_call_at_another_time_is_reminded_of_again(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    called(bridge, visitor)
    set_clock(bridge, "2026-11-30T08:51-06:00")
    first = eventually(lambda: tasks(jo)[0]["reminded_at"])
    called(bridge, visitor, "2026-11-30T10:00-06:00")
    assert tasks(jo)[0]["reminded_at"] is None
    set_clock(bridge, "2026-11-30T09:51-06:00")
    assert eventually(lambda: tasks(jo)[0]["reminded_at"]) > first


def test_a_call_that_nobody_made_is_missed_and_may_still_be_made(
    bridge: Bridge, visitor: Visitor, jo: AgentClient
) -> None:
    task_id = called(bridge, visitor)["id"]
    leave(bridge, visitor)
    set_clock(bridge, "2026-11-30T09:31-06:00")
    seen = eventually(lambda: tasks(jo), lambda seen: "missed" in [task["state"] for task in seen])
    assert [(task["kind"], task["state"]) for task in seen] == [("message", "open"), ("callback", "missed")]
    assert seen[1]["missed_at"]
    done = end(jo, task_id).json()["task"]
    assert (done["state"], done["agent"]) == ("done", "Jo Lindqvist")
    assert done["missed_at"] == seen[1]["missed_at"], "that it was missed is not forgotten"


def test_what_falls_due_while_nobody_looks_or_while_the_clock_jumps_happens_once(
    engine: Engine, magnolia: Business, bridge: Bridge, visitor: Visitor, jo: AgentClient
) -> None:
    called(bridge, visitor)
    store, metrics = PostgresStore(engine), Metrics()
    bridge.services.clockwork.tick()
    now = [datetime.fromisoformat("2026-11-30T11:00-06:00")]
    clock = TaskClock(store, lambda: now[0], magnolia, metrics)
    clock.tick()
    [task] = tasks(jo)
    assert (task["state"], task["reminded_at"]) == ("missed", task["missed_at"]), "an hour late, but not lost"
    for jump in (-2, 1, -1, 24):
        now[0] += timedelta(hours=jump)
        clock.tick()
    page = metrics.page({}).decode()
    assert 'frontdesk_tasks_total{kind="callback",outcome="reminded"} 1.0' in page
    assert 'frontdesk_tasks_total{kind="callback",outcome="missed"} 1.0' in page
    assert tasks(jo) == [task]


def test_several_processes_remind_and_miss_each_task_once(
    engine: Engine, magnolia: Business, bridge: Bridge, jo: AgentClient
) -> None:
    visitor = bridge_visitor(bridge)
    number = 250
    with engine.begin() as connection:
        rows = "select 'visitor-' || n, 'website', now() from generate_series(1, :number) n"
        connection.execute(text(f"insert into contacts (address, channel, created_at) {rows}"), {"number": number})
        connection.execute(
            text(
                "insert into conversations (id, contact_id, channel, language, state, epoch, created_at, updated_at)"
                " select 'c-' || id, id, 'website', 'en', 'with_assistant', 0, now(), now() from contacts"
                " where address like 'visitor-%'"
            )
        )
        connection.execute(
            text(
                "insert into tasks (conversation_id, kind, department, due_at, phone, note, state, created_at)"
                " select id, 'callback', 'service', :due, '+15125550142', '', 'open', now() from conversations"
                " where id like 'c-%'"
            ),
            {"due": datetime.fromisoformat(MONDAY_MORNING)},
        )
    assert visitor.conversation_id
    all_metrics = [Metrics() for _ in range(4)]
    store, gate = PostgresStore(engine), threading.Barrier(4)
    at = datetime.fromisoformat("2026-11-30T10:00-06:00")

    def is_all_done() -> bool:
        with engine.connect() as connection:
            return connection.scalar(text("select count(*) from tasks where state = 'open'")) == 0

    def work(metrics: Metrics) -> None:
        clock = TaskClock(store, lambda: at, magnolia, metrics)
        gate.wait()
        for _ in range(100):  # a round takes a batch, and leaves what another process has in hand
            clock.tick()
            if is_all_done():
                return

    threads = [threading.Thread(target=work, args=(metrics,)) for metrics in all_metrics]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in ("reminded", "missed"):
        counted = sum(_counted(metrics, outcome) for metrics in all_metrics)
        assert counted == number, outcome
    with engine.connect() as connection:
        states = connection.execute(text("select distinct state, reminded_at is null, missed_at is null from tasks"))
        assert states.all() == [("missed", False, False)]


def _counted(metrics: Metrics, outcome: str) -> float:
    label = f'frontdesk_tasks_total{{kind="callback",outcome="{outcome}"}} '
    return sum(float(line.removeprefix(label)) for line in metrics.page({}).decode().splitlines() if label in line)


def test_tasks_are_erased_with_the_customer(engine: Engine, bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    called(bridge, visitor)
    leave(bridge, visitor)
    with engine.begin() as connection:
        connection.execute(text("delete from contacts"))
    assert tasks(jo) == []


def test_what_became_of_tasks_can_be_counted(bridge: Bridge, visitor: Visitor, jo: AgentClient) -> None:
    end(jo, called(bridge, visitor)["id"])
    leave(bridge, visitor)
    page = bridge.get("/metrics").text
    for kind, outcome in (("callback", "made"), ("callback", "done"), ("message", "made")):
        assert f'frontdesk_tasks_total{{kind="{kind}",outcome="{outcome}"}} 1.0' in page


def test_the_log_names_the_task_and_never_its_words(
    bridge: Bridge, visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    called(bridge, visitor)
    lines = capsys.readouterr().out
    assert "task_made" in lines
    assert "squeak" not in lines
    assert "5125550142" not in json.dumps(lines)
