"""The forms over a real calendar: what is said, what is asked next, and what stands in the calendar afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from actions.bridge import Bridge
from actions.context import Context
from business.model import Business
from scheduling.model import Customer, Status
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.talk import Talk

NOW = datetime(2026, 12, 2, 16, tzinfo=UTC)  # Wednesday, 10:00 in Chicago
FIRST_MESSAGE = "It's Ana, can I book an oil change Friday at 10, ana@example.org"


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(engine: Engine, magnolia: Business, clock: Clock) -> Context:
    calendar = Calendar(magnolia, PostgresStore(engine), clock)
    return Context(magnolia, calendar, Bridge("http://127.0.0.1:9", "secret"), clock)


@pytest.fixture
def talk(context: Context) -> Talk:
    return Talk(context, "c-1")


@pytest.fixture
def booked(context: Context) -> Callable[..., str]:
    """Books an appointment in a conversation and gives its code."""

    def book(conversation_id: str = "c-1", service: str = "oil_change", at: str = "2026-12-04T10:00-06:00") -> str:
        start = datetime.fromisoformat(at)
        key = f"{conversation_id}:{service}:{at}"
        context.calendar.hold(service, start, conversation_id=conversation_id, request_key=f"{key}:hold")
        customer = Customer("Ana", "ana@example.org")
        return str(context.calendar.book(conversation_id, customer, request_key=f"{key}:book").code)

    return book


def test_a_booking_step_by_step_asks_one_thing_after_the_other(talk: Talk) -> None:
    assert talk.say("I'd like an appointment", "book") == ["say_ask_service"]
    assert talk.say("an oil change", service="oil_change") == ["say_ask_wish"]
    assert talk.say("Friday morning") == ["say_offer"]
    assert len(talk.slots["offered"]) == 5
    assert talk.say("the second one", "choose") == ["say_opening_kept", "say_ask_customer_name"]
    assert talk.say("Dana Whitfield") == ["say_ask_contact"]
    assert talk.say("dana@example.org") == ["say_ask_confirmation"]
    assert talk.values["day"] == "Friday, December 4"
    assert talk.values["zone"] == "Central Standard Time"
    assert talk.say("yes", "affirm") == ["say_booked"]
    assert talk.form is None
    [appointment] = talk.context.calendar.upcoming("c-1")
    assert appointment.code == talk.values["code"] == talk.slots["appointment_code"]
    assert appointment.customer == Customer("Dana Whitfield", "dana@example.org")
    assert talk.slots["service"] is None, "a finished booking leaves nothing to go on with"


def test_nothing_is_asked_that_the_first_message_said(talk: Talk) -> None:
    assert talk.say(FIRST_MESSAGE, "book", service="oil_change") == ["say_opening_kept", "say_ask_confirmation"]
    assert talk.values["customer_name"] == "Ana"
    assert talk.values["contact"] == "ana@example.org"
    assert talk.values["time"] == "10:00 AM"


def test_a_repeated_message_books_once(talk: Talk) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    talk.say("yes", "affirm")
    first = talk.values["code"]
    assert talk.repeat() == ["say_booked"]
    assert talk.values["code"] == first
    assert len(talk.context.calendar.upcoming("c-1")) == 1


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("2", "08:30"),
        ("9:00", "09:00"),
        ("the last one", "10:00"),
        ("the later one", "10:00"),
        ("the 9:30 one", "09:30"),
    ],
)
def test_an_opening_is_chosen_by_number_by_time_or_in_words(talk: Talk, words: str, start: str) -> None:
    talk.say("oil change Friday before 10:15", "book", service="oil_change")
    assert talk.said == ["say_offer"]
    assert talk.say(words, "choose") == ["say_opening_kept", "say_ask_customer_name"]
    assert talk.slots["opening"][11:16] == start


def test_a_button_chooses_as_words_do(talk: Talk) -> None:
    talk.say("oil change on Friday", "book", service="oil_change")
    assert talk.buttons[1]["payload"] == '/choose{"number": "2"}'
    offered = talk.slots["offered"][1]
    talk.press("choose", number="2")
    assert talk.slots["opening"] == offered


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("actually Saturday instead", {"opening": "2026-12-05T10:00:00-06:00"}),
        ("actually at 11", {"opening": "2026-12-04T11:00:00-06:00"}),
        ("no, the e-mail is ana@example.net", {"email": "ana@example.net"}),
        ("the name should be Anna Reyes", {"customer_name": "Anna Reyes"}),
    ],
)
def test_an_earlier_answer_is_corrected_and_read_back_again(talk: Talk, words: str, changed: dict[str, str]) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    assert talk.say(words)[-1] == "say_ask_confirmation"
    assert {name: talk.slots[name] for name in changed} == changed


def test_the_customers_own_hold_is_not_in_their_way(talk: Talk) -> None:
    talk.say("service visit Friday at 10, it's Ana", "book", service="service_visit")
    other = Talk(talk.context, "c-2")  # the other bay
    other.say("service visit Friday at 10, it's Bo", "book", service="service_visit")
    assert talk.say("actually at 10:30")[0] == "say_opening_kept"


def test_another_service_looks_for_openings_at_the_same_time(talk: Talk) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    assert talk.say("make that a test drive", service="test_drive")[-1] == "say_ask_confirmation"
    held = talk.context.calendar.held("c-1")
    assert held is not None
    assert (held.service, held.start.isoformat()) == ("test_drive", "2026-12-04T10:00:00-06:00")


def test_a_no_to_the_read_back_asks_what_should_be_different(talk: Talk) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    assert talk.say("no", "deny") == ["say_ask_change"]
    assert talk.press("inform", change="name") == ["say_ask_customer_name"]
    assert talk.say("Anna Reyes") == ["say_ask_confirmation"]


def test_what_is_known_already_is_no_misunderstanding(talk: Talk) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    assert talk.say("ana@example.org") == ["say_ask_confirmation"]
    assert talk.say("on Friday, right") == ["say_ask_confirmation"]


def test_other_openings_are_shown_later_and_earlier(talk: Talk) -> None:
    talk.say("oil change on Friday at 10", "book", service="oil_change")
    assert talk.slots["opening"] == "2026-12-04T10:00:00-06:00"
    assert talk.say("anything later?", "more_openings") == ["say_offer"]
    assert min(talk.slots["offered"]) > "2026-12-04T10:00:00-06:00"
    later = talk.slots["offered"]
    assert talk.say("something earlier please", "more_openings") == ["say_offer"]
    assert max(talk.slots["offered"]) < min(later)
    assert talk.say("another day", "more_openings") == ["say_offer"]
    assert min(talk.slots["offered"])[:10] > "2026-12-04"


def test_a_weekday_means_the_one_among_the_openings_shown(talk: Talk) -> None:
    talk.say("oil change next week", "book", service="oil_change")
    talk.say("Wednesday the 9th", "choose")
    talk.say("anything on another day?", "more_openings")
    assert talk.slots["offered"][0].startswith("2026-12-10")
    talk.say("Thursday at 9")
    assert talk.slots["opening"] == "2026-12-10T09:00:00-06:00"


def test_a_closed_day_is_said_so(talk: Talk) -> None:
    assert talk.say("oil change on Christmas day", "book", service="oil_change") == ["say_offer_closed"]
    assert talk.values["day"] == "Friday, December 25"
    assert talk.say("Sunday") == ["say_offer_not_that_day"], "the business is open, the workshop is not"


def test_an_opening_that_somebody_took_comes_with_others(talk: Talk, booked: Callable[..., str]) -> None:
    talk.say("oil change on Friday morning", "book", service="oil_change")
    wanted = talk.slots["offered"][0]
    for other in ("c-2", "c-3"):  # one for each of the two bays
        booked(other, at=wanted)
    assert talk.say("the first", "choose") == ["say_offer_taken"]
    assert talk.slots["offered"]
    assert wanted not in talk.slots["offered"]


def test_a_hold_that_ran_out_is_taken_again_or_replaced(talk: Talk, clock: Clock, booked: Callable[..., str]) -> None:
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    clock.now += timedelta(minutes=30)
    booked("c-2")
    assert talk.say("yes", "affirm") == ["say_booked"]

    late = Talk(talk.context, "c-4")
    late.say("Bo here, oil change Friday at 11, bo@example.org", "book", service="oil_change")
    clock.now += timedelta(minutes=30)
    for other in ("c-5", "c-6"):
        booked(other, at="2026-12-04T11:00-06:00")
    assert late.say("yes", "affirm") == ["say_offer_taken"]


def test_stopping_lets_go_of_the_opening(talk: Talk) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    assert talk.context.calendar.held("c-1")
    assert talk.say("forget it", "stop") == ["say_stopped"]
    assert talk.context.calendar.held("c-1") is None
    assert talk.form is None
    assert talk.slots["service"] is None


def test_cancelling_in_the_middle_of_a_booking_means_the_booking(talk: Talk) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    assert talk.say("cancel the appointment", "cancel") == ["say_stopped"]


@pytest.mark.parametrize("intent", ["request_human", "opening_hours", "bot_challenge", "out_of_scope"])
def test_what_is_not_for_the_form_is_left_to_the_rules(talk: Talk, intent: str) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    assert talk.say("something else?", intent) == []
    assert talk.resume("action_of_a_rule", "utter_answer") == ["say_ask_customer_name"]


def test_after_a_complaint_the_form_waits_for_the_answer(talk: Talk) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    talk.say("you are useless", "complaint")
    assert talk.resume("utter_complaint", "utter_complaint") == []
    assert talk.say("no", "deny") == ["say_ask_customer_name"]


def test_a_yes_to_a_person_is_left_to_the_rules(talk: Talk) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    talk.say("you are useless", "complaint")
    talk.resume("utter_complaint", "utter_complaint")
    assert talk.say("yes", "affirm") == []


def test_not_understood_is_said_once_and_then_a_person_is_offered(talk: Talk) -> None:
    talk.say("book", "book")
    assert talk.say("purple monkey", "nlu_fallback", 0.4) == ["say_rephrase_service"]
    assert talk.say("dishwasher", "nlu_fallback", 0.4) == ["say_offer_person"]
    assert talk.say("no", "deny") == ["say_ask_service"]
    assert talk.say("purple monkey", "nlu_fallback", 0.4) == ["say_rephrase_service"]


def test_a_booking_goes_on_where_a_person_took_over(talk: Talk) -> None:
    talk.say("oil change Friday at 10", "book", service="oil_change")
    talk.say("Robin Vale")
    talk.form, talk.slots["requested_slot"] = None, None
    assert talk.say("let's go on with the booking", "book") == ["say_ask_contact"]


def test_an_appointment_is_found_by_its_code_from_anywhere(talk: Talk, booked: Callable[..., str]) -> None:
    code = booked("c-2")
    assert talk.say("when is my appointment?", "find") == ["say_ask_appointment"]
    assert talk.say(f"it's {code.replace('-', ' ').lower()}") == ["say_found"]
    assert talk.values["code"] == code
    assert talk.form is None


def test_wrong_codes_are_refused_politely_and_not_without_end(talk: Talk) -> None:
    talk.say("when is my appointment?", "find")
    for code in ("K7QF-29TM", "K7QF-29TX", "K7QF-29TC", "K7QF-29TD", "K7QF-29TF"):
        assert talk.say(code) == ["say_code_unknown"]
    assert talk.say("K7QF-29TG") == ["say_code_tries_used_up"]
    assert talk.form is None


def test_what_cannot_be_a_code_is_no_try(talk: Talk) -> None:
    talk.say("when is my appointment?", "find")
    for code in ("AAAA-BBBB", "0O0O-1I1I", "K7QF-29T") * 3:
        assert talk.say(code) == ["say_code_unknown"]


def test_an_appointment_is_moved_after_a_yes(talk: Talk, booked: Callable[..., str]) -> None:
    code = booked()
    assert talk.say("can I move my appointment?", "move") == ["say_ask_new_wish"]
    assert talk.say("Saturday at 11") == ["say_ask_move"]
    assert talk.values["old_day"] == "Friday, December 4"
    assert talk.context.calendar.upcoming("c-1")[0].start.day == 4, "nothing has moved before the yes"
    assert talk.say("yes", "affirm") == ["say_moved"]
    [moved] = talk.context.calendar.upcoming("c-1")
    assert (moved.code, moved.start.isoformat()) == (code, "2026-12-05T11:00:00-06:00")
    assert talk.repeat() == ["say_moved"]
    assert moved.sequence == talk.context.calendar.upcoming("c-1")[0].sequence


def test_a_move_said_in_one_sentence_keeps_the_day_that_was_not_named(talk: Talk, booked: Callable[..., str]) -> None:
    booked()
    assert talk.say("move it to 5pm", "move") == ["say_ask_move"]
    assert talk.slots["opening"] == "2026-12-04T17:00:00-06:00"


def test_the_day_of_the_appointment_is_no_wish(talk: Talk, booked: Callable[..., str]) -> None:
    booked()
    booked(service="test_drive", at="2026-12-07T10:00-06:00")
    assert talk.say("I can't make it on Friday, can we find another time?", "move") == ["say_ask_new_wish"]
    assert talk.values["service"] == "oil change"


def test_the_wish_is_kept_while_the_code_is_asked_for(talk: Talk, booked: Callable[..., str]) -> None:
    code = booked("c-2")
    assert talk.say("move my appointment to Saturday at 11", "move") == ["say_ask_appointment"]
    assert talk.say(code) == ["say_ask_move"]


def test_of_several_appointments_the_one_meant_is_asked_for(talk: Talk, booked: Callable[..., str]) -> None:
    booked()
    booked(service="test_drive", at="2026-12-07T10:00-06:00")
    assert talk.say("cancel my appointment", "cancel") == ["say_ask_which"]
    assert talk.say("the second", "choose") == ["say_ask_cancel"]
    assert talk.values["service"] == "test drive"
    assert talk.say("yes", "affirm") == ["say_cancelled"]
    assert [each.service for each in talk.context.calendar.upcoming("c-1")] == ["oil_change"]


def test_a_named_service_says_which_appointment(talk: Talk, booked: Callable[..., str]) -> None:
    booked()
    booked(service="test_drive", at="2026-12-07T10:00-06:00")
    assert talk.say("cancel my test drive", "cancel", service="test_drive") == ["say_ask_cancel"]
    assert talk.values["service"] == "test drive"


def test_a_no_keeps_the_appointment(talk: Talk, booked: Callable[..., str]) -> None:
    code = booked()
    talk.say("cancel my appointment", "cancel")
    assert talk.say("no", "deny") == ["say_kept"]
    assert talk.context.calendar.find(code, conversation_id="c-1").status is Status.CONFIRMED


def test_a_cancelled_appointment_is_said_to_be_cancelled(talk: Talk, booked: Callable[..., str]) -> None:
    code = booked()
    talk.say(f"cancel {code}", "cancel")
    talk.say("yes", "affirm")
    assert talk.say(f"look up {code}", "find") == ["say_found_cancelled"]
    assert talk.say(f"move {code}", "move") == ["say_appointment_over"]


def under(context: Context, engine: Engine, **terms: object) -> Talk:
    """A talk with a business of other terms, over the same calendar."""
    business = context.business.model_copy(update={"booking": context.business.booking.model_copy(update=terms)})
    calendar = Calendar(business, PostgresStore(engine), context.clock)
    return Talk(replace(context, business=business, calendar=calendar), "c-1")


def test_what_the_terms_forbid_is_said_with_the_way_to_a_person(
    context: Context, engine: Engine, booked: Callable[..., str]
) -> None:
    booked()
    late = under(context, engine, cancel_notice=72, move_notice=72)
    assert late.say("cancel my appointment", "cancel") == ["say_ask_cancel"]
    assert late.say("yes", "affirm") == ["say_too_late"]
    assert late.values["hours"] == 72
    late.say("move it to Saturday at 11", "move")
    assert late.say("yes", "affirm") == ["say_too_late"]
    often = under(context, engine, moves=0)
    often.say("move it to Saturday at 11", "move")
    assert often.say("yes", "affirm") == ["say_moved_too_often"]
    [kept] = context.calendar.upcoming("c-1")
    assert kept.start.day == 4


def test_a_second_visit_at_the_same_time_is_asked_to_be_at_another(
    context: Context, engine: Engine, booked: Callable[..., str]
) -> None:
    booked("c-9", service="test_drive", at="2026-12-04T10:00-06:00")
    talk = under(context, engine, one_at_a_time=True)
    talk.say(FIRST_MESSAGE, "book", service="oil_change")
    assert talk.say("yes", "affirm") == ["say_already_booked"]
    assert talk.say("Saturday at 11") == ["say_opening_kept", "say_ask_confirmation"]
    assert talk.say("yes", "affirm") == ["say_booked"]


def test_the_same_dialogue_books_in_a_quite_different_business(engine: Engine, northlight: Business) -> None:
    now = datetime(2026, 12, 2, 10, tzinfo=UTC)
    calendar = Calendar(northlight, PostgresStore(engine), lambda: now)
    talk = Talk(Context(northlight, calendar, Bridge("http://127.0.0.1:9", ""), lambda: now), "n-1")
    talk.say("I want to talk about studying abroad", "book", service="study_consultation")
    assert talk.say("next Monday afternoon") == ["say_offer"]
    assert len(talk.slots["offered"]) == 4, "the file says how many are offered"
    talk.say("the first", "choose")
    talk.say("Maeve Kelly")
    assert talk.say("087 123 4567") == ["say_ask_confirmation"]
    assert talk.values["zone"] == "Greenwich Mean Time"
    assert talk.values["contact"] == "+353 87 123 4567"
    assert talk.say("yes", "affirm") == ["say_booked"]
