"""A customer's talk with the forms and actions as Rasa leads it, without Rasa: intents are given, not understood."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.base import DeskAction
from actions.context import Context
from actions.registry import all_actions

DOMAIN = yaml.safe_load((Path(__file__).parent.parent / "domain.yml").read_text(encoding="utf-8"))
STARTS = {
    "book": "booking_form",
    "move": "move_form",
    "cancel": "cancel_form",
    "find": "find_form",
    "request_callback": "callback_form",
    "leave_message": "message_form",
}


@dataclass
class Talk:
    """One conversation. `said` are the names of the responses to the latest message, `values` what filled the
    last of them, `returned` the events of the latest action; `state` is the conversation's when the customer writes."""

    context: Context
    conversation_id: str
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    form: str | None = None
    said: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)
    returned: list[dict[str, Any]] = field(default_factory=list)
    state: str = "with_assistant"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _again: tuple[dict[str, Any], list[dict[str, Any]], str | None] | None = None

    def say(
        self, text: str, intent: str = "inform", confidence: float = 0.9, *, is_button: bool = False, **entities: str
    ) -> list[str]:
        """A turn: the message goes to the form, or starts one. Gives the names of what was said."""
        self._again = (dict(self.slots), list(self.events), self.form)
        found = [_entity(name, value, text) for name, value in entities.items()]
        self.events.append(self._message(text, intent, confidence, found, is_button))
        return self._answer(intent)

    def press(self, payload: str, **entities: str) -> list[str]:
        """A button. Its title would mislead whoever read it."""
        return self.say("never mind, the last one", payload, 1.0, is_button=True, **entities)

    def repeat(self) -> list[str]:
        """The latest message once more, as after a crash before its turn was stored."""
        assert self._again is not None
        message = next(e for e in reversed(self.events) if e["event"] == "user")
        self.slots, self.events, self.form = self._again
        self.events.append(message)
        return self._answer(message["parse_data"]["intent"]["name"])

    def resume(self, action: str, response: str) -> list[str]:
        """A rule has answered in between; the form is called again."""
        self.events += [{"event": "action", "name": action}, _uttered(response)]
        assert self.form
        return self._called(self.form)

    def run(self, action: str) -> list[str]:
        """A single action."""
        self.said = []
        self._run(action)
        return self.said

    def _answer(self, intent: str) -> list[str]:
        form = self.form or STARTS[intent]
        if self.form is None:
            self.form = form
            self.events.append({"event": "active_loop", "name": form})
        return self._called(form)

    def _called(self, form: str) -> list[str]:
        self.said = []
        returned = self._run(f"validate_{form}")
        self.events.append({"event": "action", "name": form})
        if returned and self.slots.get("requested_slot") is None:
            self.form = None
        self.events.append({"event": "action", "name": "action_listen"})
        return self.said

    def _run(self, name: str) -> Sequence[dict[str, Any]]:
        dispatcher = CollectingDispatcher()
        events: list[dict[str, Any]] = asyncio.run(self._action(name).run(dispatcher, self._tracker(), DOMAIN))
        for message in dispatcher.messages:
            self.said.append(message["response"])
            self.values, self.buttons = message, message["buttons"]
            self.events.append(_uttered(message["response"]))
        self.returned = list(events)
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return events

    def _action(self, name: str) -> DeskAction:
        return next(action for action in all_actions(self.context) if action.name() == name)

    def _tracker(self) -> Tracker:
        latest: dict[str, Any] = next((e for e in reversed(self.events) if e["event"] == "user"), {"parse_data": {}})
        message = latest["parse_data"]
        return Tracker(self.conversation_id, dict(self.slots), message, list(self.events), False, None, {}, None)

    def _message(
        self, text: str, intent: str, confidence: float, entities: list[dict[str, Any]], is_button: bool
    ) -> dict[str, Any]:
        said = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "message_id": f"{self.conversation_id}-{next(self._numbers)}",
            "metadata": {"sent_at": self.context.clock().isoformat(), "button": is_button, "state": self.state},
        }
        return {"event": "user", "text": text, "parse_data": said}


def _entity(name: str, value: str, text: str) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": 0, "end": len(text)}


def _uttered(response: str) -> dict[str, Any]:
    return {"event": "bot", "metadata": {"utter_action": response}}
