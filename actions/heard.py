"""One message of the customer and where in the conversation it came, read from Rasa's tracker."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

LISTENING = ("action_listen", "action_session_start")
WAITS_FOR_YES = frozenset({"say_offer_person", "utter_complaint"})
"""Responses that ask whether the customer wants a person."""
OFFERS_A_PERSON = WAITS_FOR_YES | {
    "say_out_of_scope", "utter_bot_challenge", "say_code_tries_used_up", "say_no_openings", "say_calendar_down",
}  # fmt: skip
"""Responses after which a bare yes, when no form asks for one, means a person."""
NOT_UNDERSTOOD = ("say_rephrase", "say_offer_person")


class Place(Enum):
    """Why a form is called: it has just begun, it hears an answer, or something else was answered in between."""

    BEGUN = "begun"
    ANSWER = "answer"
    RESUMED = "resumed"


@dataclass(frozen=True)
class Heard:
    """`text` is empty when a button was pressed; then `entities` say which. `sent_at` is when the customer wrote,
    `is_waiting` whether they were in line for a person then."""

    conversation_id: str
    message_id: str
    text: str = ""
    intent: str = ""
    confidence: float = 1.0
    entities: Sequence[Mapping[str, Any]] = ()
    sent_at: datetime | None = None
    is_waiting: bool = False

    @property
    def is_button(self) -> bool:
        return not self.text

    def values(self, entity: str) -> list[str]:
        """The values of an entity in the order they were said, each once."""
        found = sorted((e for e in self.entities if e.get("entity") == entity), key=lambda e: e.get("start") or 0)
        return list(dict.fromkeys(str(e.get("value")) for e in found))

    def value(self, entity: str) -> str | None:
        return next(iter(self.values(entity)), None)

    def is_surely(self, *intents: str, confidence: float = 0.6) -> bool:
        return self.intent in intents and self.confidence >= confidence

    def key(self, what: str) -> str:
        """The request key of an effect of this message: the same message again has no second effect."""
        return f"{self.conversation_id}:{self.message_id}:{what}"


Events = Sequence[Mapping[str, Any]]


def heard_in(conversation_id: str, message: Mapping[str, Any], events: Events) -> Heard:
    """The latest message of a tracker."""
    said = str(message.get("text") or "")
    intent = message.get("intent") or {}
    event: Mapping[str, Any] = next((e for e in reversed(events) if e.get("event") == "user"), {})
    metadata = message.get("metadata") or event.get("metadata") or {}
    return Heard(
        conversation_id=conversation_id,
        message_id=str(message.get("message_id") or event.get("message_id") or ""),
        text="" if metadata.get("button") else said,
        intent=str(intent.get("name") or ""),
        confidence=float(intent.get("confidence") or 0),
        entities=tuple(message.get("entities") or ()),
        sent_at=_sent_at(metadata),
        is_waiting=metadata.get("state") == "waiting",
    )


def place_of(form: str, events: Events) -> Place:
    """Why `form` is called now."""
    latest = list(_since_user(events))
    if any(e.get("event") == "active_loop" and e.get("name") == form for e in latest):
        return Place.BEGUN
    actions = {e.get("name") for e in latest if e.get("event") == "action"}
    return Place.RESUMED if actions - {form, *LISTENING} else Place.ANSWER


def said_this_turn(events: Events) -> set[str]:
    """The names of the responses given since the customer's latest message."""
    return {response for event in _since_user(events) if (response := _response(event))}


def said_last_turn(events: Events) -> set[str]:
    """The names of the responses that the customer's latest message answers."""
    return next(_earlier_turns(events), set())


def misunderstandings(events: Events) -> int:
    """How many turns in a row, up to the latest message, ended without the customer being understood."""
    count = 0
    for turn in _earlier_turns(events):
        if not any(name.startswith(NOT_UNDERSTOOD) for name in turn):
            break
        count += 1
    return count


def _since_user(events: Events) -> Iterator[Mapping[str, Any]]:
    for event in reversed(events):
        if event.get("event") == "user":
            return
        yield event


def _earlier_turns(events: Events) -> Iterator[set[str]]:
    """The responses of each turn before the latest message, the newest turn first."""
    turn: set[str] | None = None
    for event in reversed(events):
        if event.get("event") == "user":
            if turn is not None:
                yield turn
            turn = set()
        elif turn is not None and (response := _response(event)):
            turn.add(response)
    if turn is not None:
        yield turn


def _response(event: Mapping[str, Any]) -> str | None:
    return (event.get("metadata") or {}).get("utter_action") if event.get("event") == "bot" else None


def _sent_at(metadata: Mapping[str, Any]) -> datetime | None:
    try:
        sent = datetime.fromisoformat(metadata["sent_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return sent if sent.tzinfo else None
