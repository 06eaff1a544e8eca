"""What is read out of Rasa's tracker: why a form is called, and what was said before."""

from typing import Any

import pytest

from actions.facts import Facts
from actions.heard import Place, heard_in, misunderstandings, place_of, said_last_turn

USER: dict[str, Any] = {"event": "user"}
LISTEN: dict[str, Any] = {"event": "action", "name": "action_listen"}


def bot(response: str) -> dict[str, Any]:
    return {"event": "bot", "metadata": {"utter_action": response}}


def test_a_form_that_was_just_begun_knows_it() -> None:
    assert place_of("a_form", [LISTEN, USER, {"event": "active_loop", "name": "a_form"}]) is Place.BEGUN


def test_a_form_that_hears_the_next_message_takes_it_for_an_answer() -> None:
    events = [USER, {"event": "active_loop", "name": "a_form"}, LISTEN, USER, {"event": "action", "name": "a_form"}]
    assert place_of("a_form", events) is Place.ANSWER


def test_a_form_that_comes_after_another_action_asks_again() -> None:
    events = [LISTEN, USER, {"event": "action", "name": "utter_thank"}, bot("utter_thank")]
    assert place_of("a_form", events) is Place.RESUMED


def test_misunderstandings_are_counted_in_a_row() -> None:
    events = [USER, bot("say_rephrase"), USER, bot("utter_greet"), USER, bot("say_rephrase_wish"), USER]
    assert misunderstandings(events) == 1
    assert misunderstandings([*events, bot("say_offer_person"), USER]) == 2
    assert misunderstandings([*events, bot("say_ask_wish"), USER]) == 0


def test_what_was_said_last_is_what_the_message_answers() -> None:
    assert said_last_turn([USER, bot("a"), USER, bot("b"), bot("c"), LISTEN, USER, bot("d")]) == {"b", "c"}
    assert said_last_turn([USER]) == set()


def test_the_title_of_a_button_is_not_read() -> None:
    assert heard_in("c", {"text": "The last one", "metadata": {"button": True}}, []).is_button
    assert not heard_in("c", {"text": "The last one", "metadata": {"button": False}}, []).is_button


@pytest.mark.parametrize("sent_at", ["2026-12-02T10:00:00+00:00", "2026-12-02T10:00:00", "soon", None, 3])
def test_a_time_of_sending_without_an_offset_is_not_believed(sent_at: object) -> None:
    heard = heard_in("c", {"text": "hi", "metadata": {"sent_at": sent_at}}, [])
    assert (heard.sent_at is not None) == (sent_at == "2026-12-02T10:00:00+00:00")


def test_facts_survive_a_trip_through_the_slots() -> None:
    slots = {
        "service": "a", "wish": {"start_date": "2026-12-04", "time_open": "after", "start_time": "15:00"},
        "offered": ["2026-12-04T15:00:00-06:00"], "opening": "2026-12-04T15:00:00-06:00", "customer_name": "Ana",
        "email": "ana@example.org", "phone": None, "appointment_code": None, "department": "sales",
        "call": {
            "department": "service", "note": "the brakes", "wish": {"start_date": "2026-12-07"},
            "offered": ["2026-12-07T09:00:00-06:00"], "at": None,
        },
        "message": {"department": "service", "text": "the brakes squeak"},
    }  # fmt: skip
    assert Facts.of(slots).slots() == slots


@pytest.mark.parametrize(
    "rubbish",
    [
        {"wish": {"start_date": 4}},
        {"wish": "x"},
        {"opening": "soon"},
        {"offered": [None]},
        {"offered": 3},
        {"call": []},
        {"call": {"at": "2026-12-04T15:00:00-06:00"}},
        {"message": {"text": "hi"}},
        {"department": 4},
    ],
)
def test_what_cannot_be_read_in_a_slot_is_not_known(rubbish: dict[str, Any]) -> None:
    assert Facts.of(rubbish) == Facts()
