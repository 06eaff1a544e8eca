"""What the talk as a whole says, rule by rule: doubt, failure, anger, repetition, length. None where nothing fires."""

import re
from collections.abc import Iterator
from itertools import takewhile

from rapidfuzz import fuzz

from business.triggers import FailedTurns, Frustration, LowConfidence, Repetition, TooLong, TooOld
from handoff_bridge.triggers.model import Fired, JudgedBy, Said, Signals
from handoff_bridge.triggers.words import words

_NOT_UNDERSTOOD = "nlu_fallback"
"""What Rasa calls a message that it is not sure of; the confidence it gives then is only its own threshold."""
_NUMBER = re.compile(r"\d+")


def low_confidence(rule: LowConfidence, signals: Signals) -> Fired | None:
    """What answers a question of a form is left out: a name or a code is no intent."""
    doubtful = list(takewhile(lambda said: _is_doubtful(said, rule.below), reversed(signals.said)))
    if len(doubtful) < rule.in_a_row:
        return None
    return Fired(rule.name, max(map(_confidence, doubtful[: rule.in_a_row])), rule.below, JudgedBy.MODEL)


def failed_turns(rule: FailedTurns, signals: Signals) -> Fired | None:
    failed = sum(1 for _ in takewhile(lambda said: said.is_failed, reversed(signals.said)))
    return Fired(rule.name, failed, rule.in_a_row) if failed >= rule.in_a_row else None


def frustration(rule: Frustration, signals: Signals) -> Fired | None:
    """Never by one message: the last ones are bad on the whole, or strongly so one after the other."""
    felt = [said.sentiment for said in signals.said if said.sentiment is not None]
    if signals.last.sentiment is None or signals.last.sentiment >= 0:
        return None
    if len(felt) >= rule.in_a_row and (weakest := max(felt[-rule.in_a_row :])) <= rule.strong:
        return Fired(rule.name, weakest, rule.strong)
    mean = sum(felt[-rule.messages :]) / rule.messages
    return Fired(rule.name, round(mean, 3), rule.mean) if len(felt) >= rule.messages and mean <= rule.mean else None


def repetition(rule: Repetition, signals: Signals, apart: frozenset[str]) -> Fired | None:
    """Greetings, thanks and answers to a form's question are no questions."""
    questions = [said for said in signals.said[-rule.messages :] if _is_question(said, rule)]
    if not questions or questions[-1] is not signals.last:
        return None
    alike = sorted((_similarity(signals.last, one, apart) for one in questions[:-1]), reverse=True)
    if len(alike) < rule.times - 1 or (score := alike[rule.times - 2]) < rule.similarity:
        return None
    return Fired(rule.name, round(score, 3), rule.similarity)


def too_long(rule: TooLong, signals: Signals) -> Fired | None:
    number = len(signals.said)
    return Fired(rule.name, number, rule.messages) if number >= rule.messages and not signals.has_appointment else None


def too_old(rule: TooOld, signals: Signals) -> Fired | None:
    minutes = (signals.last.at - signals.said[0].at).total_seconds() / 60
    is_due = minutes >= rule.minutes and not signals.has_appointment
    return Fired(rule.name, round(minutes, 1), rule.minutes) if is_due else None


def _is_doubtful(said: Said, below: float) -> bool:
    is_typed = not said.is_button and said.form is None and said.intent is not None
    return is_typed and (_confidence(said) < below)


def _confidence(said: Said) -> float:
    return 0.0 if said.intent == _NOT_UNDERSTOOD else said.confidence or 0.0


def _is_question(said: Said, rule: Repetition) -> bool:
    is_typed = not said.is_button and said.form is None and said.intent not in rule.unless
    return is_typed and len(words(said.text)) >= rule.words


def _similarity(one: Said, other: Said, apart: frozenset[str]) -> float:
    if set(_distinguishing(one.text, apart)) != set(_distinguishing(other.text, apart)):
        return 0.0
    return fuzz.token_sort_ratio(_joined(one.text), _joined(other.text)) / 100


def _distinguishing(text: str, apart: frozenset[str]) -> Iterator[str]:
    """A number or a day makes another question of the same words."""
    yield from _NUMBER.findall(text)
    yield from (word for word in words(text) if word in apart)


def _joined(text: str) -> str:
    return " ".join(words(text))
