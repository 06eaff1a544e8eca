"""Ratings that were typed: what counts as one, and what does not."""

import pytest

from handoff_bridge.rating_words import read_rating


@pytest.mark.parametrize(
    ("text", "rating", "comment"),
    [
        ("5", 5, ""),
        (" 1. ", 1, ""),
        ("4!", 4, ""),
        ("4 quick help", 4, "quick help"),
        ("5 - very kind", 5, "very kind"),
        ("3, because it took long", 3, "because it took long"),
        ("five", 5, ""),
        ("five stars", 5, ""),
        ("FOUR Stars", 4, ""),
        ("5/5", 5, ""),
        ("2 / 5 meh", 2, "meh"),
        ("4 out of 5, called back at 3", 4, "called back at 3"),
        ("three of five", 3, ""),
        ("⭐⭐⭐⭐", 4, ""),
        ("⭐️⭐️ hm", 2, "hm"),
        ("*****", 5, ""),
    ],
)
def test_a_number_with_or_without_a_word_is_a_rating(text: str, rating: int, comment: str) -> None:
    assert read_rating(text, "en") == (rating, comment)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "6",
        "10",
        "55",
        "4.5",
        "3rd",
        "5pm",
        "5 pm please",
        "5:30",
        "4/12",
        "5 o'clock",
        "2 people",
        "3 days?",
        "5 or 6",
        "2 at 10",
        "1 more question, is that free?",
        "one moment please",
        "two of you",
        "******",
        "great",
        "I give it a 5",
        "",
        "5 " + "x" * 300,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_rating(text, "en") is None


@pytest.mark.parametrize(
    ("text", "read"), [("5", (5, "")), ("5/5 gut", (5, "gut")), ("5 Personen", None), ("fünf", None)]
)
def test_in_a_language_without_a_grammar_only_bare_numbers_count(text: str, read: tuple[int, str] | None) -> None:
    assert read_rating(text, "de") == read
