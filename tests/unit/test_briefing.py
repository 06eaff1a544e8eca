"""What a person is told who comes to a conversation: nothing but what is known, counted, or in the customer's words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from business.model import Business
from handoff_bridge import briefing
from handoff_bridge import briefing_words as words
from handoff_bridge.briefing import Material
from handoff_bridge.briefing_summary import summary
from handoff_bridge.engagements import Engagement
from handoff_bridge.messages import Author, DeliveryState, Message, Source
from handoff_bridge.model import Handoff, Move, Urgency

NOW = datetime.fromisoformat("2026-12-01T09:00:00-06:00")
FACTS = {"service": "oil change", "wish": "Sat, Dec 5, morning", "opening": "Sat, Dec 5, 9:00 AM"}
NOBODY = {"name": None, "email": None, "phone": None}
KIM = {"name": "Kim Berg", "email": "kim@example.org", "phone": "+15125550100"}


def message(number: int, text: str, author: Author = Author.CUSTOMER, **more: Any) -> Message:
    given_ = {"intent": None, "confidence": None, "payload": None} | more
    return Message(
        id=number,
        conversation_id="c",
        author=author,
        name=None,
        agent_id=None,
        text=text,
        buttons=(),
        source=Source.WEBSITE,
        source_id=str(number),
        status=DeliveryState.SENT,
        failure=None,
        created_at=NOW + timedelta(minutes=number),
        **given_,
    )


def engagement(starts_at: datetime, service: str = "oil change", *, is_booked: bool = True) -> Engagement:
    return Engagement(7, "R4TG-7KMP", service, "Bay 1", starts_at, starts_at + timedelta(minutes=30), is_booked)


@pytest.fixture
def material(magnolia: Business) -> Material:
    """Somebody of whom nothing is known said nothing, and waits for a person."""
    return Material(
        business=magnolia,
        handoff=Handoff("service", Urgency.NORMAL, "asked"),
        move=Move.REQUEST,
        who="",
        facts={},
        customer=NOBODY,
        said=(),
        appointments=(),
        now=NOW + timedelta(minutes=10),
        sentiment=lambda text: -0.8 if "terrible" in text else 0.0,
    )


def test_a_summary_says_why_what_who_and_how_it_went(material: Material) -> None:
    said = [
        message(1, "I would like an oil change on Saturday morning"),
        message(2, "blorf", intent=words.NOT_UNDERSTOOD_INTENT),
        message(3, "this is terrible"),
        message(4, "get me somebody", intent="request_human"),
    ]
    coming, past = engagement(NOW + timedelta(days=4)), engagement(NOW - timedelta(days=90), "test drive")
    told = summary(replace(material, facts=FACTS, customer=KIM, said=said, appointments=(coming, past)))
    assert told == [
        "Asked for a person.",
        "Last words: “get me somebody”.",
        "Wants: oil change, Sat, Dec 5, morning, Sat, Dec 5, 9:00 AM (chosen)"
        " (“I would like an oil change on Saturday morning”).",
        "Known: Kim Berg, kim@example.org, +1 512-555-0100.",
        "Coming: oil change, Sat, Dec 5, 9:00 AM.",
        "Past appointment: test drive, Wed, Sep 2, 10:00 AM.",
        "1 message was not understood: “blorf”.",
        "Sounded unhappy: “this is terrible”.",
    ]


def test_of_a_stranger_who_said_nothing_there_is_little_to_say(material: Material) -> None:
    assert summary(material) == ["Asked for a person.", words.NOTHING_KNOWN]


@pytest.mark.parametrize(
    ("move", "who", "reason", "said"),
    [
        (Move.REQUEST, "", "complaint", "Has a complaint and asked for a person."),
        (Move.REQUEST, "", "warranty_claim", "Handed over for this reason: warranty claim."),
        (Move.REQUEST, "", "", "Handed over without a reason."),
        (Move.REQUEST, "Maria Lopez", "", "Maria Lopez asked for a person to take this."),
        (Move.TRANSFER, "Sam Okafor", "asked", "Sam Okafor passed the conversation on."),
        (Move.REQUEUE, "", "asked", "Back in line, because the agent was gone."),
        (Move.TAKE_OVER, "Sam Okafor", "take_over", "Sam Okafor took over without being asked for."),
    ],
)
def test_the_first_sentence_says_why(material: Material, move: Move, who: str, reason: str, said: str) -> None:
    handoff = Handoff("sales", reason=reason)
    assert summary(replace(material, move=move, who=who, handoff=handoff))[0] == said


def test_a_note_is_quoted(material: Material) -> None:
    handoff = Handoff("sales", note="wants a\nlower rate")
    assert "Note: “wants a lower rate”." in summary(replace(material, handoff=handoff))


def test_a_long_message_is_quoted_up_to_a_word(material: Material) -> None:
    told = summary(replace(material, said=[message(1, "word " * 100)]))[1]
    assert told.endswith("word…”.")
    assert len(told) < 170


TEXTS = st.sampled_from(["Saturday morning please", "blorf", "this is terrible", "hello", "x" * 300, "Friday at 10?"])
MESSAGES = st.lists(
    st.builds(
        lambda text, author, intent, payload: (text, author, {"intent": intent, "payload": payload}),
        TEXTS,
        st.sampled_from(list(Author)),
        st.sampled_from([None, words.NOT_UNDERSTOOD_INTENT, "book"]),
        st.sampled_from([None, "/book"]),
    ),
    max_size=6,
)
DAYS = st.lists(st.integers(-40, 40), max_size=4, unique=True)


def _some_of[K, V](values: dict[K, V]) -> st.SearchStrategy[dict[K, V]]:
    return st.sets(st.sampled_from(sorted(values, key=str))).map(lambda keys: {key: values[key] for key in keys})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=MESSAGES, facts=_some_of(FACTS), customer=_some_of(KIM), days=DAYS)
def test_every_statement_is_a_fact_a_count_or_a_literal_quote(
    material: Material, said: Any, facts: dict[str, str], customer: dict[str, str], days: list[int]
) -> None:
    spoken = [message(number, text, author, **more) for number, (text, author, more) in enumerate(said)]
    of = replace(
        material,
        handoff=replace(material.handoff, note="a note"),
        said=spoken,
        facts=facts,
        customer=NOBODY | customer,
        appointments=[engagement(NOW + timedelta(days=day)) for day in days],
    )
    for sentence in summary(of):
        assert _is_backed(sentence, of), sentence


def _is_backed(sentence: str, of: Material) -> bool:
    """Whether a sentence is one of ours and each thing put into it is in the material."""
    return any(
        match is not None and all(_is_known(name, value, of) for name, value in match.groupdict().items())
        for match in (re.fullmatch(pattern, sentence) for pattern in _patterns())
    )


def _patterns() -> Sequence[str]:
    sentences = [value for value in vars(words).values() if isinstance(value, str) and value.endswith(".")]
    escaped = [re.escape(one) for one in (*words.REASONS.values(), *sentences)]
    return [re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", one) for one in escaped]


def _is_known(name: str, value: str, of: Material) -> bool:
    quotable = [one.text for one in of.said if one.author is Author.CUSTOMER and one.payload is None]
    match name:
        case "quote":
            return any(text.startswith(value[1:-1].removesuffix("…")) for text in [*quotable, of.handoff.note])
        case "wants":
            known, _, quoted = value.partition(" (“")
            facts = [of.facts.get("service"), of.facts.get("wish"), of.facts.get("opening")]
            chosen = known.removesuffix(" (chosen)")
            return chosen == ", ".join(filter(None, facts)) and (not quoted or quoted.removesuffix("”)") in quotable)
        case "known":
            return set(value.replace("+1 512-555-0100", "+15125550100").split(", ")) <= set(of.customer.values())
        case "appointment":
            days = {f"{one.starts_at.strftime('%b')} {one.starts_at.day}" for one in of.appointments}
            return value.startswith("oil change") and any(f" {day}," in value for day in days)
        case "number":
            past = sum(one.ends_at <= of.now for one in of.appointments)
            lost = sum(one.intent == words.NOT_UNDERSTOOD_INTENT for one in of.customers_words)
            return int(value) in (past, lost)
    return False


def test_topics_are_intents_in_words_and_services_that_were_named(material: Material) -> None:
    said = [
        message(1, "hello", intent="greet"),
        message(2, "could you CHANGE THE OIL?", intent="book"),
        message(3, "when are you open", intent="opening_hours"),
        message(4, "book me in", intent="book"),
    ]
    of = replace(material, said=said, facts={"service": "test drive"})
    assert briefing.topics(of) == ["booking an appointment", "opening hours", "oil change", "test drive"]


def test_sentiment_is_of_what_the_customer_wrote(material: Material) -> None:
    said = [
        message(1, "this is terrible"),
        message(2, "terrible indeed", Author.AGENT),
        message(3, "Yes", payload="/affirm"),
        message(4, "fine"),
    ]
    assert briefing.sentiment(replace(material, said=said)) == [
        {"message_id": 1, "score": -0.8},
        {"message_id": 4, "score": 0.0},
    ]


def test_length_duration_and_last_lines_leave_out_the_front_desks_own_words(material: Material) -> None:
    said = [message(number, f"line {number}", Author.ASSISTANT) for number in range(8)]
    said.append(message(8, "You are number 1 in line.", Author.SYSTEM))
    of = replace(material, said=said)
    assert (briefing.length(of), briefing.minutes(of)) == (8, 10)
    assert briefing.last_lines(of)[0] == {"author": "assistant", "text": "line 2"}
    assert briefing.last_lines(of)[-1] == {"author": "assistant", "text": "line 7"}
