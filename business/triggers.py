"""When the assistant gives way to a person: the triggers of a business, in the order in which they are asked.

A rule whose trigger fires either offers a person or connects the customer at once. Scores, shares and confidences are
between 0 and 1, feelings between -1 (very unhappy) and 1.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from business.fields import Frozen, Key

Share = Annotated[float, Field(ge=0, le=1)]
Feeling = Annotated[float, Field(ge=-1, le=0)]
InARow = Annotated[int, Field(ge=1, le=20)]
Texts = tuple[Annotated[str, Field(min_length=1)], ...]

_PIECE = r"(?:[^\W_]+(?:['’-][^\W_]+)*\*?|\.\.|[()|])"
_PHRASE = re.compile(rf"{_PIECE}(?:\s*{_PIECE})*")


def _phrase(text: str) -> str:
    depth = [text[: i + 1].count("(") - text[: i + 1].count(")") for i in range(len(text))]
    is_balanced = bool(depth) and min(depth) >= 0 and depth[-1] == 0
    if not (is_balanced and _PHRASE.fullmatch(text) and re.search(r"[^\W_]", text)):
        raise ValueError("words; also (this|that), .. for up to three other words, and word* for any ending")
    return text


Phrase = Annotated[str, AfterValidator(_phrase)]
Phrases = dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], tuple[Phrase, ...]]


class Rule(Frozen):
    """What all rules say. `name` stands in the records; without one it is that of the trigger.

    It is the reason of the handoff too. Without a `department` it is that of the service spoken of. `phrase` names one
    of `phrases.<language>.triggers`, said instead of the usual words.
    """

    name: Key
    active: bool = True
    then: Literal["offer", "connect"] = "offer"
    department: Key | None = None
    urgency: Literal["low", "normal", "high", "urgent"] = "normal"
    phrase: Key | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_trigger(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "trigger" in raw:
            return {"name": raw["trigger"], **raw}
        return raw

    @property
    def said(self) -> str:
        """The name of the phrase that the customer hears."""
        return self.phrase or ("offer_person" if self.then == "offer" else "connecting")


class Command(Rule):
    """The customer types one of `commands` on one of these channels (none named: on any)."""

    trigger: Literal["command"]
    then: Literal["connect"] = "connect"
    commands: Annotated[tuple[Annotated[str, Field(pattern=r"^/[a-z0-9]{1,20}$")], ...], Field(min_length=1)]
    channels: tuple[Key, ...] = ()


class Request(Rule):
    """The customer asks for a person: the assistant is this sure of the intent, or the words say so.

    The words do not count when the assistant is that sure of one of `unless`, or asks about one of `unless_asking`.
    """

    trigger: Literal["request"]
    then: Literal["offer", "connect"] = "connect"
    intents: Texts = ("request_human",)
    confidence: Share = 0.6
    unless: Texts = ("withdraw", "bot_challenge", "request_callback", "leave_message", "keep_waiting")
    unless_asking: Texts = ("callback_form", "message_form")


class Urgent(Rule):
    """Words that cannot wait, by language."""

    trigger: Literal["urgent"]
    then: Literal["offer", "connect"] = "connect"
    phrases: Phrases


class Topic(Rule):
    """A subject for a person, by the words of a language or by the assistant's intent."""

    trigger: Literal["topic"]
    phrases: Phrases = Field(default_factory=dict)
    intents: Texts = ()
    confidence: Share = 0.6


class LowConfidence(Rule):
    """The assistant's confidence stayed below this, so many messages in a row."""

    trigger: Literal["low_confidence"]
    below: Share = 0.4
    in_a_row: InARow = 3


class FailedTurns(Rule):
    """So many turns in a row ended without an answer, or with one of these responses (by how their names begin)."""

    trigger: Literal["failed_turns"]
    in_a_row: InARow = 3
    responses: Texts = ("say_rephrase", "say_offer_person")


class Frustration(Rule):
    """The mean of the last `messages` is this low, or so many in a row are `strong`."""

    trigger: Literal["frustration"]
    mean: Feeling = -0.4
    messages: Annotated[int, Field(ge=2, le=20)] = 4
    strong: Feeling = -0.6
    in_a_row: Annotated[int, Field(ge=2, le=10)] = 2


class Repetition(Rule):
    """The same question for the `times`-th time among the last `messages`.

    What is shorter than `words`, or has one of the intents of `unless`, is no question.
    """

    trigger: Literal["repetition"]
    similarity: Share = 0.85
    times: Annotated[int, Field(ge=2, le=10)] = 2
    words: Annotated[int, Field(ge=2, le=20)] = 3
    messages: Annotated[int, Field(ge=2, le=20)] = 5
    unless: Texts = ("greet", "thank", "goodbye", "affirm", "deny", "stop", "more_openings")


class TooLong(Rule):
    """So many messages of the customer without an appointment or a person."""

    trigger: Literal["too_long"]
    messages: Annotated[int, Field(ge=5, le=100)] = 30


class TooOld(Rule):
    """So many minutes of talk without an appointment or a person."""

    trigger: Literal["too_old"]
    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 30


AnyRule = Annotated[
    Command | Request | Urgent | Topic | LowConfidence | FailedTurns | Frustration | Repetition | TooLong | TooOld,
    Field(discriminator="trigger"),
]


class TriggerRules(Frozen):
    """The triggers of `handoff.triggers`. In minutes: how long nobody is asked again after an offer that was declined
    or left open, and after what silence a conversation counts as a new one."""

    again_after_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 30
    pause_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    rules: tuple[AnyRule, ...] = ()
