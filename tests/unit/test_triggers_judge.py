"""What fires by which rule, and what comes of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from business.model import Business
from handoff_bridge.triggers.judge import Judge, settle
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.model import Fired, JudgedBy, Outcome
from handoff_bridge.triggers.sentiment import PhraseSentiment
from tests.unit.trigger_signals import ENGLISH, NOW, fired, judge, rules, talk

ROOT = Path(__file__).parent.parent.parent
REQUEST = {"trigger": "request", "name": "asked"}
COMPLAINT = {"trigger": "topic", "name": "complaint", "intents": ["complaint"], "phrases": {"en": ["complain"]}}
DOUBT = {"trigger": "low_confidence", "below": 0.4, "in_a_row": 3}
FAILED = {"trigger": "failed_turns", "in_a_row": 2}
ANGER = {"trigger": "frustration", "mean": -0.4, "messages": 3, "strong": -0.6, "in_a_row": 2}
AGAIN = {"trigger": "repetition", "similarity": 0.85, "times": 2, "words": 3, "messages": 4}


def doubtful(confidence: float = 0.3, **more: Any) -> dict[str, Any]:
    return {"intent": "inform", "confidence": confidence, **more}


def felt(*scores: float) -> list[dict[str, Any]]:
    return [{"sentiment": score} for score in scores]


def test_a_call_for_a_person_is_the_models_or_else_the_words() -> None:
    by = judge(REQUEST)
    (model,) = by.fired(talk({"text": "hmm", "intent": "request_human", "confidence": 0.8}))
    (words,) = by.fired(talk({"text": "get me a human", "intent": "inform", "confidence": 0.9}))
    assert (model.judge, model.score, model.threshold) == (JudgedBy.MODEL, 0.8, 0.6)
    assert (words.judge, words.score) == (JudgedBy.RULE, 1.0)
    assert fired(by, {"text": "hmm", "intent": "request_human", "confidence": 0.5}) == []
    assert fired(by, "get me a human") == ["asked"]


def test_the_words_give_way_to_an_intent_that_says_the_opposite() -> None:
    said = {"text": "forget it, back to you. talk to a person, no", "intent": "withdraw"}
    assert fired(judge(REQUEST), {**said, "confidence": 0.9}) == []
    assert fired(judge(REQUEST), {**said, "confidence": 0.3}) == ["asked"]


def test_a_pressed_button_is_what_it_means_and_not_its_title() -> None:
    pressed = {"text": "Talk to a person", "is_button": True, "confidence": 1.0}
    assert fired(judge(REQUEST), {**pressed, "intent": "deny"}) == []
    assert fired(judge(REQUEST), {**pressed, "intent": "request_human"}) == ["asked"]


def test_a_subject_is_known_by_the_intent_or_by_the_words() -> None:
    by = judge(COMPLAINT)
    assert fired(by, {"text": "hm", "intent": "complaint", "confidence": 0.7}) == ["complaint"]
    assert fired(by, "I want to complain") == ["complaint"]
    assert fired(by, "it is no complaint") == []


def test_doubt_counts_in_a_row_and_not_where_a_form_asks() -> None:
    by = judge(DOUBT)
    assert fired(by, doubtful(), doubtful(), doubtful()) == ["low_confidence"]
    assert fired(by, doubtful(), doubtful()) == []
    assert fired(by, doubtful(), doubtful(0.9), doubtful(), doubtful()) == []
    assert fired(by, doubtful(), doubtful(form="booking_form"), doubtful(), doubtful()) == []
    assert fired(by, doubtful(), doubtful(is_button=True), doubtful(), doubtful()) == []
    assert fired(by, *[{"intent": "nlu_fallback", "confidence": 0.4}] * 3) == ["low_confidence"]


def test_failed_turns_count_in_a_row() -> None:
    by, failed = judge(FAILED), {"is_failed": True}
    assert fired(by, failed, failed) == ["failed_turns"]
    assert fired(by, failed, "fine", failed) == []


@pytest.mark.parametrize(
    ("scores", "is_anger"),
    [
        ((-0.8, -0.7), True),
        ((-1.0,), False),
        ((-0.8, 0.0, -0.8), True),
        ((-0.8, 0.3, -0.5), False),
        ((-0.5, -0.5, -0.3), True),
        ((-1.0, -1.0, 0.1), False),
        ((-0.9, -0.9, 0.0, 0.0, -0.1), False),
    ],
)
def test_anger_is_never_one_message(scores: tuple[float, ...], is_anger: bool) -> None:
    assert fired(judge(ANGER), *felt(*scores)) == (["frustration"] if is_anger else [])


def test_the_same_question_again_is_known_by_its_words() -> None:
    by, question = judge(AGAIN), "how long does the oil change take?"
    assert fired(by, question, "and where", "How long does an oil change take") == ["repetition"]
    assert fired(by, question, "how long does the inspection take?") == []
    assert fired(by, question, *["something else"] * 3, question) == [], "too long ago"
    assert fired(judge({**AGAIN, "times": 3}), question, question) == []
    assert fired(judge({**AGAIN, "times": 3}), question, question, question) == ["repetition"]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("anything free on Monday?", "anything free on Tuesday?"),
        ("could I come at 3 pm", "could I come at 4 pm"),
        ("yes", "yes"),
        ("do you have the first one", "do you have the second one"),
    ],
)
def test_another_day_another_number_or_a_short_word_is_no_repetition(first: str, again: str) -> None:
    assert fired(judge(AGAIN), first, again) == []


@pytest.mark.parametrize("known", [{"form": "booking_form"}, {"is_button": True}, {"intent": "thank"}])
def test_answers_and_thanks_are_no_questions(known: dict[str, Any]) -> None:
    said = {"text": "that is very kind", **known}
    assert fired(judge(AGAIN), said, said) == []


def test_a_long_or_an_old_talk_without_a_result_is_told_and_one_with_an_appointment_is_not() -> None:
    by = judge({"trigger": "too_long", "messages": 5}, {"trigger": "too_old", "minutes": 10})
    assert fired(by, *["hello"] * 4) == []
    assert fired(by, *["hello"] * 5) == ["too_long"]
    assert fired(by, {"at": NOW - timedelta(minutes=10)}, {"at": NOW}) == ["too_old"]
    assert fired(by, *["hello"] * 12, has_appointment=True) == []


def test_a_command_is_known_on_its_channels_only() -> None:
    by = judge({"trigger": "command", "commands": ["/human"], "channels": ["website"]})
    assert by.command("website", "/Human please") is not None
    assert by.command("website", "human") is None
    assert by.command("website", "/humanity") is None
    assert by.command("whatsapp", "/human") is None
    assert fired(by, "/human") == [], "it is heard at the door"


def test_the_rules_are_asked_in_their_order_and_a_switched_off_one_is_not() -> None:
    both = "I want to complain to a manager"
    assert fired(judge(REQUEST, COMPLAINT), both) == ["asked", "complaint"]
    assert fired(judge(COMPLAINT, REQUEST), both) == ["complaint", "asked"]
    assert fired(judge({**COMPLAINT, "active": False}, REQUEST), both) == ["asked"]


def test_while_the_assistant_is_slow_only_what_waits_for_nothing_is_asked() -> None:
    urgent = {"trigger": "urgent", "phrases": {"en": ["on fire"]}}
    by = judge(COMPLAINT, REQUEST, urgent)
    said = talk("my car is on fire, I want to complain to a manager")
    assert [one.trigger for one in by.fired(said, at_once=True)] == ["asked", "urgent"]


OFFER, CONNECT = Fired("complaint", 1, 1), Fired("asked", 1, 1)


@pytest.mark.parametrize(
    ("what", "known", "outcome", "trigger"),
    [
        ((), {}, Outcome.NONE, None),
        ((OFFER,), {}, Outcome.OFFER, "complaint"),
        ((CONNECT, OFFER), {}, Outcome.CONNECT, "asked"),
        ((OFFER, CONNECT), {}, Outcome.OFFER, "complaint"),
        ((OFFER,), {"is_held_back": True}, Outcome.HELD_BACK, "complaint"),
        ((OFFER, CONNECT), {"is_held_back": True}, Outcome.CONNECT, "asked"),
        ((OFFER,), {"is_offered": True}, Outcome.ALREADY, "complaint"),
        ((CONNECT,), {"is_offered": True}, Outcome.CONNECT, "asked"),
        ((CONNECT,), {"is_moved": True}, Outcome.ALREADY, "asked"),
        ((), {"is_moved": True}, Outcome.NONE, None),
    ],
)
def test_the_first_that_may_decides(
    what: tuple[Fired, ...], known: dict[str, bool], outcome: Outcome, trigger: str | None
) -> None:
    verdict = settle(what, judge(COMPLAINT, REQUEST), **known)
    assert (verdict.outcome, verdict.trigger) == (outcome, trigger)


def test_the_version_is_that_of_all_that_decides() -> None:
    spanish = read_languages(["es"])
    same, other = (Judge(rules(one), ENGLISH, ["Sales"]).version for one in (REQUEST, {**REQUEST, "confidence": 0.7}))
    assert Judge(rules(REQUEST), ENGLISH, ["Sales"]).version == same
    assert len({same, other, Judge(rules(REQUEST), spanish, ["Sales"]).version}) == 3


def _ordinary_talk() -> list[tuple[str, str]]:
    """What customers say without needing a person, by intent: the assistant's examples and its stories."""
    said = []
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for taught in yaml.safe_load(path.read_text())["nlu"]:
            lines = taught.get("examples", "").splitlines() if "intent" in taught else []
            said += [(taught["intent"], re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line[2:])) for line in lines]
    return [(intent, text) for intent, text in said if intent not in ("request_human", "complaint")]


