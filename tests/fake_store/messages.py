"""Messages in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from handoff_bridge import events, ports
from handoff_bridge.events import Event
from handoff_bridge.messages import Author, DeliveryState, Draft, Message
from handoff_bridge.model import Conversation
from tests.fake_store.locks import Kind
from tests.fake_store.work import Work

_RISING = (DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


class FakeMessages(ports.Messages):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.messages

    def by_source(self, source: str, source_id: str) -> Message | None:
        return next((m for m in self._rows.values() if (m.source, m.source_id) == (source, source_id)), None)

    def add(self, conversation: Conversation, draft: Draft, now: datetime) -> Message | None:
        self._work.locks.require(Kind.CONVERSATION, conversation.id)
        if self.by_source(draft.source, draft.source_id) is not None:
            return None
        message = Message(
            id=next(self._work.ids),
            conversation_id=conversation.id,
            author=draft.author,
            name=draft.name,
            agent_id=draft.agent_id,
            text=draft.text,
            buttons=draft.buttons,
            source=draft.source,
            source_id=draft.source_id,
            payload=draft.payload,
            status=DeliveryState.SENT,
            failure=None,
            intent=None,
            confidence=None,
            created_at=now,
        )
        self._rows[message.id] = message
        here = self._work.tables.conversations[conversation.id]
        is_read = message.id if draft.author is Author.AGENT else 0
        touched = replace(here, updated_at=now, read_up_to=max(here.read_up_to, is_read))
        self._work.tables.conversations[conversation.id] = touched
        self._work.notices[Event(events.Kind.MESSAGE, conversation.id, message.id)] = None
        return message

    def get(self, message_id: int) -> Message | None:
        return self._rows.get(message_id)

    def after(self, conversation_id: str, after: int, limit: int) -> Sequence[Message]:
        return [m for m in self._of(conversation_id) if m.id > after][:limit]

    def before(self, conversation_id: str, before: int | None, limit: int) -> Sequence[Message]:
        return [m for m in self._of(conversation_id) if before is None or m.id < before][-limit:]

    def with_button(self, conversation_id: str, button_id: str) -> Message | None:
        offering = (m for m in self._of(conversation_id) if button_id in {button.id for button in m.buttons})
        return next(offering, None)

    def understood(self, message_id: int, intent: str | None, confidence: float | None) -> None:
        self._rows[message_id] = replace(self._rows[message_id], intent=intent, confidence=confidence)

    def mark(self, conversation_id: str, up_to: int, status: DeliveryState) -> None:
        lower = _RISING[: _RISING.index(status)]
        for message in self._of(conversation_id):
            if message.author is not Author.CUSTOMER and message.id <= up_to and message.status in lower:
                self._rows[message.id] = replace(message, status=status)

    def _of(self, conversation_id: str) -> list[Message]:
        """The conversation's messages by id, which is the order in which the table was filled."""
        return [message for message in self._rows.values() if message.conversation_id == conversation_id]
