"""What the triggers look at and what they decide. Pure data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Sentiment = Callable[[str], float]
"""How a text sounds, from -1 (very unhappy) to 1 (very happy); 0 for what says neither. Whoever knows better takes the
place of `sentiment.PhraseSentiment`."""


class Outcome(StrEnum):
    """What a decision came to. `already` means that the assistant itself asked for a person, or offers one; `held_back`
    that the customer was asked a short while ago."""

    NONE = "none"
    OFFER = "offer"
    CONNECT = "connect"
    HELD_BACK = "held_back"
    ALREADY = "already"


class JudgedBy(StrEnum):
    """What decided: the assistant's understanding, or a rule of ours."""

    MODEL = "model"
    RULE = "rule"


class OfferAnswer(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Said:
    """One message of the customer as the triggers see it.

    `intent` and `confidence` are the assistant's, `sentiment` None for a button that was pressed, `is_failed` says that
    it got no answer that helps, `form` what the assistant was asking about when it was written, if anything.
    """

    message_id: int
    at: datetime
    text: str
    is_button: bool = False
    intent: str | None = None
    confidence: float | None = None
    sentiment: float | None = None
    is_failed: bool = False
    form: str | None = None

    def is_surely(self, intents: Sequence[str], confidence: float) -> bool:
        return self.intent in intents and (self.confidence or 0) >= confidence


@dataclass(frozen=True)
class Signals:
    """All that is judged: what the customer said since the last move or the last long silence, oldest first, and
    whether they have an appointment from it. The last message is the one that is judged."""

    said: tuple[Said, ...]
    channel: str
    has_appointment: bool = False

    @property
    def last(self) -> Said:
        return self.said[-1]


@dataclass(frozen=True)
class Fired:
    """A trigger that fired, by the name of its rule, with what it measured against what."""

    trigger: str
    score: float
    threshold: float
    judge: JudgedBy = JudgedBy.RULE


@dataclass(frozen=True)
class Verdict:
    """What comes of what fired, in the order of the rules, and the trigger that decided; None if none fired."""

    fired: tuple[Fired, ...]
    outcome: Outcome
    trigger: str | None

    @property
    def judge(self) -> JudgedBy:
        return next((one.judge for one in self.fired if one.trigger == self.trigger), JudgedBy.RULE)


@dataclass(frozen=True)
class Decision:
    """What was decided on a message. `trigger` decided, None if none fired; `version` is that of the rules.

    `epoch` is the conversation's at that time, `form` what the assistant asks about since, `is_offered` says that the
    customer was asked whether they want a person, by us or by the assistant.
    """

    message_id: int
    at: datetime
    fired: tuple[Fired, ...]
    outcome: Outcome
    trigger: str | None
    judge: JudgedBy
    version: str
    epoch: int
    sentiment: float | None = None
    is_failed: bool = False
    form: str | None = None
    is_offered: bool = False


@dataclass(frozen=True)
class DecisionRecord:
    """A decision as it was stored, with what the customer answered if it was an offer."""

    id: int
    conversation_id: str
    decision: Decision
    answer: OfferAnswer | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Judged:
    """A message with its decision, for judging the ones that follow."""

    said: Said
    record: DecisionRecord
