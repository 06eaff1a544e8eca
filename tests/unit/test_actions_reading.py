"""What single messages are read to say."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.heard import Heard
from actions.reading.choices import Page, read_choice, read_page
from actions.reading.codes import codes_in
from actions.reading.names import read_name
from actions.reading.services import read_service
from actions.reading.told import Listener, Told
from business.model import Business
from scheduling.wishes import Wish


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana", "Ana"),
        ("ana reyes", "Ana Reyes"),
        ("my name's Tom Becker", "Tom Becker"),
        ("It's Ana and I'd like oil", "Ana"),
        ("I'm Sarah O'Neill.", "Sarah O'Neill"),
        ("Jean-Pierre Dubois please", "Jean-Pierre Dubois"),
        ("Oisín", "Oisín"),
        ("Dr. Helen Moore", "Dr. Helen Moore"),
        ("change the name to Thomas Becker please", "Thomas Becker"),
    ],
)
def test_a_name_that_was_asked_for_is_found(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "why do you need that?",
        "yes",
        "no idea",
        "the first one",
        "512 555 0133",
        "later",
        "tell me more about it first",
        "",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("It's Ana, can I book for Friday?", "Ana"),
        ("this is Peter Grant, I need to come in", "Peter Grant"),
        ("my name is grace", "Grace"),
        ("Maria Jensen here, tomorrow at noon?", "Maria Jensen"),
        ("I'm looking for an appointment", None),
        ("It's Monday that suits me", None),
        ("I'm not sure", None),
        ("Hello there", None),
    ],
)
def test_a_name_said_in_passing_needs_more_than_a_word(text: str, name: str | None) -> None:
    assert read_name(text, asked=False) == name


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("2", 1), ("#2", 1), ("number two", 1), ("2 please", 1), ("the 2nd one", 1), ("I'll take the second", 1),
        ("ok let's go with 3", 2), ("the last one", 3), ("the later one", 3), ("the earliest one", 0), ("first", 0),
        ("any of them", 0), ("whichever", 0), ("you choose", 0),
        ("5", None), ("the fifth one", None), ("10:30", None), ("3pm", None), ("at 3", None), ("any other day?", None),
        ("the 14th", None), ("the second week of December", None), ("later", None),
    ],
)  # fmt: skip
def test_a_choice_among_four_is_read(text: str, index: int | None) -> None:
    assert read_choice(text, 4) == index


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("anything later?", Page.LATER), ("that's too early", Page.LATER), ("something earlier", Page.EARLIER),
        ("too late for me", Page.EARLIER), ("another day", Page.OTHER_DAY), ("the next day maybe", Page.OTHER_DAY),
        ("what else do you have", Page.MORE), ("none of these", Page.MORE), ("the first", None),
    ],
)  # fmt: skip
def test_the_direction_of_other_openings_is_read(text: str, page: Page | None) -> None:
    assert read_page(text) == page


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("my code is K7QF-29TM, please cancel", ["K7QF-29TM"]),
        ("it's k7qf 29tm", ["k7qf 29tm"]),
        ("cancel GKRG-PRQH", ["GKRG-PRQH"]),
        ("K 7 Q F 2 9 T M", ["K 7 Q F 2 9 T M"]),
        ("what time will that be", []),
        ("my number is 5550 1234", []),
        ("mail me at abcd1234@example.org", []),
    ],
)
def test_codes_are_found_in_a_sentence_and_words_are_not(text: str, codes: list[str]) -> None:
    assert codes_in(text) == codes


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("oil chnage", "oil_change"),
        ("a testdrive please", "test_drive"),
        ("an Oil-Change!", "oil_change"),
        ("I want to drive a car", "test_drive"),
        ("a haircut", None),
        ("hmm", None),
    ],
)
def test_a_mistyped_service_is_still_known(magnolia: Business, text: str, service: str | None) -> None:
    assert read_service(text, magnolia) == service


def heard(text: str, intent: str = "inform", confidence: float = 0.9, *entities: dict[str, Any]) -> Heard:
    return Heard("c", "m", text, intent, confidence, entities)


def listen(business: Business, message: Heard, asked: str | None = None, *offered: datetime) -> Told:
    now = datetime(2026, 12, 2, 10, tzinfo=business.zone)
    return Listener(business, "en").listen(message, asked, offered, now)


def test_everything_in_one_message_is_heard(magnolia: Business) -> None:
    entity = {"entity": "service", "value": "oil_change", "start": 20, "end": 30}
    message = heard("It's Ana, can I get an oil change Friday at 10, ana@example.org", "book", 0.9, entity)
    told = listen(magnolia, message)
    assert told.services == ("oil_change",)
    assert told.name == "Ana"
    assert told.email == "ana@example.org"
    assert told.wish is not None
    assert (str(told.wish.start_date), str(told.wish.start_time)) == ("2026-12-04", "10:00:00")


def test_digits_of_a_phone_number_are_no_time(magnolia: Business) -> None:
    told = listen(magnolia, heard("call me on 512-555-0117"), "contact")
    assert told == Told(phone="+15125550117")


def test_an_address_spelled_out_is_understood(magnolia: Business) -> None:
    assert listen(magnolia, heard("ana dot reyes"), "contact").email is None
    assert listen(magnolia, heard("it's ana at example dot org"), "contact").email == "ana@example.org"


@pytest.mark.parametrize("name", ["April", "June", "august"])
def test_a_name_that_is_a_month_is_a_name_when_a_name_is_asked_for(magnolia: Business, name: str) -> None:
    told = listen(magnolia, heard(name), "customer_name")
    assert (told.name, told.wish) == (name.title(), None)


def test_a_correction_is_no_name(magnolia: Business) -> None:
    told = listen(magnolia, heard("Actually Saturday instead"), "customer_name")
    assert told.name is None
    assert told.wish


def test_talk_is_no_name(magnolia: Business) -> None:
    assert listen(magnolia, heard("many blessings", "thank"), "customer_name").name is None


def test_a_button_is_read_from_its_entities_and_never_from_its_payload(magnolia: Business) -> None:
    offered = [datetime(2026, 12, 4, 10, tzinfo=magnolia.zone) + timedelta(hours=h) for h in range(3)]
    press = Heard("c", "m", "", "choose", 1.0, ({"entity": "number", "value": "2"},))
    assert listen(magnolia, press, "opening", *offered) == Told(choice=1)
    soon = Heard("c", "m", "", "inform", 1.0, ({"entity": "wish", "value": "earliest"},))
    assert listen(magnolia, soon, "wish") == Told(wish=Wish(earliest=True))
    unknown = Heard("c", "m", "", "inform", 1.0, ({"entity": "service", "value": "moon_flight"},))
    assert listen(magnolia, unknown, "service").is_empty


@given(
    st.text(max_size=80), st.sampled_from([None, "service", "wish", "opening", "customer_name", "contact", "change"])
)
def test_no_text_is_too_strange(magnolia: Business, text: str, asked: str | None) -> None:
    listen(magnolia, heard(text), asked, datetime(2026, 12, 4, 10, tzinfo=magnolia.zone))
