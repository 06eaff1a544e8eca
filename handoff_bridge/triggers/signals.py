"""Gathers what is judged: the message with what the assistant made of it, and what was said before."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from business.triggers import FailedTurns, Frustration, LowConfidence, Repetition, Request, TooLong, TriggerRules
from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation
from handoff_bridge.ports import Transaction
from handoff_bridge.triggers.model import Judged, OfferAnswer, Said, Sentiment, Signals
from handoff_bridge.turns import Answer, Utterance

_BUTTON = re.compile(r"/(\w+)")
_DECLINES = "deny"
"""The intent behind the assistant's own "no": beside a button for a person it makes a question of it."""
_APPOINTMENT = "appointment_code"
"""The fact that tells of an appointment."""
_FALLBACK = "nlu_fallback"
_SITTING = 20  # earlier messages looked at, if no rule needs more


@dataclass(frozen=True)
class Heard:
    """`form` is what the assistant asks about since; `is_shown` says that its answer has a button for a person,
    `is_offered` that it asks whether one is wanted, `is_held_back` that somebody asked a short while ago."""

    signals: Signals
    form: str | None
    is_shown: bool
    is_offered: bool
    is_held_back: bool


class Listener:
    """Listens by the rules of `handoff.triggers`."""

    def __init__(self, rules: TriggerRules, sentiment: Sentiment) -> None:
        self._again_after = timedelta(minutes=rules.again_after_minutes)
        self._pause = timedelta(minutes=rules.pause_minutes)
        self._sentiment = sentiment
        self._most = max([_SITTING, *_lengths(rules)])
        self._person = frozenset(name for rule in rules.rules if isinstance(rule, Request) for name in rule.intents)
        failed = [rule for rule in rules.rules if isinstance(rule, FailedTurns)]
        self._failed = tuple(name for rule in failed for name in rule.responses)

    def listen(
        self, t: Transaction, conversation: Conversation, message: Message, now: datetime, answer: Answer | None = None
    ) -> Heard:
        """Without an `answer` only the words, or the button, are heard."""
        past = t.decisions.before(conversation.id, message.id, self._most)
        said = self._said(message, answer, past[-1] if past else None, conversation)
        shown = [_intents(utterance) for utterance in answer.utterances] if answer else []
        return Heard(
            signals=Signals(
                said=(*_sitting(past, conversation, said, self._pause), said),
                channel=conversation.channel,
                has_appointment=answer is not None and _APPOINTMENT in answer.facts,
            ),
            form=answer.form if answer else None,
            is_shown=any(intents & self._person for intents in shown),
            is_offered=any(intents & self._person and _DECLINES in intents for intents in shown),
            is_held_back=any(_holds_back(one, now - self._again_after) for one in past),
        )

    def _said(self, message: Message, answer: Answer | None, before: Judged | None, conversation: Conversation) -> Said:
        is_button = message.payload is not None
        asked = before.record.decision if before else None
        pressed = _BUTTON.match(message.payload or "")
        return Said(
            message_id=message.id,
            at=message.created_at,
            text=message.text,
            is_button=is_button,
            intent=answer.intent if answer else pressed and pressed[1],
            confidence=answer.confidence if answer else 1.0 if pressed else None,
            sentiment=None if is_button else self._sentiment(message.text),
            is_failed=answer is not None and self._is_failed(answer),
            form=asked.form if asked and asked.epoch == conversation.epoch else None,
        )

    def _is_failed(self, answer: Answer) -> bool:
        """Whether the answer is none; an assistant that names no responses says so by its intent alone."""
        if answer.error or not answer.utterances:
            return True
        named = [utterance.response for utterance in answer.utterances if utterance.response]
        if not named:
            return answer.intent == _FALLBACK and answer.form is None
        return any(name.startswith(self._failed) for name in named)


def _lengths(rules: TriggerRules) -> Iterator[int]:
    for rule in rules.rules:
        if isinstance(rule, TooLong | Repetition | Frustration):
            yield rule.messages
        elif isinstance(rule, LowConfidence | FailedTurns):
            yield rule.in_a_row


def _sitting(past: Sequence[Judged], conversation: Conversation, last: Said, pause: timedelta) -> tuple[Said, ...]:
    """What belongs to the same talk: after the last move, and without a long silence in between."""
    sitting: list[Said] = []
    later, forms = last, [None, *(one.record.decision.form for one in past)]
    for one, form in zip(reversed(past), reversed(forms[:-1]), strict=True):
        if one.record.decision.epoch != conversation.epoch or later.at - one.said.at > pause:
            break
        later = replace(one.said, form=form) if form else one.said
        sitting.append(later)
    return tuple(reversed(sitting))


def _holds_back(one: Judged, since: datetime) -> bool:
    decision = one.record.decision
    return decision.is_offered and decision.at > since and one.record.answer is not OfferAnswer.ACCEPTED


def _intents(utterance: Utterance) -> frozenset[str]:
    """What the buttons of an utterance mean to the assistant."""
    pressed = (_BUTTON.match(payload) for _, payload in utterance.buttons)
    return frozenset(match[1] for match in pressed if match)
