"""How a customer feels, guessed from phrases with weights: a first answer to the port `Sentiment`.

What it is: a list of some three hundred phrases (`lexicon/<language>.yml`) that people use about a service rather than
about a broken car; a word of negation before a phrase turns it, a word such as "very" strengthens it, and what is bad
counts more than what is good. It has learned from no data and sees no irony. How often it is right on messages of our
own is measured in tests/unit/test_triggers_sentiment.py; a trained model takes its place by giving the same function.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handoff_bridge.triggers.lexicon import Language
from handoff_bridge.triggers.words import clauses, words

_REACH = 3  # words before a phrase in which a negation or a strengthener counts
_TURNED_GOOD, _TURNED_BAD = -0.8, -0.4  # what is left of "good" and of "bad" after a "not"
_LOUD = re.compile(r"!{2,}|\b[A-Z]{4,}\b.*\b[A-Z]{4,}\b", re.DOTALL)
_LOUDER, _GOOD_BESIDE_BAD = 1.2, 0.4


@dataclass(frozen=True)
class _Weights:
    phrases: Mapping[tuple[str, ...], float]
    strengtheners: Mapping[str, float]
    negators: frozenset[str]
    joints: frozenset[str]
    longest: int


class PhraseSentiment:
    """The function from a text to -1 (very unhappy with us) … 1 (very happy); 0 for what says neither."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self._weights = tuple(map(_weights, languages))

    def __call__(self, text: str) -> float:
        return min(
            (self._score(text, weights) for weights in self._weights), key=lambda score: -abs(score), default=0.0
        )

    def _score(self, text: str, weights: _Weights) -> float:
        felt = [weight for clause in clauses(text, weights.joints) for weight in _felt(clause, weights)]
        bad, good = sum(weight for weight in felt if weight < 0), sum(weight for weight in felt if weight > 0)
        if bad and _LOUD.search(text):
            bad *= _LOUDER
        return max(-1.0, min(1.0, bad + (good * _GOOD_BESIDE_BAD if bad else good)))


def _weights(language: Language) -> _Weights:
    phrases = {tuple(words(phrase)): weight for phrase, weight in language.feelings.items()}
    return _Weights(
        phrases=phrases,
        strengtheners=language.strengtheners,
        negators=language.negators,
        joints=language.joints,
        longest=max(map(len, phrases), default=0),
    )


def _felt(clause: Sequence[str], weights: _Weights) -> Iterator[float]:
    """The weight of each phrase of the clause, the longest first at each place."""
    at = 0
    while at < len(clause):
        length = next((n for n in range(weights.longest, 0, -1) if tuple(clause[at : at + n]) in weights.phrases), 0)
        if length:
            before = clause[max(0, at - _REACH) : at]
            yield _turned(weights.phrases[tuple(clause[at : at + length])], before, weights)
        at += length or 1


def _turned(weight: float, before: Sequence[str], weights: _Weights) -> float:
    for word in before:
        weight *= weights.strengtheners.get(word, 1.0)
    if weights.negators & set(before):
        weight *= _TURNED_GOOD if weight > 0 else _TURNED_BAD
    return weight
