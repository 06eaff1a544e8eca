"""A turn of a form, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass

from actions.context import Context
from actions.facts import Facts
from actions.heard import WAITS_FOR_YES, Heard, Place
from actions.reading.told import Listener, Told
from actions.replies import Say

SURE = 0.6
"""The confidence from which a question or talk is taken for what it is, whatever the form asked."""
_ASKS_FOR_OTHER = frozenset(
    {
        "request_human", "request_callback", "leave_message", "keep_waiting", "withdraw",
        "opening_hours", "address", "what_can_you_do", "bot_challenge", "book", "find", "move", "cancel",
    }
)  # fmt: skip
"""Intents that are meant even when the message also holds something the form could use."""
_TALK = frozenset({"greet", "thank", "complaint", "out_of_scope"})
"""Intents that yield to whatever the form can use."""


@dataclass(frozen=True)
class Turn:
    """`asked` is what the form asked for last; `said_before` are the responses this message answers, `said_now` those
    given since; `misunderstood` counts the turns in a row up to this one in which the customer was not understood."""

    facts: Facts
    heard: Heard
    asked: str | None = None
    place: Place = Place.ANSWER
    said_before: frozenset[str] = frozenset()
    said_now: frozenset[str] = frozenset()
    misunderstood: int = 0

    @property
    def answers(self) -> str | None:
        """What the message may answer: nothing when the form has just begun."""
        return self.asked if self.place is Place.ANSWER else None

    @property
    def person_was_offered(self) -> bool:
        return bool(self.said_before & WAITS_FOR_YES)

    @property
    def waits_for_yes(self) -> bool:
        """Whether something answered in between has asked a question of its own."""
        return bool(self.said_now & WAITS_FOR_YES)


@dataclass(frozen=True)
class Outcome:
    """`asks` is the slot asked for next; None ends the form."""

    facts: Facts
    says: tuple[Say, ...] = ()
    asks: str | None = None


Dialogue = Callable[[Context, Turn], Outcome | None]
"""A form. None: there is nothing in the message for it, so that a rule may answer."""


def listen(context: Context, turn: Turn) -> Told:
    """What the message says, with what was asked in mind."""
    listener = Listener(context.business, context.language)
    return listener.listen(turn.heard, turn.answers, turn.facts.offered, context.now(turn.heard))


def is_for_others(turn: Turn, told: Told, own: frozenset[str]) -> bool:
    """Whether a rule, not the form, should answer. `own` are intents that the form takes for itself."""
    heard = turn.heard
    if turn.person_was_offered and told.is_yes:
        return True
    if heard.intent in own or _says_where_to_call(turn, told):
        return False
    if heard.intent in _ASKS_FOR_OTHER:
        return heard.is_button or told.is_empty or heard.confidence >= SURE
    return heard.intent in _TALK and told.is_empty and heard.confidence >= SURE


def _says_where_to_call(turn: Turn, told: Told) -> bool:
    """Whether "call me on 512…" answers how the customer can be reached."""
    return turn.heard.intent == "request_callback" and bool(told.phone) and turn.answers in {"contact", "message_reach"}


def wants_to_stop(turn: Turn, told: Told) -> bool:
    """Whether the customer gives up what the form is about."""
    if turn.heard.intent == "stop":
        return told.is_empty or turn.heard.confidence >= SURE
    return turn.heard.is_surely("goodbye", confidence=SURE) and told.is_empty


def unclear(context: Context, turn: Turn, facts: Facts, asked: str, again: Say | None = None) -> Outcome:
    """Asks for `asked` once more in other words, and after that offers a person. `again` is the question as it was
    first asked, for what it lists."""
    if turn.misunderstood >= context.business.handoff.rephrase:
        return Outcome(facts, (Say("say_offer_person"),), asked)
    again = again or Say("")
    return Outcome(facts, (Say(f"say_rephrase_{asked}", again.values, again.lines, again.buttons),), asked)
