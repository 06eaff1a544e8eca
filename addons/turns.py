"""A turn: a customer's message in, what the assistant says out, once and only once for a message.

The answer is always read from the tracker, never from what was sent along the way: so the first answer and a repeat,
also one after a restart, are the same.
"""

from collections.abc import Collection
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    deserialise_events,
    do_events_begin_with_session_start,
)
from rasa.shared.core.trackers import DialogueStateTracker

from addons.answers import Answer, answer_to, facts
from addons.bridge_requests import Button, EventsRequest, TurnRequest
from addons.json_fields import InvalidFieldError
from addons.rasa_seams import trace_of
from addons.tracker_store import TrackerConflictError

CHANNEL = "bridge"

log = structlog.get_logger()


class NoModelError(Exception):
    """Rasa has loaded no model. Train one, and start Rasa with it."""


class SilentOutput(OutputChannel):
    """Sends nothing: all that is said passes by here, and is read from the tracker."""

    @classmethod
    def name(cls) -> str:
        """The channel by which `domain.yml` may vary a response."""
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Sends nothing."""


async def take_turn(agent: Agent, request: TurnRequest, hidden_slots: Collection[str]) -> Answer:
    """The answer to a message, worked out or, if it was answered before, found again. Waits for the conversation.

    Raises `InvalidFieldError` for a button that the model does not know, `LockError`, `TrackerConflictError`, and
    whatever fails on the way; then nothing of the turn is kept.
    """
    message = _user_message(request, agent.domain)
    async with agent.lock_store.lock(request.conversation_id):
        tracker = await agent.tracker_store.retrieve_turn(request.conversation_id, request.message_id)
        if tracker is None:
            tracker = await _work(agent.processor, message)
    return answer_to(tracker, request.message_id, hidden_slots)


async def add_events(agent: Agent, request: EventsRequest, hidden_slots: Collection[str]) -> dict[str, Any]:
    """Appends events (a pause, a resume, a new session with slots) and gives `{paused, slots}`.

    The conversation listens afterwards whatever the events are, for otherwise Rasa would not know what to do with the
    next message. Raises as `take_turn` does.
    """
    events = _events(request, agent.domain)
    async with agent.lock_store.lock(request.conversation_id):
        tracker = await _tracker_for(agent.processor, request.conversation_id, events)
        tracker.update_with_events(events, agent.domain)
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        await agent.processor.save_tracker(tracker)
    return {"paused": tracker.is_paused(), "slots": facts(tracker, hidden_slots)}


def failure_of(exc: Exception, conversation_id: str) -> dict[str, str]:
    """The `{code, message}` for a request that is to be tried again; what happened is logged."""
    if isinstance(exc, NoModelError):
        return {"code": "no_model", "message": str(exc)}
    if isinstance(exc, (LockError, TrackerConflictError)):
        log.warning("The conversation is busy", action="turn_locked", conversation_id=conversation_id)
        return {"code": "locked", "message": "The conversation is busy with another turn. Try again."}
    log.error(
        "A turn failed and nothing of it is kept",
        action="turn_failed",
        conversation_id=conversation_id,
        failure=type(exc).__name__,
        trace=trace_of(exc),
    )
    return {"code": "failed", "message": f"{type(exc).__name__}. Try again with the same message_id."}


async def _work(processor: MessageProcessor, message: UserMessage) -> DialogueStateTracker:
    """`MessageProcessor.handle_message`, which keeps the tracker to itself."""
    tracker = await processor.log_message(message, should_save_tracker=False)
    tracker = await processor.run_action_extract_slots(message.output_channel, tracker)
    await processor._run_prediction_loop(message.output_channel, tracker)
    await processor.save_tracker(tracker)
    return tracker


async def _tracker_for(processor: MessageProcessor, conversation_id: str, events: list[Event]) -> DialogueStateTracker:
    if do_events_begin_with_session_start(events):
        return await processor.get_tracker(conversation_id)
    return await processor.fetch_tracker_with_initial_session(conversation_id, SilentOutput())


def _user_message(request: TurnRequest, domain: Domain) -> UserMessage:
    return UserMessage(
        text=request.text,
        output_channel=SilentOutput(),
        sender_id=request.conversation_id,
        parse_data=_understood(request.text, request.button, domain) if request.button else None,
        input_channel=CHANNEL,
        message_id=request.message_id,
        metadata={**request.metadata, "button": request.button is not None},
    )


def _understood(text: str, button: Button, domain: Domain) -> dict[str, Any]:
    """What the NLU would make of the message; a button needs none."""
    if button.intent not in domain.intents:
        raise InvalidFieldError(f"payload: the model knows no intent {button.intent}.")
    intent = {"name": button.intent, "confidence": 1.0}
    return {
        "text": text,
        "intent": intent,
        "intent_ranking": [intent],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": len(text)} for name, value in button.entities.items()
        ],
    }


def _events(request: EventsRequest, domain: Domain) -> list[Event]:
    events: list[Event] = deserialise_events(list(request.events))
    for event in events:
        if isinstance(event, ActiveLoop) and event.name and event.name not in domain.form_names:
            raise InvalidFieldError(f"events: the model knows no form {event.name}.")
    return events
