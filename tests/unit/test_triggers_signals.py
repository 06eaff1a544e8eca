"""What is gathered of a talk before it is judged. On the store in memory."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handoff_bridge.messages import Author, Draft, Message, Source
from handoff_bridge.model import Conversation, Move, Mover, Who, move
from handoff_bridge.triggers.model import Decision, DecisionRecord, JudgedBy, OfferAnswer, Outcome
from handoff_bridge.triggers.signals import Heard, Listener
from handoff_bridge.turns import Answer, Utterance
from tests.fake_store import FakeStore
from tests.integration.bridge_store.making import NOW, SALES, opened
from tests.unit.trigger_signals import rules

ANSWER = Answer((Utterance("All right."),), {}, intent="inform", confidence=0.8)
PERSON = ("Talk to a person", "/request_human")
GO_ON = ("No, go on", "/deny")
RULES = rules(
    {"trigger": "request"},
    {"trigger": "failed_turns", "responses": ["say_rephrase"]},
    again_after_minutes=30,
    pause_minutes=60,
)


@dataclass
class Talk:
    """A customer who talks with the assistant, minute by minute."""

    store: FakeStore
    conversation: Conversation
    listener: Listener
    now: datetime = NOW

    def says(self, words: str, answer: Answer | None = ANSWER, payload: str | None = None) -> Heard:
        """Says it, is answered, and is judged."""
        self.passes(minutes=1)
        message = self._stored(words, payload)
        with self.store.begin() as t:
            conversation = t.conversations.lock(self.conversation.id)
            assert conversation is not None
            if answer is not None:
                t.messages.understood(message.id, answer.intent, answer.confidence)
            return self.listener.listen(t, conversation, message, self.now, answer)

    def is_decided(self, heard: Heard, outcome: Outcome = Outcome.NONE, **more: Any) -> DecisionRecord:
        said = heard.signals.last
        fired = None if outcome is Outcome.NONE else "complaint"
        with self.store.begin() as t:
            conversation = t.conversations.lock(self.conversation.id)
            assert conversation is not None
            known = {"form": heard.form, "is_failed": said.is_failed, "is_offered": outcome is Outcome.OFFER, **more}
            decision = Decision(
                said.message_id, self.now, (), outcome, fired, JudgedBy.RULE, "v1", conversation.epoch, **known
            )
            record = t.decisions.add(conversation, decision)
        assert record is not None
        return record

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def moves(self) -> None:
        with self.store.begin() as t:
            conversation = t.conversations.lock(self.conversation.id)
            assert conversation is not None
            waiting, done = move(conversation, Move.REQUEST, Who(Mover.ASSISTANT), self.now, handoff=SALES)
            t.conversations.move(waiting, done)

    def _stored(self, words: str, payload: str | None) -> Message:
        draft = Draft(Author.CUSTOMER, words, Source.WEBSITE, f"{self.now}", payload=payload)
        with self.store.begin() as t:
            t.conversations.lock(self.conversation.id)
            message = t.messages.add(self.conversation, draft, self.now)
        assert message is not None
        return message


@pytest.fixture
def talk() -> Talk:
    store = FakeStore()
    return Talk(store, opened(store), Listener(RULES, sentiment=lambda text: -0.5 if "bad" in text else 0.0))


def test_what_was_said_before_is_heard_as_well_oldest_first(talk: Talk) -> None:
    talk.is_decided(talk.says("one"))
    talk.is_decided(talk.says("this is bad"))
    said = talk.says("three").signals.said
    assert [(one.text, one.intent, one.confidence) for one in said] == [
        ("one", "inform", 0.8),
        ("this is bad", "inform", 0.8),
        ("three", "inform", 0.8),
    ]
    assert talk.says("bad again").signals.last.sentiment == -0.5


def test_a_long_silence_begins_a_new_talk(talk: Talk) -> None:
    talk.is_decided(talk.says("one"))
    talk.passes(minutes=58)
    talk.is_decided(talk.says("two"))
    talk.passes(minutes=60)
    assert [one.text for one in talk.says("three").signals.said] == ["three"]


def test_a_move_begins_a_new_talk(talk: Talk) -> None:
    talk.is_decided(talk.says("one"))
    talk.moves()
    assert [one.text for one in talk.says("two").signals.said] == ["two"]


def test_a_message_answers_the_form_that_asked_before_it(talk: Talk) -> None:
    asks = replace(ANSWER, form="booking_form")
    first = talk.says("book me in", asks)
    talk.is_decided(first)
    second = talk.says("Kim", ANSWER)
    talk.is_decided(second)
    third = talk.says("thanks")
    assert [one.form for one in third.signals.said] == [None, "booking_form", None]
    assert (first.form, second.form) == ("booking_form", None)


@pytest.mark.parametrize(
    ("answer", "is_failed"),
    [
        (ANSWER, False),
        (replace(ANSWER, error="failed"), True),
        (replace(ANSWER, utterances=()), True),
        (replace(ANSWER, utterances=(Utterance("What?", response="say_rephrase_wish"),)), True),
        (replace(ANSWER, utterances=(Utterance("Hello", response="utter_greet"),), intent="nlu_fallback"), False),
        (replace(ANSWER, intent="nlu_fallback"), True),
        (replace(ANSWER, intent="nlu_fallback", form="booking_form"), False),
    ],
)
def test_an_answer_that_does_not_help_is_a_failed_turn(talk: Talk, answer: Answer, is_failed: bool) -> None:
    assert talk.says("hm", answer).signals.last.is_failed is is_failed


@pytest.mark.parametrize(
    ("buttons", "is_shown", "is_offered"),
    [((), False, False), ((GO_ON,), False, False), ((PERSON,), True, False), ((PERSON, GO_ON), True, True)],
)
def test_the_assistants_own_offer_is_known_by_its_buttons(
    talk: Talk, buttons: tuple[tuple[str, str], ...], is_shown: bool, is_offered: bool
) -> None:
    heard = talk.says("hm", replace(ANSWER, utterances=(Utterance("Well?", buttons),)))
    assert (heard.is_shown, heard.is_offered) == (is_shown, is_offered)


def test_an_offer_holds_back_others_until_its_time_is_over(talk: Talk) -> None:
    talk.is_decided(talk.says("bad"), Outcome.OFFER)
    assert talk.says("one").is_held_back
    talk.passes(minutes=27)
    assert talk.says("two").is_held_back
    talk.passes(minutes=1)
    assert not talk.says("three").is_held_back
    talk.is_decided(talk.says("bad"), Outcome.ALREADY, is_offered=True)
    assert talk.says("four").is_held_back, "the assistant asked"


def test_an_accepted_offer_holds_nothing_back(talk: Talk) -> None:
    record = talk.is_decided(talk.says("bad"), Outcome.OFFER)
    with talk.store.begin() as t:
        t.decisions.answer(record.id, OfferAnswer.ACCEPTED, talk.now)
    assert not talk.says("one").is_held_back


def test_without_an_answer_a_button_is_what_it_stands_for(talk: Talk) -> None:
    pressed = talk.says("Somebody", None, payload='/request_human{"department": "sales"}').signals.last
    assert (pressed.intent, pressed.confidence, pressed.sentiment) == ("request_human", 1.0, None)
    typed = talk.says("/request_human", None).signals.last
    assert (typed.intent, typed.confidence, typed.is_button) == (None, None, False)


def test_an_appointment_is_a_result(talk: Talk) -> None:
    assert talk.says("book", replace(ANSWER, facts={"appointment_code": "ABCD-2345"})).signals.has_appointment
    assert not talk.says("book").signals.has_appointment
