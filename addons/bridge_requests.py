"""What the bridge may ask: a turn, and events for the tracker. Here the bridge's JSON becomes ours."""

import re
from dataclasses import dataclass
from typing import Any

from jsonschema.validators import validator_for
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

from addons.json_fields import DEPTH_LIMIT, Fields, InvalidFieldError, NotJsonError, is_deep, json_object

TEXT_LIMIT = 4000
EVENT_LIMIT = 500

_CONVERSATION_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MESSAGE_ID = re.compile(r"[!-~]{1,255}")
_CHANNEL = re.compile(r"[a-z0-9_-]{1,32}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PAYLOAD = re.compile(r"/(?P<intent>[A-Za-z_][\w-]{0,127})(?P<entities>\{.*\})?", re.DOTALL)
_COMMAND_MARK = re.compile(r"\A[\s/]+")
_COMMANDS = {"restart", "session_start", "back"}
_EVENTS = {"action", "session_started", "slot", "reset_slots", "active_loop", "pause", "resume"}
_ACTIONS = ("action_session_start", "action_listen")
_EVENT_SCHEMA = validator_for(EVENT_SCHEMA)(EVENT_SCHEMA)


@dataclass(frozen=True)
class Button:
    """What a button stands for: an intent and its entities."""

    intent: str
    entities: dict[str, Any]


@dataclass(frozen=True)
class TurnRequest:
    """A customer's message for the assistant. `text` cannot be a command: its leading slashes are gone."""

    conversation_id: str
    message_id: str
    text: str
    button: Button | None
    metadata: dict[str, Any]

    @classmethod
    def read(cls, body: bytes) -> "TurnRequest":
        """`metadata` comes with `channel` and `language` added. Raises `RequestError`."""
        fields = Fields(body, {"conversation_id", "message_id", "text", "payload", "channel", "language", "metadata"})
        channel, language = fields.matching("channel", _CHANNEL), fields.matching("language", _LANGUAGE)
        return cls(
            conversation_id=fields.matching("conversation_id", _CONVERSATION_ID),
            message_id=fields.matching("message_id", _MESSAGE_ID),
            text=_COMMAND_MARK.sub("", fields.text("text", TEXT_LIMIT)),
            button=_button(fields.values.get("payload")),
            metadata={**fields.object("metadata"), "channel": channel, "language": language},
        )


@dataclass(frozen=True)
class EventsRequest:
    """Events for a conversation, as dictionaries that are valid by Rasa's schema."""

    conversation_id: str
    events: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, body: bytes) -> "EventsRequest":
        """Raises `RequestError`."""
        fields = Fields(body, {"conversation_id", "events"})
        events = fields.values.get("events")
        if not isinstance(events, list) or not 1 <= len(events) <= EVENT_LIMIT:
            raise InvalidFieldError(f"events: a list of 1 to {EVENT_LIMIT} events is needed.")
        for number, event in enumerate(events):
            _check_event(number, event)
        return cls(fields.matching("conversation_id", _CONVERSATION_ID), tuple(events))


def _button(payload: Any) -> Button | None:
    if payload is None:
        return None
    match = _PAYLOAD.fullmatch(payload) if isinstance(payload, str) else None
    if match is None or match["intent"] in _COMMANDS:
        raise InvalidFieldError('payload: must look like /intent{"entity": "value"} and be no command to Rasa.')
    return Button(match["intent"], _entities(match["entities"] or "{}"))


def _entities(text: str) -> dict[str, Any]:
    try:
        entities = json_object(text)
    except NotJsonError as exc:
        raise InvalidFieldError("payload: what follows the intent is not a JSON object.") from exc
    if is_deep(entities):
        raise InvalidFieldError(f"payload: at most {DEPTH_LIMIT} levels deep.")
    return entities


def _check_event(number: int, event: Any) -> None:
    kind = event.get("event") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in _EVENTS:
        raise InvalidFieldError(f"events[{number}]: must be one of {', '.join(sorted(_EVENTS))}.")
    if kind == "action" and event.get("name") not in _ACTIONS:
        raise InvalidFieldError(f"events[{number}]: the only actions to add are {' and '.join(_ACTIONS)}.")
    if is_deep(event) or not _EVENT_SCHEMA.is_valid(event):
        raise InvalidFieldError(f"events[{number}]: not a {kind} event by Rasa's tracker schema.")
