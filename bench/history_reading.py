"""Reads from outside what the front desk shows of each conversation when all is quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bench.history_check import Moved, Said, Sent, Talk
from bench.history_inbox import Inbox
from bench.history_visitors import Visitor


def read_talk(visitor: Visitor, reader: Inbox, replies: Sequence[Sent]) -> Talk:
    """A conversation by its visitor's door and by the inbox, with what its people know they sent."""
    visitor.listen()
    moves = reader.get(f"conversations/{visitor.conversation_id}")["transitions"]
    return Talk(
        conversation_id=visitor.conversation_id,
        sent=visitor.sent,
        replies=replies,
        heard=[said["id"] for said in visitor.heard],
        shown=[_said(one) for one in visitor.history()],
        inbox=[_said(one) for one in _inbox(reader, visitor.conversation_id)],
        moves=[Moved(m["move"], m["before"], m["after"], datetime.fromisoformat(m["at"])) for m in moves],
    )


def _inbox(reader: Inbox, conversation_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = str(found[-1]["id"] if found else 0)
        page = reader.get(f"conversations/{conversation_id}/messages", after=after)
        found += page["messages"]
        if not page["has_more"]:
            return found


def _said(message: Mapping[str, Any]) -> Said:
    return Said(
        id=message["id"],
        author=message["author"],
        text=message["text"],
        at=datetime.fromisoformat(message["created_at"]),
        message_id=message.get("message_id"),
        buttons=tuple(button["id"] for button in message["buttons"]),
    )
