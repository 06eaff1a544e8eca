"""Being called back and leaving a message: what is said, what is asked next, and what reaches the bridge."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from actions.bridge import Bridge
from actions.context import Context
from business.model import Business
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.talk import Talk

SUNDAY_NIGHT = datetime.fromisoformat("2026-11-29T22:00-06:00")
TUESDAY_MORNING = datetime.fromisoformat("2026-12-01T10:00-06:00")
READ_BACK = ["say_ask_callback_confirmation"]
PHONE = "512 555 0142"


@dataclass
class StandInBridge:
    """Answers as the bridge does and remembers what it was asked; None is silence."""

    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], tuple[int, Any]] | None = lambda body: (201, {"id": 1, **body})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.answer is None:
            raise httpx.ConnectError("nobody there")
        body = json.loads(request.content or b"{}")
        self.asked.append((request.url.path, body))
        status, content = self.answer(body)
        return httpx.Response(status, json=content)


@dataclass
class Clock:
    now: datetime = SUNDAY_NIGHT

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bridge() -> StandInBridge:
    return StandInBridge()


@pytest.fixture
def context(engine: Engine, magnolia: Business, clock: Clock, bridge: StandInBridge) -> Context:
    return made_for(magnolia, engine, clock, bridge)


@pytest.fixture
def talk(context: Context) -> Talk:
    """A conversation about the service department."""
    return Talk(context, "c-1", slots={"department": "service"})


def made_for(business: Business, engine: Engine, clock: Clock, bridge: StandInBridge) -> Context:
    calendar = Calendar(business, PostgresStore(engine), clock)
    return Context(business, calendar, Bridge("http://bridge", "secret", httpx.MockTransport(bridge)), clock)


def at(talk: Talk) -> str:
    """The time that was read back."""
    return f"{talk.values['day']} at {talk.values['time']}"


def offered(talk: Talk) -> list[str]:
    return [line.partition(". ")[2] for line in str(talk.values["lines"]).splitlines()]


def test_a_call_is_arranged_step_by_step(talk: Talk, bridge: StandInBridge) -> None:
    assert talk.say("call me back please", "request_callback") == ["say_ask_callback_phone"]
    assert talk.values["department"] == "Service"
    assert talk.say("it's 512 555 0142") == ["say_ask_callback_time"]
    assert offered(talk)[0] == "Mon, Nov 30, 8:00 AM", "the first of the department's own hours"
    assert [button["title"] for button in talk.buttons] == [*offered(talk), "Other times"]
    assert talk.press("choose", number="2") == READ_BACK
    chosen = talk.slots["call"]["at"]
    assert talk.values["zone"] == "Central Standard Time"
    assert talk.values["phone"] == "+1 512-555-0142"
    assert bridge.asked == [], "nothing is arranged without a yes"
    assert talk.say("yes", "affirm") == ["say_callback_arranged"]
    [(path, body)] = bridge.asked
    assert path == "/bridge/conversations/c-1/callback"
    assert body == {"department": "service", "at": chosen, "phone": "+15125550142", "note": "call me back please"}
    assert talk.form is None
    assert talk.slots["call"] is None
    assert talk.slots["phone"] == "+15125550142", "known from now on"


def test_nothing_is_asked_that_is_known(talk: Talk) -> None:
    talk.slots["phone"] = "+15125550142"
    assert talk.say("can someone call me tomorrow at 9:10?", "request_callback") == READ_BACK
    assert at(talk) == "Monday, November 30 at 9:10 AM", "any time of the hours will do, not only those on offer"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Monday at 10", "Monday, November 30 at 10:00 AM"),
        ("tomorrow at half past 4", "Monday, November 30 at 4:30 PM"),
        ("at 3", "Monday, November 30 at 3:00 PM"),
        ("as soon as possible", "Monday, November 30 at 8:00 AM"),
        ("the first one", "Monday, November 30 at 8:00 AM"),
        ("in 12 hours", "Monday, November 30 at 10:00 AM"),
    ],
)
def test_one_time_is_read_back_as_day_date_and_time(talk: Talk, said: str, read: str) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me back", "request_callback")
    assert talk.say(said) == READ_BACK
    assert at(talk) == read


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("tomorrow after 3", "Mon, Nov 30, 3:00 PM", "Mon, Nov 30, 5:30 PM"),
        ("Wednesday morning", "Wed, Dec 2, 8:00 AM", "Wed, Dec 2, 11:30 AM"),
        ("Thursday", "Thu, Dec 3, 8:00 AM", "Thu, Dec 3, 5:30 PM"),
        ("between 2 and 4 on Friday", "Fri, Dec 4, 2:00 PM", "Fri, Dec 4, 4:00 PM"),
    ],
)
def test_a_stretch_of_time_is_answered_with_times_of_it(talk: Talk, said: str, first: str, last: str) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me back", "request_callback")
    assert talk.say(said) == ["say_callback_offer"]
    assert (offered(talk)[0], offered(talk)[-1]) == (first, last)


@pytest.mark.parametrize(
    ("said", "response", "nearest"),
    [
        ("next Sunday", "say_callback_closed_day", "Sat, Dec 5"),
        ("tomorrow at 7 in the morning", "say_callback_closed", "Mon, Nov 30, 8:00 AM"),
        ("Saturday at 5 pm", "say_callback_closed", "Sat, Dec 5, 3:30 PM"),
        ("today", "say_callback_closed_day", "Mon, Nov 30"),
        ("in 10 minutes", "say_callback_too_soon", "Mon, Nov 30, 8:00 AM"),
        ("on the 20th of December", "say_callback_too_far", "Sat, Dec 12"),
    ],
)
def test_a_time_at_which_nobody_is_there_is_said_to_be_so(talk: Talk, said: str, response: str, nearest: str) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me back", "request_callback")
    assert talk.say(said) == [response]
    assert any(line.startswith(nearest) for line in offered(talk)), offered(talk)
    assert talk.form == "callback_form"


def test_on_a_holiday_the_days_around_it_are_offered(talk: Talk, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2026-12-22T10:00-06:00")
    talk.slots["phone"] = "+15125550142"
    talk.say("call me on Christmas day", "request_callback")
    assert talk.said == ["say_callback_closed_day"]
    assert talk.values["day"] == "Friday, December 25"
    assert any(line.startswith("Thu, Dec 24") for line in offered(talk))


def test_the_time_may_come_before_the_number(talk: Talk) -> None:
    assert talk.say("call me on Tuesday at 2", "request_callback") == ["say_ask_callback_phone"]
    assert talk.say(PHONE) == READ_BACK
    assert at(talk) == "Tuesday, December 1 at 2:00 PM"


def test_everything_at_once_is_only_read_back(talk: Talk) -> None:
    assert talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback") == READ_BACK
    assert (at(talk), talk.values["phone"]) == ("Monday, November 30 at 9:00 AM", "+1 512-555-0142")


@pytest.mark.parametrize(
    "said",
    ["call me tomorrow at 4 on 512 555 0142", "on 512 555 0142 tomorrow at 4", "tomorrow at 4, at +1 512 555 0142"],
)
def test_a_number_beside_a_time_does_not_change_the_time(talk: Talk, said: str) -> None:
    assert talk.say(said, "request_callback") == READ_BACK
    assert at(talk) == "Monday, November 30 at 4:00 PM"


def test_second_thoughts_at_the_read_back(talk: Talk, bridge: StandInBridge) -> None:
    talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback")
    assert talk.say("no, at 4 please", "deny") == READ_BACK
    assert at(talk) == "Monday, November 30 at 4:00 PM"
    assert talk.say("better on Wednesday") == READ_BACK
    assert at(talk) == "Wednesday, December 2 at 4:00 PM"
    assert talk.say("my number is 512 555 0177") == READ_BACK
    assert talk.values["phone"] == "+1 512-555-0177"
    assert talk.say("no", "deny") == ["say_ask_callback_change"]
    assert talk.press("inform", change="contact") == ["say_ask_callback_phone"]
    assert talk.say(PHONE) == READ_BACK
    talk.say("no", "deny")
    assert talk.say("the time") == ["say_ask_callback_time"]
    assert talk.say("the last one", "choose") == READ_BACK
    assert talk.say("yes", "affirm") == ["say_callback_arranged"]
    assert len(bridge.asked) == 1


def test_other_times_are_shown_later_and_earlier(talk: Talk) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me on Wednesday morning", "request_callback")
    assert talk.say("anything later?", "more_openings") == ["say_callback_offer"]
    assert offered(talk)[0] == "Wed, Dec 2, 12:00 PM"
    assert talk.press("more_openings") == ["say_callback_offer"]
    assert talk.say("another day please", "more_openings") == ["say_callback_offer"]
    assert not offered(talk)[0].startswith("Wed")
    assert talk.say("something earlier", "more_openings") == ["say_callback_offer"]
    assert talk.say("none of these", "deny") == ["say_callback_offer"]


def test_a_number_that_is_none_is_asked_for_again(talk: Talk) -> None:
    talk.say("call me back", "request_callback")
    assert talk.say("555 01") == ["say_rephrase_callback_phone"]
    assert talk.say("it's on the card") == ["say_offer_person"]
    assert talk.say(PHONE) == ["say_ask_callback_time"]


def test_who_has_no_number_is_offered_to_leave_a_message(talk: Talk) -> None:
    talk.say("call me back", "request_callback")
    assert talk.say("I have no phone", "deny") == ["say_callback_needs_phone"]
    assert talk.form == "callback_form"


@pytest.mark.parametrize(("said", "intent"), [("never mind", "stop"), ("cancel", "cancel"), ("bye", "goodbye")])
def test_never_mind_ends_it_at_every_step(talk: Talk, bridge: StandInBridge, said: str, intent: str) -> None:
    for steps in ([], [PHONE], [PHONE, "Monday at 10"]):
        talk.say("call me back", "request_callback")
        for step in steps:
            talk.say(step)
        assert talk.say(said, intent) == ["say_callback_stopped"]
        assert talk.form is None
        assert talk.slots["call"] is None
    assert bridge.asked == []


def test_who_waits_in_line_hears_what_becomes_of_it(talk: Talk) -> None:
    talk.state = "waiting"
    talk.say("call me back", "request_callback")
    assert talk.say("never mind", "stop") == ["say_callback_stopped", "say_still_waiting"]
    talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback")
    assert talk.say("yes", "affirm") == ["say_callback_arranged", "say_left_line"]


def test_the_department_named_is_the_one_that_calls(talk: Talk, bridge: StandInBridge) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("can finance call me tomorrow at 9?", "request_callback", department="finance")
    assert talk.values["department"] == "Finance"
    assert talk.press("request_callback", department="sales") == READ_BACK, "pressed again, and nothing is new"
    talk.say("never mind", "stop")
    talk.press("request_callback", department="sales")
    talk.say("tomorrow at 7 pm")
    talk.say("yes", "affirm")
    assert bridge.asked[-1][1]["department"] == "sales"
    assert bridge.asked[-1][1]["note"] == "", "the title of a button is no note"


def test_a_question_in_between_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me back", "request_callback")
    assert talk.say("when are you open?", "opening_hours") == []
    assert talk.resume("action_opening_hours", "say_opening_hours") == ["say_callback_offer_again"]
    assert talk.say("I'd like to talk to a person now", "request_human") == []


def test_times_shown_again_are_the_same_times(talk: Talk) -> None:
    talk.slots["phone"] = "+15125550142"
    talk.say("call me on Wednesday", "request_callback")
    shown = offered(talk)
    talk.say("where are you?", "address")
    assert talk.resume("action_address", "say_address") == ["say_callback_offer_again"]
    assert offered(talk) == shown


def test_a_time_that_has_gone_meanwhile_is_replaced(talk: Talk, clock: Clock, bridge: StandInBridge) -> None:
    clock.now = TUESDAY_MORNING
    talk.slots["phone"] = "+15125550142"
    talk.say("call me in an hour", "request_callback")
    assert at(talk) == "Tuesday, December 1 at 11:00 AM"
    clock.now += timedelta(minutes=39)
    assert talk.say("hmm let me see", "nlu_fallback") == ["say_rephrase_callback_confirmation"], "it is still good"
    clock.now += timedelta(minutes=30)
    following = ["2026-12-01T12:00:00-06:00", "2026-12-01T12:30:00-06:00"]
    bridge.answer = lambda _: (422, {"error": {"code": "callback_time", "message": "No."}, "next": following})
    assert talk.say("yes", "affirm") == ["say_callback_not_then"]
    assert offered(talk) == ["Tue, Dec 1, 12:00 PM", "Tue, Dec 1, 12:30 PM"]
    bridge.answer = lambda _: (201, {})
    assert talk.say("the second", "choose") == READ_BACK
    assert talk.say("yes", "affirm") == ["say_callback_arranged"]


def test_a_turn_that_is_repeated_asks_for_the_same_call(talk: Talk, bridge: StandInBridge) -> None:
    talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback")
    talk.say("yes", "affirm")
    assert talk.repeat() == ["say_callback_arranged"]
    assert bridge.asked[0] == bridge.asked[1], "which the bridge knows for the same"


@pytest.mark.parametrize(
    "answer", [None, lambda _: (500, {}), lambda _: (201, []), lambda _: (422, {"error": {}}), lambda _: (409, {})]
)
def test_a_bridge_that_does_not_answer_gets_the_customer_a_number_and_another_try(
    talk: Talk, bridge: StandInBridge, magnolia: Business, answer: Any
) -> None:
    works, bridge.answer = bridge.answer, answer
    talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback")
    assert talk.say("yes", "affirm") == ["say_not_arranged"]
    assert talk.values["phone"] == magnolia.contact.phone
    bridge.answer = works
    assert talk.say("try again", "affirm") == ["say_callback_arranged"]


def test_a_department_that_is_never_there_takes_messages(
    engine: Engine, magnolia: Business, clock: Clock, bridge: StandInBridge
) -> None:
    shut = magnolia.model_copy(update={"hours": {}, "exceptions": ()})
    talk = Talk(made_for(shut, engine, clock, bridge), "c-1", slots={"phone": "+15125550142"})
    assert talk.say("call me back", "request_callback") == ["say_callback_never"]
    assert talk.form is None


def test_a_call_in_the_middle_of_a_booking_leaves_the_booking_as_it_is(talk: Talk) -> None:
    talk.say("oil change on Wednesday morning", "book", service="oil_change")
    shown = talk.slots["offered"]
    assert talk.say("can somebody call me instead?", "request_callback") == [], "a rule answers"
    talk.form = None
    talk.say("can somebody call me instead?", "request_callback")
    talk.say(PHONE)
    talk.say("Friday at 2")
    assert talk.say("yes", "affirm") == ["say_callback_arranged"]
    assert (talk.slots["service"], talk.slots["offered"]) == ("oil_change", shown)


def test_a_number_to_call_is_an_answer_of_a_booking_and_no_wish_to_be_called(talk: Talk) -> None:
    talk.say("It's Ana, oil change Wednesday at 10", "book", service="oil_change")
    assert talk.slots["requested_slot"] == "contact"
    assert talk.say("call me on 512 555 0142", "request_callback") == ["say_ask_confirmation"]


def test_in_the_other_business_its_own_hours_hold(
    engine: Engine, northlight: Business, clock: Clock, bridge: StandInBridge
) -> None:
    talk = Talk(made_for(northlight, engine, clock, bridge), "c-1", slots={"phone": "+35315550190"})
    assert talk.say("call me tomorrow at 1:30 pm", "request_callback") == ["say_callback_closed"], "a break at noon"
    assert any(line.endswith("14:00") for line in offered(talk)), offered(talk)
    assert talk.say("Tuesday at 10") == READ_BACK
    assert (at(talk), talk.values["zone"]) == ("Tuesday 1 December at 10:00", "Greenwich Mean Time")


def test_a_message_is_passed_on_in_the_customers_words(talk: Talk, bridge: StandInBridge) -> None:
    assert talk.press("leave_message", department="sales") == ["say_ask_message_text"]
    assert talk.values["department"] == "Sales"
    assert talk.say("Can you book me in for Friday? And cancel the other one.", "book") == ["say_ask_message_reach"]
    assert talk.say("ana@example.org") == ["say_message_left", "say_message_back"]
    assert talk.values["day"] == "Monday, November 30"
    [(path, body)] = bridge.asked
    assert path == "/bridge/conversations/c-1/message"
    assert body == {
        "department": "sales",
        "note": "Can you book me in for Friday? And cancel the other one.",
        "phone": None,
        "email": "ana@example.org",
    }
    assert talk.form is None
    assert talk.slots["message"] is None


def test_a_message_that_is_said_at_once_is_passed_on_at_once(talk: Talk, bridge: StandInBridge, clock: Clock) -> None:
    clock.now = TUESDAY_MORNING
    talk.slots["email"] = "ana@example.org"
    said = "Please tell them that the brakes squeak again"
    assert talk.say(said, "leave_message") == ["say_message_left"], "they are there, so nothing is said of coming back"
    assert bridge.asked[0][1]["note"] == said


def test_how_to_be_reached_may_stand_in_the_message(talk: Talk, bridge: StandInBridge) -> None:
    talk.say("leave a message", "leave_message")
    assert talk.say("I lost my key, my number is 512 555 0142")[0] == "say_message_left"
    assert bridge.asked[0][1]["phone"] == "+15125550142"


def test_who_gives_no_address_is_answered_in_the_conversation(talk: Talk, bridge: StandInBridge) -> None:
    talk.state = "waiting"
    talk.say("tell them that I lost my key", "leave_message")
    assert talk.say("just answer me", "nlu_fallback") == ["say_rephrase_message_reach"]
    assert talk.press("deny") == ["say_message_left_here", "say_message_back", "say_left_line"]
    assert (bridge.asked[0][1]["phone"], bridge.asked[0][1]["email"]) == (None, None)


@pytest.mark.parametrize(("said", "intent"), [("never mind", "stop"), ("no", "deny")])
def test_a_message_may_be_dropped(talk: Talk, bridge: StandInBridge, said: str, intent: str) -> None:
    talk.say("leave a message", "leave_message")
    assert talk.say(said, intent) == ["say_message_stopped"]
    assert bridge.asked == []


@pytest.mark.parametrize(
    ("said", "intent", "is_message"),
    [
        ("when are you open?", "opening_hours", False),
        ("can I talk to somebody?", "request_human", False),
        ("call me back instead", "request_callback", False),
        ("I'd like to know when you are open on Christmas Eve, since I can only come late", "opening_hours", True),
        ("my appointment was terrible", "complaint", True),
        ("purple", "nlu_fallback", True),
    ],
)
def test_what_is_the_message_and_what_is_not(talk: Talk, said: str, intent: str, is_message: bool) -> None:
    talk.say("leave a message", "leave_message")
    assert talk.say(said, intent) == (["say_ask_message_reach"] if is_message else [])


def test_a_message_that_did_not_get_through_is_kept_for_another_try(talk: Talk, bridge: StandInBridge) -> None:
    works, bridge.answer = bridge.answer, None
    talk.slots["email"] = "ana@example.org"
    assert talk.say("tell them that I lost my key", "leave_message") == ["say_not_arranged"]
    assert talk.say("what now?", "nlu_fallback") == ["say_not_arranged"]
    bridge.answer = works
    assert talk.say("try again", "affirm")[0] == "say_message_left"


class BrokenBridge(Bridge):
    """Fails as nobody foresaw."""

    def call_back(self, *_: object) -> None:
        raise ZeroDivisionError


def test_a_form_that_breaks_says_how_to_reach_the_business_and_keeps_everything(talk: Talk, magnolia: Business) -> None:
    talk.say("call me at 512 555 0142 tomorrow at 9", "request_callback")
    works, talk.context = talk.context, replace(talk.context, bridge=BrokenBridge("http://bridge", "secret"))
    assert talk.say("yes", "affirm") == ["say_not_arranged"]
    assert talk.values["phone"] == magnolia.contact.phone
    talk.context = works
    assert talk.say("yes", "affirm") == ["say_callback_arranged"]


@pytest.mark.parametrize(("state", "says"), [("waiting", ["say_keep_waiting"]), ("with_assistant", None)])
def test_to_wait_on_is_to_stay_in_line_or_to_come_back_to_it(
    talk: Talk, bridge: StandInBridge, state: str, says: list[str] | None
) -> None:
    bridge.answer = lambda _: (200, {"state": "waiting", "position": 1, "open": True, "agents_online": 1})
    talk.state = state
    talk.say("call me back", "request_callback")
    talk.say("no, I'll wait", "keep_waiting")
    assert talk.run("action_keep_waiting") == (says or ["say_handoff_position"])
    assert talk.slots["requested_slot"] is None
    assert [path for path, _ in bridge.asked if path.endswith("/handoff")] == (
        [] if says else ["/bridge/conversations/c-1/handoff"]
    )
    if not says:
        assert bridge.asked[0][1]["department"] == "service", "the one that was waited for before"
