"""How a message sounds: how often the guess is right on rows of our own, and what it must never take for anger."""

import pytest

from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.sentiment import PhraseSentiment
from tests.unit.trigger_signals import ENGLISH, rows

FEELS = PhraseSentiment(ENGLISH)
STRONG = -0.6
"""What a business counts as strongly negative."""


def label(text: str) -> str:
    score = FEELS(text)
    return "negative" if score <= -0.3 else "positive" if score >= 0.3 else "neutral"


def accuracy(listed: dict[str, list[str]]) -> float:
    right = [label(text) == wanted for wanted, texts in listed.items() for text in texts]
    return sum(right) / len(right)


def test_what_the_phrases_were_weighed_by_comes_out_right() -> None:
    assert accuracy(rows("trigger_feelings.yml")["tune"]) >= 0.95


def test_messages_that_nobody_looked_at_come_out_right_more_often_than_not() -> None:
    """A list of phrases knows a third of what angry people write; what it knows it seldom sees where it is not."""
    unseen = rows("trigger_feelings.yml")["check"]
    assert accuracy(unseen) >= 0.55
    assert sum(label(text) == "negative" for text in unseen["negative"]) >= 0.25 * len(unseen["negative"])


@pytest.mark.parametrize("text", rows("trigger_feelings.yml")["check"]["neutral"])
def test_nothing_ordinary_is_taken_for_strong_anger(text: str) -> None:
    assert FEELS(text) > STRONG


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("this is really terrible", "this is terrible"),
        ("this is annoying", "this is a bit annoying"),
        ("NOTHING WORKS HERE, this is terrible!!", "this is terrible"),
        ("I do not love it", "I love it"),
        ("that was terrible", "that was not terrible"),
        ("thanks, but this is ridiculous", "thanks"),
    ],
)
def test_what_stands_around_a_phrase_counts(worse: str, better: str) -> None:
    assert -1 <= FEELS(worse) < FEELS(better) <= 1


def test_a_broken_car_is_no_broken_customer() -> None:
    texts = [
        "the brakes make an awful noise",
        "no problem",
        "my name is Kim",
        "sorry, my mistake",
        "wrong number, sorry",
    ]
    assert [FEELS(text) for text in texts] == [0.0] * len(texts)


def test_the_language_with_more_to_say_decides() -> None:
    both = PhraseSentiment(read_languages(["en", "es"]))
    assert both("esto es una verguenza") <= STRONG
    assert both("this is a disgrace") <= STRONG
    assert both("") == 0.0
