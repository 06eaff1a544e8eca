"""Takes in what customers say: stored before it is acknowledged, once, in the order in which it came."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from business.model import Business
from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.messages import OWN_PAYLOAD, Author, Draft, Message, Source
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation, Move, Mover, State, Who
from handoff_bridge.people import Contact
from handoff_bridge.ports import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Inbound:
    """What a channel received: `source_id` is the channel's id of the message, `button` one that was pressed."""

    source: Source
    source_id: str
    text: str
    button: str | None = None
    language: str | None = None


class Hearer(Protocol):
    """Whoever of the front desk itself may be meant by a message: an answer to its own question, or a command to it."""

    def hear(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        """Whether the message is dealt with, so that nobody else is to answer it. The conversation is locked in `t`."""
        ...


class Reception:
    """The door through which every channel's messages come."""

    def __init__(
        self, business: Business, handover: Handover, metrics: Metrics, hearers: Sequence[Hearer] = ()
    ) -> None:
        self._business = business
        self._handover = handover
        self._metrics = metrics
        self._hearers = hearers

    def take(self, t: Transaction, contact: Contact, inbound: Inbound, now: datetime) -> Message:
        """The stored message; a repeat gives the one of the first time and does nothing.

        Raises `FieldInvalidError` for a button that this conversation never had.
        """
        conversation = t.conversations.lock_or_open(self._new_conversation(contact, inbound.language, now))
        draft = Draft(
            author=Author.CUSTOMER,
            name=contact.name,
            text=inbound.text,
            source=inbound.source,
            source_id=inbound.source_id,
            payload=_payload(t, conversation, inbound.button),
        )
        message = t.messages.add(conversation, draft, now)
        if message is None:
            return _said_before(t, conversation, inbound)
        language = self._spoken(inbound.language)
        if language not in (None, conversation.language):
            t.conversations.touch(conversation.id, now, language)
        conversation = replace(conversation, language=language or conversation.language, updated_at=now)
        if not any(hearer.hear(t, conversation, message, now) for hearer in self._hearers):
            self._pass_on(t, conversation, message, now)
        self._note(conversation, message)
        return message

    def _pass_on(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> None:
        if message.payload and message.payload.startswith(OWN_PAYLOAD):
            log.warning("Nobody knows a button.", action="button_unknown", conversation_id=conversation.id)
            return
        if conversation.state is State.RESOLVED:
            conversation = self._handover.make(t, conversation, Move.REOPEN, Who(Mover.CUSTOMER), now)
        if conversation.state in ASSISTANT_SPEAKS:
            t.turns.add_message(message, conversation)
            t.tell(Event(Kind.WORK))

    def _note(self, conversation: Conversation, message: Message) -> None:
        self._metrics.messages.labels(message.author.value).inc()
        log.info(
            "A customer's message was stored.",
            action="message_in",
            conversation_id=conversation.id,
            message_id=message.id,
            channel=conversation.channel,
        )

    def _new_conversation(self, contact: Contact, language: str | None, now: datetime) -> Conversation:
        return Conversation(
            id=secrets.token_hex(12),
            account_id=contact.account_id,
            contact_id=contact.id,
            channel=contact.channel,
            language=self._spoken(language) or self._business.languages[0],
            state=State.WITH_ASSISTANT,
            epoch=0,
            agent_id=None,
            waiting_since=None,
            handoff=None,
            noticed_at=None,
            read_up_to=0,
            created_at=now,
            updated_at=now,
        )

    def _spoken(self, language: str | None) -> str | None:
        """The language if the business speaks it; a client may ask for any."""
        return language if language in self._business.languages else None


def _payload(t: Transaction, conversation: Conversation, button_id: str | None) -> str | None:
    if button_id is None:
        return None
    offered = t.messages.with_button(conversation.id, button_id)
    if offered is None:
        raise FieldInvalidError("button", "the id of a button of an earlier message")
    payloads: Mapping[str, Any] = {button.id: button.payload for button in offered.buttons}
    return str(payloads[button_id])


def _said_before(t: Transaction, conversation: Conversation, inbound: Inbound) -> Message:
    known = t.messages.by_source(inbound.source, inbound.source_id)
    if known is None or known.conversation_id != conversation.id:
        raise FieldInvalidError("message_id", "an id that no other conversation has used")
    return known