def _told() -> Iterator[list[dict[str, Any]]]:
    """The stories that are played in tests/stories: what the customer says, and which form asked them before."""
    for path in sorted((ROOT / "tests/stories").glob("*.yml")):
        for story in yaml.safe_load(path.read_text())["stories"]:
            form, said = None, list[dict[str, Any]]()
            for step in story["steps"]:
                if "user" in step:
                    said.append({"text": step["user"].strip(), "intent": step["intent"], "form": form})
                form = step.get("active_loop", form)
            yield said


def test_ordinary_talk_calls_nobody(magnolia: Business, northlight: Business) -> None:
    feels, listed = PhraseSentiment(ENGLISH), _ordinary_talk()
    for business in (magnolia, northlight):
        by = Judge(business.handoff.triggers, ENGLISH, [one.name for one in business.departments.values()])
        false = []
        for intent, text in listed:
            said = {"text": text, "intent": intent, "confidence": 0.9, "sentiment": feels(text)}
            false += [text] if by.fired(talk(said)) else []
        assert len(listed) > 2000
        assert len(false) / len(listed) < 0.01, false


def test_the_stories_call_somebody_only_where_the_customer_wants_it(magnolia: Business) -> None:
    feels = PhraseSentiment(ENGLISH)
    by = Judge(magnolia.handoff.triggers, ENGLISH, [one.name for one in magnolia.departments.values()])
    for story in _told():
        said = [{**one, "confidence": 0.9, "sentiment": feels(one["text"])} for one in story]
        for length, one in enumerate(said, start=1):
            wanted = {"request_human": ["asked"], "complaint": ["complaint"]}.get(one["intent"], [])
            assert fired(by, *said[:length]) == wanted, one["text"]
