"""Messages on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from handoff_bridge.events import CHANNEL, Kind
from handoff_bridge.messages import Author, Button, DeliveryState, Draft, Message, Source
from handoff_bridge.model import Conversation
from handoff_bridge.storage_tables import conversations, messages

_RISING = (DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)

# Made once: these run with every message, and making a statement costs more than running it.
_COLUMNS = (
    *("account_id", "conversation_id", "author", "agent_id", "name", "text", "buttons", "source", "source_id"),
    *("payload", "status", "created_at"),
)
_ADDED = (
    insert(messages)
    .values({name: bindparam(f"new_{name}", type_=messages.c[name].type) for name in _COLUMNS})
    .on_conflict_do_nothing()
    .returning(messages)
    .cte("added")
)
_NOTICE = func.json_build_object(
    *("kind", Kind.MESSAGE.value, "conversation_id", _ADDED.c.conversation_id, "message_id", _ADDED.c.id)
)
_IS_READ = case((_ADDED.c.author == Author.AGENT, _ADDED.c.id), else_=0)
_TOUCHED = (
    update(conversations)
    .where(conversations.c.id == _ADDED.c.conversation_id)
    .values(
        updated_at=_ADDED.c.created_at,
        read_up_to=func.greatest(conversations.c.read_up_to, _IS_READ),
    )
    .cte("touched")
)
_ADD = select(_ADDED, func.pg_notify(CHANNEL, cast(_NOTICE, Text))).add_cte(_TOUCHED)
_BY_SOURCE = select(messages).where(
    messages.c.source == bindparam("source"), messages.c.source_id == bindparam("source_id")
)


class PostgresMessages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_source(self, source: str, source_id: str) -> Message | None:
        row = self._connection.execute(_BY_SOURCE, {"source": source, "source_id": source_id}).one_or_none()
        return message_of(row) if row else None

    def add(self, conversation: Conversation, draft: Draft, now: datetime) -> Message | None:
        new = {
            "account_id": conversation.account_id,
            "conversation_id": conversation.id,
            "author": draft.author,
            "agent_id": draft.agent_id,
            "name": draft.name,
            "text": draft.text,
            "buttons": [{"id": b.id, "title": b.title, "payload": b.payload} for b in draft.buttons],
            "source": draft.source,
            "source_id": draft.source_id,
            "payload": draft.payload,
            "status": DeliveryState.SENT,
            "created_at": now,
        }
        row = self._connection.execute(_ADD, {f"new_{name}": value for name, value in new.items()}).one_or_none()
        return message_of(row) if row else None

    def get(self, message_id: int) -> Message | None:
        return self._one(select(messages).where(messages.c.id == message_id))

    def after(self, conversation_id: str, after: int, limit: int) -> Sequence[Message]:
        newer = (messages.c.conversation_id == conversation_id, messages.c.id > after)
        rows = self._connection.execute(select(messages).where(*newer).order_by(messages.c.id).limit(limit))
        return [message_of(row) for row in rows]

    def before(self, conversation_id: str, before: int | None, limit: int) -> Sequence[Message]:
        query = select(messages).where(messages.c.conversation_id == conversation_id)
        if before is not None:
            query = query.where(messages.c.id < before)
        rows = self._connection.execute(query.order_by(messages.c.id.desc()).limit(limit)).all()
        return [message_of(row) for row in reversed(rows)]

    def with_button(self, conversation_id: str, button_id: str) -> Message | None:
        offered = messages.c.buttons.contains([{"id": button_id}])
        return self._one(select(messages).where(messages.c.conversation_id == conversation_id, offered).limit(1))

    def understood(self, message_id: int, intent: str | None, confidence: float | None) -> None:
        self._connection.execute(
            update(messages).where(messages.c.id == message_id).values(intent=intent, confidence=confidence)
        )

    def mark(self, conversation_id: str, up_to: int, status: DeliveryState) -> None:
        lower = _RISING[: _RISING.index(status)]
        said = (messages.c.conversation_id == conversation_id, messages.c.author != Author.CUSTOMER)
        self._connection.execute(
            update(messages).where(*said, messages.c.id <= up_to, messages.c.status.in_(lower)).values(status=status)
        )

    def _one(self, query: Any) -> Message | None:
        row = self._connection.execute(query).one_or_none()
        return message_of(row) if row else None


def message_of(row: Row[Any]) -> Message:
    """The message in a row of the table."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        author=Author(row.author),
        name=row.name,
        agent_id=row.agent_id,
        text=row.text,
        buttons=tuple(Button(b["id"], b["title"], b["payload"]) for b in row.buttons),
        source=Source(row.source),
        source_id=row.source_id,
        payload=row.payload,
        status=DeliveryState(row.status),
        failure=row.failure,
        intent=row.intent,
        confidence=row.confidence,
        created_at=row.created_at,
    )
