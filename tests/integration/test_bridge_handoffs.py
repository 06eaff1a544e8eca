"""What an agent gets with a conversation, what is kept of it, and what the assistant still knows afterwards."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from business.clock import clock_from
from business.hours import next_open
from business.model import Business
from handoff_bridge.diary import CalendarDiary
from handoff_bridge.engagements import Person
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore as CalendarStore
from tests.integration.bridge_world import (
    AgentClient,
    Bridge,
    EmptyDiary,
    StandInRasa,
    Visitor,
    bridge_process,
    eventually,
    frames_until,
    rasa_server,
)

LISTEN = {"event": "action", "name": "action_listen"}
PAUSE = [{"event": "pause"}, LISTEN]
BOOKING = {"service": "oil_change", "wish": {"part": "morning"}, "customer_name": "Kim", "email": "kim@example.org"}


@pytest.fixture
def calendar(engine: Engine, magnolia: Business) -> Calendar:
    return Calendar(magnolia, CalendarStore(engine), clock_from(None))


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa: StandInRasa, calendar: Calendar) -> Iterator[Bridge]:
    diary = CalendarDiary(calendar, magnolia)
    with rasa_server(rasa) as url, bridge_process(engine, magnolia, url, diary=diary) as running:
        yield running


@pytest.fixture
def visitor(bridge: Bridge) -> Visitor:
    """A visitor who said hello and was answered."""
    visitor = bridge.visitor()
    visitor.say("hello")
    visitor.wait_for("You said hello")
    return visitor


@pytest.fixture
def booking(visitor: Visitor, rasa: StandInRasa) -> Visitor:
    """A visitor whose booking is under way."""
    rasa.say = lambda _: {"messages": [{"text": "Noted"}], "slots": BOOKING, "active_loop": "booking_form"}
    visitor.say("an oil change on Saturday morning, Kim, kim@example.org")
    visitor.wait_for("Noted")
    rasa.say = StandInRasa().say
    return visitor


def request(bridge: Bridge, visitor: Visitor, **more: str) -> None:
    path = f"/bridge/conversations/{visitor.conversation_id}/handoff"
    assert bridge.from_actions(path, {"department": "sales", "reason": "asked", **more}).status_code == 200


def book(calendar: Calendar, conversation_id: str, customer: Customer | None = None) -> Appointment:
    opening = calendar.offer("oil_change").openings[0]
    calendar.hold("oil_change", opening.start, conversation_id=conversation_id, request_key=secrets.token_hex(8))
    return calendar.book(conversation_id, customer or Customer(name="Kim"), request_key=secrets.token_hex(8))


def kept(engine: Engine, what: str, table: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"select {what} from {table} order by id"))]


def last_session(rasa: StandInRasa) -> dict[str, Any]:
    """What the assistant knows by the last session that was begun for it."""
    began = eventually(lambda: [e["events"] for e in rasa.events if {"event": "session_started"} in e["events"]])[-1]
    assert began[-1] == LISTEN
    return {event["name"]: event["value"] for event in began if event["event"] == "slot"}


def test_a_handoff_is_kept_from_the_request_to_the_end(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    assert sam.open(visitor.conversation_id)["handoff"] is None
    request(bridge, visitor, urgency="high", note="a red one")
    asked = sam.open(visitor.conversation_id)["handoff"]
    assert (asked["department"], asked["urgency"], asked["reason"], asked["note"]) == (
        "sales",
        "high",
        "asked",
        "a red one",
    )
    assert (asked["requested_by"], asked["accepted_by"], asked["outcome"]) == ("assistant", None, None)
    sam.moves(visitor.conversation_id, "accept")
    assert sam.open(visitor.conversation_id)["handoff"]["answered_at"] is None
    sam.reply(visitor.conversation_id, "Hello")
    sam.reply(visitor.conversation_id, "Still there?")
    first_answer = sam.open(visitor.conversation_id)["messages"][-2]["created_at"]
    sam.moves(visitor.conversation_id, "return")
    ended = sam.open(visitor.conversation_id)["handoff"]
    assert (ended["id"], ended["accepted_by"]["name"], ended["outcome"]) == (asked["id"], "Sam Okafor", "returned")
    assert ended["answered_at"] == first_answer
    times = [datetime.fromisoformat(ended[f"{name}_at"]) for name in ("requested", "accepted", "answered", "ended")]
    assert times == sorted(times)


def test_a_transfer_and_a_requeue_end_one_handoff_and_open_the_next(
    bridge: Bridge, visitor: Visitor, sam: AgentClient, engine: Engine
) -> None:
    request(bridge, visitor)
    sam.moves(visitor.conversation_id, "accept")
    sam.moves(visitor.conversation_id, "transfer", department="service", note="brakes")
    bridge.agent("Jo").moves(visitor.conversation_id, "accept")
    bridge.clock.advance(timedelta(minutes=3))
    eventually(lambda: visitor.status()["state"] == "waiting")
    rows = kept(engine, "department, requested_by, outcome, reason, note, accepted_at is not null", "handoffs")
    assert rows == [
        ("sales", "assistant", "transferred", "asked", "", True),
        ("service", "Sam Okafor", "requeued", "asked", "brakes", True),
        ("service", "clock", None, "asked", "brakes", False),
    ]
    assert kept(engine, "ended_at is null", "assignments") == [(False,), (False,)]


def test_an_agent_who_comes_unasked_opens_a_handoff_that_is_accepted_at_once(
    visitor: Visitor, sam: AgentClient
) -> None:
    sam.reply(visitor.conversation_id, "May I help?")
    handoff = sam.open(visitor.conversation_id)["handoff"]
    assert (handoff["reason"], handoff["requested_by"], handoff["department"]) == ("take_over", "Sam Okafor", "sales")
    assert handoff["requested_at"] == handoff["accepted_at"]
    assert handoff["answered_at"]
    assert handoff["context"]["summary"][0] == "Sam Okafor took over without being asked for."


def test_a_handoff_that_came_to_nothing_says_how(
    bridge: Bridge, visitor: Visitor, engine: Engine, magnolia: Business
) -> None:
    opening = next_open(magnolia, bridge.clock(), department="sales")
    assert opening is not None
    bridge.clock.advance(opening + timedelta(hours=1) - bridge.clock())
    request(bridge, visitor)
    assert bridge.from_actions(f"/bridge/conversations/{visitor.conversation_id}/withdraw").status_code == 200
    request(bridge, visitor)
    bridge.clock.advance(timedelta(minutes=16))
    eventually(lambda: visitor.status()["state"] == "with_assistant")
    request(bridge, visitor)
    bridge.agent("Maria").moves(visitor.conversation_id, "resolve")
    assert kept(engine, "outcome", "handoffs") == [("withdrawn",), ("expired",), ("resolved",)]
    assert kept(engine, "id", "assignments") == []


def test_who_held_it_last_and_who_is_idle_is_read_from_assignments(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    jo, ids = bridge.agent("Jo"), [sam.agent["id"], bridge.agent("Jo").agent["id"]]
    sam.moves(visitor.conversation_id, "take_over")
    with bridge.store.begin() as t:
        began = t.handoffs.idle_since(ids)
        assert t.handoffs.last_agent(visitor.conversation_id) == sam.agent["id"]
    assert set(began) == {sam.agent["id"]}
    sam.moves(visitor.conversation_id, "return")
    jo.moves(visitor.conversation_id, "take_over")
    with bridge.store.begin() as t:
        ended = t.handoffs.idle_since(ids)
        assert t.handoffs.last_agent(visitor.conversation_id) == jo.agent["id"]
    assert began[sam.agent["id"]] < ended[sam.agent["id"]] < ended[jo.agent["id"]]


def test_that_it_was_offered_is_kept_once(bridge: Bridge, visitor: Visitor, sam: AgentClient) -> None:
    bridge.agent("Maria").moves(visitor.conversation_id, "request", department="finance")
    now = bridge.clock()
    with bridge.store.begin() as t:
        t.handoffs.offered(visitor.conversation_id, now)
        t.handoffs.offered(visitor.conversation_id, now + timedelta(minutes=1))
    handoff = sam.open(visitor.conversation_id)["handoff"]
    assert datetime.fromisoformat(handoff["offered_at"]) == now
    assert handoff["requested_by"] == "Maria Lopez"


def test_the_agent_gets_what_was_known_when_the_handoff_was_requested(
    bridge: Bridge, booking: Visitor, rasa: StandInRasa, sam: AgentClient, calendar: Calendar
) -> None:
    elsewhere = book(calendar, "another-conversation", Customer(name="Kim", email="kim@example.org"))
    book(calendar, "a-stranger", Customer(name="Lee", email="lee@example.org"))
    rasa.say = lambda _: {"messages": [{"text": "I see"}], "slots": BOOKING}
    booking.say("this is terrible")
    booking.wait_for("I see")
    request(bridge, booking)
    context = sam.open(booking.conversation_id)["handoff"]["context"]
    assert context["summary"][0] == "Asked for a person."
    assert "Last words: “this is terrible”." in context["summary"]
    assert (
        "Wants: oil change, morning (“an oil change on Saturday morning, Kim, kim@example.org”)." in context["summary"]
    )
    assert "Known: Kim, kim@example.org." in context["summary"]
    assert context["customer"] == {"name": "Kim", "email": "kim@example.org", "phone": None}
    assert [one["code"] for one in context["appointments"]] == [elsewhere.code]
    assert (context["service"], context["wishes"], context["language"]) == ("oil change", ["morning"], "en")
    assert context["topics"] == ["oil change"]
    assert (context["messages"], context["minutes"]) == (6, 0)
    assert context["last_lines"][-1]["author"] == "assistant"
    assert context["sentiment"][-1]["score"] < 0
    sam.moves(booking.conversation_id, "accept")
    sam.reply(booking.conversation_id, "I am sorry")
    assert sam.open(booking.conversation_id)["handoff"]["context"] == context


def test_a_context_is_about_this_talk_and_not_the_one_before(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    sam.moves(visitor.conversation_id, "resolve")
    visitor.say("something new")
    visitor.wait_for("You said something new")
    request(bridge, visitor)
    context = sam.open(visitor.conversation_id)["handoff"]["context"]
    assert [line["text"] for line in context["last_lines"]] == ["something new", "You said something new"]
    assert context["messages"] == 2


class BrokenDiary(EmptyDiary):
    """A calendar that is elsewhere, and away."""

    def of_person(self, _: Person) -> tuple[Any, ...]:
        raise ConnectionError

    def has_changed(self, _: Person, __: datetime) -> bool:
        raise ConnectionError


def test_a_person_comes_although_the_calendar_cannot_be_read(
    engine: Engine, magnolia: Business, rasa: StandInRasa
) -> None:
    with rasa_server(rasa) as url, bridge_process(engine, magnolia, url, diary=BrokenDiary()) as bridge:
        visitor = bridge.visitor()
        visitor.say("hello")
        visitor.wait_for("You said hello")
        request(bridge, visitor)
        sam = bridge.agent("Sam")
        sam.moves(visitor.conversation_id, "accept")
        context = sam.open(visitor.conversation_id)["handoff"]["context"]
        assert context["appointments"] == []
        assert "Last words: “hello”." in context["summary"]
        assert sam.moves(visitor.conversation_id, "return")["state"] == "with_assistant"


def contact(agent: AgentClient, visitor: Visitor, **values: Any) -> Any:
    response = agent.patch(f"/conversations/{visitor.conversation_id}/contact", values)
    assert response.status_code == 200, response.text
    return response.json()["conversation"]["customer"]


def test_an_agent_writes_down_who_the_customer_is_and_the_pages_hear_it(
    bridge: Bridge, visitor: Visitor, sam: AgentClient
) -> None:
    with bridge.agent("Jo").socket() as page:
        frames_until(page, lambda frame: frame["type"] == "agents")
        told = contact(sam, visitor, name=" Kim Berg ", email="Kim@Example.ORG", phone="(512) 555-0100")
        assert told == {"name": "Kim Berg", "email": "kim@example.org", "phone": "+15125550100"}
        frames = frames_until(page, lambda frame: frame["type"] == "conversations")
        assert frames[-1]["conversations"][0]["customer"] == told
    assert contact(sam, visitor, phone=None)["phone"] is None


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({"email": "kim@"}, "email"),
        ({"email": ""}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": 15125550100}, "phone"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"address": "here"}, "address"),
    ],
)
def test_contact_data_that_cannot_be_right_are_refused(
    visitor: Visitor, sam: AgentClient, body: dict[str, Any], about: str
) -> None:
    refused = sam.patch(f"/conversations/{visitor.conversation_id}/contact", {"name": "Kim", **body})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith(f"{about} must be")
    assert sam.open(visitor.conversation_id)["conversation"]["customer"]["name"] is None
    assert sam.patch("/conversations/unknown/contact", {"name": "Kim"}).status_code == 404


def test_what_an_agent_wrote_down_holds_over_what_the_assistant_hears(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    contact(sam, booking, email="kim@work.example", phone=None)
    told = {"conversation_id": booking.conversation_id, "events": [
        {"event": "slot", "name": "email", "value": "kim@work.example"},
        {"event": "slot", "name": "phone", "value": None},
    ]}  # fmt: skip
    eventually(lambda: told in rasa.events)
    heard = BOOKING | {"customer_name": "Kim B.", "phone": "+15125550199"}
    rasa.say = lambda _: {"messages": [{"text": "Thanks"}], "slots": heard}
    booking.say("my number is 512 555 0199")
    booking.wait_for("Thanks")
    customer = sam.open(booking.conversation_id)["conversation"]["customer"]
    assert customer == {"name": "Kim B.", "email": "kim@work.example", "phone": None}
    sam.moves(booking.conversation_id, "take_over")
    sam.moves(booking.conversation_id, "return")
    known = last_session(rasa)
    assert (known["customer_name"], known["email"], known.get("phone")) == ("Kim B.", "kim@work.example", None)


def test_a_return_tells_the_assistant_what_the_agent_wrote_down(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    sam.moves(booking.conversation_id, "take_over")
    contact(sam, booking, name="Kim Berg", email=None, phone="512 555 0100")
    sam.moves(booking.conversation_id, "return")
    known = last_session(rasa)
    expected = BOOKING | {"customer_name": "Kim Berg", "phone": "+15125550100"}
    del expected["email"]
    assert known == expected
    facts = {fact["name"]: fact["value"] for fact in sam.open(booking.conversation_id)["facts"]}
    assert facts.keys() == expected.keys()


def test_what_an_agent_wrote_down_outlasts_the_conversation(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    contact(sam, booking, name="Kim Berg")
    rasa.say = lambda _: {"messages": [{"text": "Thanks"}], "slots": BOOKING}  # it had asked for the name before
    booking.say("Kim")
    booking.wait_for("Thanks")
    rasa.say = StandInRasa().say
    sam.moves(booking.conversation_id, "resolve")
    booking.say("hello again")
    booking.wait_for("You said hello again")
    assert last_session(rasa) == {"customer_name": "Kim Berg", "email": "kim@example.org"}


def test_a_booking_goes_on_after_a_return_if_nothing_was_settled(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient, calendar: Calendar
) -> None:
    book(calendar, booking.conversation_id)  # before the agent came
    sam.moves(booking.conversation_id, "take_over")
    sam.moves(booking.conversation_id, "return")
    assert last_session(rasa) == BOOKING
    assert visitor_heard(booking, "Shall we go on with your oil change?")


@pytest.mark.parametrize("settled", ["booked", "booked by e-mail", "cancelled"])
def test_a_booking_is_over_after_a_return_if_an_appointment_was_settled_meanwhile(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient, calendar: Calendar, settled: str
) -> None:
    before = book(calendar, booking.conversation_id)
    sam.moves(booking.conversation_id, "take_over")
    match settled:
        case "booked":
            book(calendar, booking.conversation_id)
        case "booked by e-mail":
            book(calendar, "at-the-counter", Customer(name="Kim", email="kim@example.org"))
        case "cancelled":
            calendar.cancel(before.id, conversation_id=booking.conversation_id, request_key="cancel")
    sam.moves(booking.conversation_id, "return")
    assert last_session(rasa) == {"customer_name": "Kim", "email": "kim@example.org"}
    assert visitor_heard(booking, "how can I help?")
    names = {fact["name"] for fact in sam.open(booking.conversation_id)["facts"]}
    assert names == {"customer_name", "email"}


def visitor_heard(visitor: Visitor, end: str) -> bool:
    return any(said.endswith(end) for said in visitor.heard("system"))


def test_what_was_said_before_an_agent_came_is_not_answered_after_they_left(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    rasa.status = 503
    visitor.say("anybody?")
    sam.moves(visitor.conversation_id, "take_over")
    sam.moves(visitor.conversation_id, "return")
    rasa.status = 200
    visitor.say("back again")
    visitor.wait_for("You said back again")
    assert "anybody?" not in rasa.texts
    assert [event["event"] for told in rasa.events for event in told["events"]].count("active_loop") == 0


WAYS = {
    "a restart": "/restart",
    "a session start": "/session_start",
    "a rewind": "/back",
    "an intent of their own": '/book{"service": "oil_change"}',
    "a fallback": "blorf blorf blorf",
    "a person wanted": "I want to talk to a person",
    "a form answer": "Saturday at 10",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_assistant_says_nothing_while_an_agent_has_the_conversation_whatever_is_typed(
    booking: Visitor, rasa: StandInRasa, sam: AgentClient, way: str
) -> None:
    sam.moves(booking.conversation_id, "take_over")
    before, said = list(rasa.texts), booking.heard("assistant")
    booking.say(WAYS[way])
    sam.reply(booking.conversation_id, "I am here")
    sam.moves(booking.conversation_id, "return")
    booking.say("and now?")
    booking.wait_for("You said and now?")
    assert rasa.texts == [*before, "and now?"]
    assert booking.heard("assistant") == [*said, "You said and now?"]


def test_the_assistant_says_nothing_to_an_agents_customer_who_was_silent_for_more_than_an_hour(
    bridge: Bridge, visitor: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    sam.moves(visitor.conversation_id, "take_over")
    for _ in range(45):  # steps of less than two minutes, after which the agent would count as gone
        bridge.clock.advance(timedelta(seconds=100))
        assert sam.reply(visitor.conversation_id, "One moment").status_code == 201
    visitor.say("are you still there?")
    sam.reply(visitor.conversation_id, "I am")
    assert visitor.status()["state"] == "with_agent"
    assert rasa.texts == ["hello"]


def test_the_assistant_says_nothing_to_an_agents_customer_when_it_comes_back_from_a_failure(
    visitor: Visitor, rasa: StandInRasa, sam: AgentClient
) -> None:
    rasa.status = 503  # its database is away, and the tracker with its pause
    sam.moves(visitor.conversation_id, "take_over")
    visitor.say("are you there?")
    sam.reply(visitor.conversation_id, "I am")
    rasa.status = 200
    eventually(lambda: [told["events"] for told in rasa.events] == [PAUSE])
    visitor.say("good")
    sam.reply(visitor.conversation_id, "Indeed")
    assert rasa.texts == ["hello"]
    assert visitor.heard("assistant") == ["You said hello"]
