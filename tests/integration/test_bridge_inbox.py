"""The agents' inbox: who gets in, what they see, and that two of them never hold one conversation."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from tests.integration.bridge_world import (
    PATIENCE,
    SECRET,
    AgentClient,
    Bridge,
    StandInRasa,
    Visitor,
    close_code,
    frames_until,
)

LOGIN = "/inbox/api/login"
SAM = "sam@magnolia-motors.example"


@pytest.fixture
def visitor(bridge: Bridge) -> Visitor:
    """A visitor who said hello and was answered."""
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    return visitor


@pytest.fixture
def waiting(bridge: Bridge, visitor: Visitor) -> Visitor:
    """A visitor who waits for a person of sales."""
    path = f"/bridge/conversations/{visitor.conversation_id}/handoff"
    assert bridge.from_actions(path, {"department": "sales", "reason": "asked"}).status_code == 200
    return visitor


def test_an_unknown_address_and_a_wrong_password_are_told_the_same(bridge: Bridge) -> None:
    answers = [
        bridge.post(LOGIN, {"email": SAM, "password": "wrong"}),
        bridge.post(LOGIN, {"email": "nobody@magnolia-motors.example", "password": "wrong"}),
        bridge.post(LOGIN, {}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


def test_ten_failed_logins_close_an_address_for_a_while(bridge: Bridge) -> None:
    for _ in range(10):
        assert bridge.post(LOGIN, {"email": SAM, "password": "wrong"}).status_code == 401
    right = {"email": SAM.upper(), "password": bridge.logins["Sam"]}
    assert bridge.post(LOGIN, right).status_code == 429
    assert bridge.agent("Jo").agent["name"] == "Jo Lindqvist"
    bridge.clock.advance(timedelta(minutes=16))
    assert bridge.post(LOGIN, right).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(bridge: Bridge) -> None:
    answer = bridge.post(LOGIN, {"email": SAM, "password": bridge.logins["Sam"]})
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("frontdesk_session=", "HttpOnly", "SameSite=Strict", "Path=/inbox/api"))
    assert bridge.logins["Sam"] not in answer.text


def test_only_hashes_are_stored(bridge: Bridge, sam: AgentClient, engine: Engine) -> None:
    (cookie,) = sam.session.cookies
    with engine.connect() as connection:
        stored = str(connection.execute(text("select * from agents, agent_sessions")).all())
    assert str(cookie.value) not in stored
    assert bridge.logins["Sam"] not in stored


def test_a_change_needs_the_sessions_own_csrf_token(bridge: Bridge, sam: AgentClient, visitor: Visitor) -> None:
    path = f"{bridge.url}/inbox/api/conversations/{visitor.conversation_id}/moves"
    body = {"move": "take_over", "epoch": 0}
    for headers in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": bridge.agent("Jo").csrf}):
        assert sam.session.post(path, json=body, headers=headers, timeout=PATIENCE).status_code == 403
    assert visitor.status()["state"] == "with_assistant"


def test_a_session_ends_by_logging_out_and_after_twelve_hours(bridge: Bridge, sam: AgentClient) -> None:
    jo = bridge.agent("Jo")
    assert sam.post("/logout", {}).status_code == 204
    assert sam.get("/me").status_code == 401
    bridge.clock.advance(timedelta(hours=11))
    assert jo.get("/me").status_code == 200
    bridge.clock.advance(timedelta(hours=2))
    assert jo.get("/me").status_code == 401


def test_me_says_who_and_where_i_am(sam: AgentClient) -> None:
    me = sam.get("/me").json()
    assert (me["agent"]["name"], me["agent"]["departments"], me["csrf"]) == ("Sam Okafor", ["sales"], sam.csrf)
    assert [agent["name"] for agent in me["agents"]] == ["Jo Lindqvist", "Maria Lopez", "Sam Okafor"]
    assert me["departments"][0] == {"key": "sales", "name": "Sales"}
    assert me["business"] == {"name": "Magnolia Motors", "time_zone": "America/Chicago"}


def test_each_conversation_stands_in_its_queue(bridge: Bridge, waiting: Visitor, sam: AgentClient) -> None:
    jo, other = bridge.agent("Jo"), bridge.visitor()
    other.say("hello")
    sam.moves(waiting.conversation_id, "accept")

    def queues(agent: AgentClient) -> dict[str, list[str]]:
        names = ("with_assistant", "waiting", "mine", "others", "resolved")
        found = {name: agent.get(f"/conversations?queue={name}").json()["conversations"] for name in names}
        return {name: [one["id"] for one in ones] for name, ones in found.items() if ones}

    assert queues(sam) == {"with_assistant": [other.conversation_id], "mine": [waiting.conversation_id]}
    assert queues(jo) == {"with_assistant": [other.conversation_id], "others": [waiting.conversation_id]}
    counts = jo.get("/conversations?queue=mine").json()["counts"]
    assert counts == {"with_assistant": 1, "waiting": 0, "mine": 0, "others": 1}
    assert sam.get("/conversations?queue=none").status_code == 422
    assert sam.get("/conversations?queue=mine&before=yesterday").status_code == 422


def test_the_one_who_waits_longest_comes_first_and_a_page_goes_on_before_the_last(
    bridge: Bridge, sam: AgentClient
) -> None:
    visitors = [bridge.visitor() for _ in range(3)]
    for visitor in visitors:
        visitor.say("a person please")
        bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "sales"})
    ids = [visitor.conversation_id for visitor in visitors]
    assert [one["id"] for one in sam.get("/conversations?queue=waiting").json()["conversations"]] == ids
    for conversation_id in ids:
        sam.moves(conversation_id, "resolve")
    newest = sam.get("/conversations?queue=resolved").json()["conversations"]
    assert [one["id"] for one in newest] == ids[::-1]
    before = requests.utils.quote(newest[0]["updated_at"])
    older = sam.get(f"/conversations?queue=resolved&before={before}").json()["conversations"]
    assert [one["id"] for one in older] == ids[1::-1]


def test_an_agent_sees_everything_said_and_known(bridge: Bridge, rasa: StandInRasa, sam: AgentClient) -> None:
    slots = {"service": "oil_change", "customer_name": "Kim", "email": "kim@example.org", "phone": "+15125550100"}
    rasa.say = lambda _: {
        "messages": [{"text": "Noted", "buttons": [{"title": "Go on", "payload": "/affirm"}]}],
        "slots": slots,
        "intent": {"name": "inform", "confidence": 0.87},
    }
    visitor = bridge.visitor()
    visitor.say("oil change for Kim")
    visitor.wait_for("Noted")
    seen = sam.open(visitor.conversation_id)
    customer, assistant = seen["messages"]
    assert (customer["intent"], customer["confidence"], customer["status"]) == ("inform", 0.87, "sent")
    assert assistant["buttons"][0].keys() == {"id", "title"}
    words = slots | {"service": "oil change", "phone": "+1 512-555-0100"}
    assert seen["facts"] == [{"name": name, "value": value} for name, value in sorted(words.items())]
    assert seen["conversation"]["customer"] == {"name": "Kim", "email": "kim@example.org", "phone": "+15125550100"}
    assert seen["conversation"]["unread"] == 1
    assert sam.post(f"/conversations/{visitor.conversation_id}/read", {"up_to": assistant["id"]}).status_code == 204
    assert sam.open(visitor.conversation_id)["conversation"]["unread"] == 0
    assert sam.get("/conversations/unknown").status_code == 404


def test_a_long_history_comes_in_pages(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    sam.moves(visitor.conversation_id, "take_over")
    for number in range(105):
        visitor.say(f"line {number}")
    last = sam.open(visitor.conversation_id)
    assert (len(last["messages"]), last["has_more"]) == (100, True)
    path = f"/conversations/{visitor.conversation_id}/messages"
    first = sam.get(f"{path}?before={last['messages'][0]['id']}").json()
    assert (first["messages"][0]["text"], first["has_more"]) == ("hello", False)
    after = sam.get(f"{path}?after={first['messages'][0]['id']}").json()
    assert (len(after["messages"]), after["has_more"]) == (100, True)


def test_the_second_agent_to_accept_is_told_who_won(bridge: Bridge, waiting: Visitor, sam: AgentClient) -> None:
    jo = bridge.agent("Jo")
    epoch = jo.open(waiting.conversation_id)["conversation"]["epoch"]
    sam.moves(waiting.conversation_id, "accept")
    path = f"/conversations/{waiting.conversation_id}/moves"
    late = jo.post(path, {"move": "accept", "epoch": epoch})
    assert late.status_code == 409
    assert late.json()["error"]["code"] == "already_moved"
    assert late.json()["error"]["message"].startswith("Sam Okafor was faster")
    assert late.json()["conversation"]["assigned_to"]["name"] == "Sam Okafor"


def test_of_many_who_accept_at_once_one_wins(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    agents = [sam, bridge.agent("Jo"), bridge.agent("Maria")]
    path = f"/conversations/{visitor.conversation_id}/moves"
    for _ in range(5):
        handoff = f"/bridge/conversations/{visitor.conversation_id}/handoff"
        assert bridge.from_actions(handoff, {"department": "sales"}).json()["state"] == "waiting"
        epoch = sam.open(visitor.conversation_id)["conversation"]["epoch"]
        with ThreadPoolExecutor(12) as many:
            body = {"move": "accept", "epoch": epoch}
            answers = list(many.map(lambda agent, body=body: agent.post(path, body), agents * 4))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
        winner = next(answer for answer in answers if answer.status_code == 200).json()["conversation"]["assigned_to"]
        holder = next(agent for agent in agents if agent.agent["id"] == winner["id"])
        holder.moves(visitor.conversation_id, "return")
    moves = [done["move"] for done in sam.open(visitor.conversation_id)["transitions"]]
    assert moves == ["request", "accept", "return"] * 5


def test_two_agents_who_answer_at_once_never_both_hold_it(bridge: Bridge, waiting: Visitor, sam: AgentClient) -> None:
    agents = [sam, bridge.agent("Jo")] * 4
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda agent: agent.reply(waiting.conversation_id, "I can help"), agents))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 4
    assert len(set(waiting.heard("agent"))) == 1
    assert [m["name"] for m in waiting.history() if m["author"] == "agent"] in (
        ["Sam Okafor"] * 4,
        ["Jo Lindqvist"] * 4,
    )


@pytest.mark.parametrize(
    ("move", "more", "status"),
    [
        ("accept", {}, 422),
        ("return", {}, 422),
        ("expire", {}, 422),
        ("fly", {}, 422),
        ("request", {}, 403),
        ("take_over", {}, 200),
        ("resolve", {}, 200),
    ],
)
def test_the_table_decides_what_an_agent_may_do(
    visitor: Visitor, sam: AgentClient, move: str, more: dict[str, Any], status: int
) -> None:
    assert sam.move(visitor.conversation_id, move, **more).status_code == status


def test_another_agents_conversation_is_not_mine_to_move_but_an_administrator_may(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    jo, maria = bridge.agent("Jo"), bridge.agent("Maria")
    sam.moves(visitor.conversation_id, "take_over")
    assert jo.move(visitor.conversation_id, "return").status_code == 403
    assert jo.reply(visitor.conversation_id, "me too").status_code == 409
    assert maria.move(visitor.conversation_id, "return").status_code == 200


def test_an_administrator_asks_for_a_person(bridge: Bridge, visitor: Visitor) -> None:
    waiting = bridge.agent("Maria").moves(visitor.conversation_id, "request", department="finance", note="a loan")
    assert (waiting["state"], waiting["department"], waiting["note"]) == ("waiting", "finance", "a loan")
    assert len(visitor.heard("system")) == 1


def test_a_transfer_goes_to_a_department_or_to_a_person(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    jo = bridge.agent("Jo")
    sam.moves(visitor.conversation_id, "take_over")
    waiting = sam.moves(visitor.conversation_id, "transfer", agent_id=jo.agent["id"], note="brakes")
    assert (waiting["state"], waiting["department"]) == ("waiting", "service")
    assert waiting["wanted"] == {"id": jo.agent["id"], "name": "Jo Lindqvist"}
    assert visitor.heard("system")[-1].startswith("Sam Okafor is passing you on to Service.")
    jo.moves(visitor.conversation_id, "accept")
    assert jo.move(visitor.conversation_id, "transfer", department="kitchen").status_code == 422
    assert jo.moves(visitor.conversation_id, "transfer", department="finance")["wanted"] is None


def test_an_answer_takes_the_conversation_over_and_a_repeat_is_the_same(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    message_id = secrets.token_hex(8)
    first = sam.reply(visitor.conversation_id, "I am Sam", message_id)
    assert (first.status_code, first.json()["message"]["message_id"]) == (201, message_id)
    assert visitor.status()["state"] == "with_agent"
    sam.moves(visitor.conversation_id, "resolve")
    again = sam.reply(visitor.conversation_id, "I am Sam", message_id)
    assert again.json() == first.json()
    assert sam.reply(visitor.conversation_id, "one more").status_code == 409
    assert visitor.heard("agent") == ["I am Sam"]


def test_what_the_customer_has_read_is_shown_to_the_agent(visitor: Visitor, sam: AgentClient) -> None:
    said = sam.reply(visitor.conversation_id, "Look").json()["message"]
    with visitor.socket() as theirs, sam.socket() as mine:
        mine.send(json.dumps({"type": "watch", "conversation_id": visitor.conversation_id}))
        mine.send("[]")  # refused, which tells that what came before it has been heard
        frames_until(mine, lambda one: one["type"] == "error")
        theirs.send(json.dumps({"type": "read", "up_to": said["id"]}))
        frame = frames_until(mine, lambda one: one["type"] == "read" and one["author"] == "customer")[-1]
    assert frame["up_to"] == said["id"]
    assert sam.open(visitor.conversation_id)["messages"][-1]["status"] == "read"


def test_every_agents_page_hears_what_happens(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    with bridge.agent("Jo").socket() as page:
        frames_until(page, lambda frame: frame["type"] == "agents")
        bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/handoff", {"department": "service"})
        frames = frames_until(page, lambda frame: frame.get("counts", {}).get("waiting") == 1)
        assert [one["state"] for one in frames[-1]["conversations"]] == ["waiting"]
        page.send(json.dumps({"type": "watch", "conversation_id": visitor.conversation_id}))
        page.send("[]")  # refused, which tells that what came before it has been heard
        frames_until(page, lambda frame: frame["type"] == "error")
        visitor.say("anybody?")
        heard = frames_until(page, lambda frame: frame["type"] == "message")[-1]
        assert (heard["message"]["text"], heard["conversation_id"]) == ("anybody?", visitor.conversation_id)
        sam.post(f"/conversations/{visitor.conversation_id}/typing", {"on": True})
        typing = frames_until(page, lambda frame: frame["type"] == "typing")[-1]
        assert (typing["author"], typing["name"], typing["on"]) == ("agent", "Sam Okafor", True)
        sam.post("/availability", {"availability": "busy"})
        agents = frames_until(page, lambda frame: frame["type"] == "agents")[-1]["agents"]
        assert {agent["name"]: agent["availability"] for agent in agents}["Sam Okafor"] == "busy"


def test_a_socket_opens_only_for_an_agent_on_our_own_page(bridge: Bridge, sam: AgentClient) -> None:
    with sam.socket(origin="https://evil.example") as socket:
        assert close_code(socket) == 4403
    sam.post("/logout", {})
    with sam.socket() as socket:
        assert close_code(socket) == 4401


def test_who_is_there_is_whoever_gave_a_sign_of_life(bridge: Bridge, sam: AgentClient) -> None:
    def numbers() -> tuple[int, int]:
        answer = bridge.get("/bridge/availability?department=sales", headers={"X-Frontdesk-Secret": SECRET}).json()
        return answer["agents_online"], answer["agents_free"]

    assert numbers() == (0, 0)
    with sam.socket() as page:
        frames_until(page, lambda frame: frame["type"] == "agents")
        assert numbers() == (1, 1)
        bridge.clock.advance(timedelta(minutes=3))
        assert numbers() == (0, 0)
        page.send(json.dumps({"type": "heartbeat"}))
        frames_until(page, lambda frame: frame["type"] == "agents")
        assert numbers() == (1, 1)
    sam.post("/availability", {"availability": "offline"})
    assert numbers() == (0, 0)


def test_a_closed_department_says_when_it_opens(bridge: Bridge) -> None:
    headers = {"X-Frontdesk-Secret": SECRET}
    now = bridge.clock()
    bridge.clock.advance(timedelta(days=(6 - now.weekday()) % 7, hours=(12 - now.hour) % 24))  # a Sunday
    answer = bridge.get("/bridge/availability?department=finance", headers=headers).json()
    assert answer["open"] is False
    assert answer["next_open"][10:] == "T09:00:00-06:00" or answer["next_open"][10:] == "T09:00:00-05:00"
    assert bridge.get("/bridge/availability?department=kitchen", headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/bridge/conversations/unknown/handoff", {"department": "sales"}, 404),
        ("/bridge/conversations/unknown/withdraw", {}, 404),
        ("/bridge/conversations/x/handoff", {"department": "kitchen"}, 422),
        ("/bridge/conversations/x/handoff", {"urgency": "panic"}, 422),
        ("/bridge/conversations/x/callback", {}, 422),
    ],
)
def test_the_actions_are_told_what_is_wrong(bridge: Bridge, path: str, body: dict[str, str], status: int) -> None:
    assert bridge.from_actions(path, body).status_code == status
    assert bridge.post(path, body, headers={"X-Frontdesk-Secret": "wrong"}).status_code == 401
