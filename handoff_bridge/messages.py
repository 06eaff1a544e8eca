"""Messages: what was said, by whom, and how far it got."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff_bridge.errors import TextEmptyError, TextInvalidError, TextTooLongError

LONGEST_TEXT = 4000  # characters
OWN_PAYLOAD = "bridge:"
"""How the payloads of the front desk's own buttons begin; they mean nothing to the assistant."""

_KEPT = frozenset("\n\t")
_REMOVED = frozenset({"Cc", "Cs"})  # control characters, and surrogates that stand alone


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Source(StrEnum):
    """Where a message comes from; with the id it has there it is unique, which is what makes a repeat harmless."""

    WEBSITE = "website"
    INBOX = "inbox"
    ASSISTANT = "assistant"
    BRIDGE = "bridge"


@dataclass(frozen=True)
class Button:
    """A suggested answer. `payload` is what it means to the assistant; the customer sees `id` and `title` only."""

    id: str
    title: str
    payload: str


@dataclass(frozen=True)
class Draft:
    """A message about to be stored. `payload` is the meaning of the button a customer pressed."""

    author: Author
    text: str
    source: Source
    source_id: str
    name: str | None = None
    agent_id: int | None = None
    buttons: tuple[Button, ...] = ()
    payload: str | None = None


@dataclass(frozen=True)
class Message:
    """A stored message; ids rise within a conversation in the order everybody sees."""

    id: int
    conversation_id: str
    author: Author
    name: str | None
    agent_id: int | None
    text: str
    buttons: tuple[Button, ...]
    source: Source
    source_id: str
    payload: str | None
    status: DeliveryState
    failure: str | None
    intent: str | None
    confidence: float | None
    created_at: datetime


def tidy(text: str) -> str:
    """The text without control characters (line breaks and tabs stay), lone surrogates and outer blanks."""
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c in _KEPT or unicodedata.category(c) not in _REMOVED).strip()


def clean_text(raw: object) -> str:
    """The text a person sent, without control characters (line breaks and tabs stay) and outer blanks.

    Raises `TextInvalidError` for what is no text, `TextEmptyError` when nothing remains, `TextTooLongError` over 4,000.
    """
    if not isinstance(raw, str):
        raise TextInvalidError
    try:
        raw.encode()
    except UnicodeEncodeError as error:  # a lone surrogate, which no other program could read
        raise TextInvalidError from error
    text = tidy(raw)
    if not text:
        raise TextEmptyError
    if len(text) > LONGEST_TEXT:
        raise TextTooLongError
    return text
