"""What a turn gave, read from the tracker: what was said, what was understood, and the state it left."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from addons.rasa_seams import FAILURE

_NEVER_SHOWN = {REQUESTED_SLOT, SESSION_START_METADATA_SLOT}


@dataclass(frozen=True)
class Answer:
    """`messages` of `{text, buttons: [{title, payload}], custom, response}`, `response` being its name in the domain;
    `intent` is `{name, confidence}`; `active_loop` the name of a form; `error` is `None` or `{code, message}` with the
    codes `locked`, `failed`, `no_model`."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    intent: dict[str, Any] | None = None
    active_loop: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    paused: bool | None = None
    error: dict[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """As docs/interfaces.md has it."""
        return asdict(self)


def answer_to(tracker: DialogueStateTracker, message_id: str, hidden_slots: Collection[str]) -> Answer:
    """The answer to `message_id`, the last message in `tracker`."""
    question, turn = _turn(tracker.events, message_id)
    return Answer(
        messages=[_said(event) for event in turn if isinstance(event, BotUttered)],
        intent={"name": question.intent.get("name"), "confidence": question.intent.get("confidence")},
        active_loop=tracker.active_loop_name,
        slots=facts(tracker, hidden_slots),
        paused=tracker.is_paused(),
        error=next((event.metadata[FAILURE] for event in turn if _is_failure(event)), None),
    )


def facts(tracker: DialogueStateTracker, hidden_slots: Collection[str]) -> dict[str, Any]:
    """The slots that hold something: not `None`, not `False`, no empty text, list or object."""
    return {
        name: value
        for name, value in tracker.current_slot_values().items()
        if name not in _NEVER_SHOWN and name not in hidden_slots and (value or value == 0) and value is not False
    }


def _turn(events: Iterable[Event], message_id: str) -> tuple[UserUttered, list[Event]]:
    """The customer's message and the events it led to."""
    turn: list[Event] = []
    for event in reversed(list(events)):
        if isinstance(event, UserUttered) and event.message_id == message_id:
            break
        turn.append(event)
    else:
        raise LookupError("The tracker does not hold the message it was asked for.")
    return event, turn[::-1]


def _said(event: BotUttered) -> dict[str, Any]:
    """The fields of a response that the bridge carries; pictures and attachments travel in `custom`."""
    data = event.data
    buttons = data.get("buttons") or data.get("quick_replies") or []
    files = {name: data[name] for name in ("image", "attachment") if data.get(name)}
    if files.get("attachment") == files.get("image"):
        files.pop("attachment", None)  # Rasa copies an image to the attachment
    return {
        "text": event.text,
        "buttons": [{"title": button.get("title"), "payload": button.get("payload")} for button in buttons],
        "custom": {**(data.get("custom") or {}), **files} or None,
        "response": event.metadata.get("utter_action"),
    }


def _is_failure(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and FAILURE in event.metadata
