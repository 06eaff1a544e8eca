"""Visitors of the website: who they are, and what they may see, which is their own conversation only.

The token of a visitor is derived from the front desk's secret, so that the first answer can be repeated although
only the token's hash is stored.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from business.clock import Clock
from handoff_bridge.errors import NotFoundError, TokenMissingError
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Author, DeliveryState, Message, Source
from handoff_bridge.model import Conversation
from handoff_bridge.people import Contact
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.reception import Inbound, Reception

CHANNEL = "website"
_PAGE = 200  # messages


@dataclass(frozen=True)
class Received:
    """What a sent message is answered with; the token is there on first contact only."""

    message: Message
    visitor_token: str | None


class Visitors:
    """The website channel's use cases."""

    def __init__(self, store: Store, clock: Clock, reception: Reception, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._reception = reception
        self._secret = secret.encode()

    def send(
        self,
        visitor_id: str,
        message_id: str,
        text: str,
        *,
        token: str | None,
        button: str | None = None,
        language: str | None = None,
    ) -> Received:
        """Stores what a visitor says. Raises `TokenMissingError`, `NotFoundError` and what `Reception.take` raises."""
        now = self._clock()
        inbound = Inbound(Source.WEBSITE, f"{visitor_id}:{message_id}", text, button, language)
        with self._store.begin() as t:
            contact = t.contacts.find(CHANNEL, visitor_id)
            if contact is None and token is None:
                contact = self._greet(t, visitor_id, message_id, now)
            handed_out = None
            if contact is not None and token is None and self._is_first(contact, message_id):
                handed_out = self._token(visitor_id, message_id)
            else:
                contact = self._admit(contact, token)
            message = self._reception.take(t, contact, inbound, now)
            if handed_out is None:
                self._token_came_back(t, contact, now)
            return Received(message, handed_out)

    def enter(self, visitor_id: str, token: str | None) -> Conversation:
        """The visitor's conversation. Raises `TokenMissingError` or `NotFoundError`."""
        with self._store.begin() as t:
            contact = self._admit(t.contacts.find(CHANNEL, visitor_id), token)
            self._token_came_back(t, contact, self._clock())
            conversation = t.conversations.of_contact(contact.id)
            if conversation is None:
                raise NotFoundError
            return conversation

    def messages(self, conversation_id: str, after: int) -> Sequence[Message]:
        """What was said after a message id, oldest first, 200 at most."""
        with self._store.begin() as t:
            return t.messages.after(conversation_id, after, _PAGE)

    def read(self, conversation_id: str, up_to: int) -> None:
        """The visitor has seen everything up to a message id."""
        with self._store.begin() as t:
            t.conversations.lock(conversation_id)
            t.messages.mark(conversation_id, up_to, DeliveryState.READ)
            t.tell(Event(Kind.READ, conversation_id, author=Author.CUSTOMER, up_to=up_to))

    def typing(self, conversation_id: str, on: bool) -> None:
        with self._store.begin() as t:
            t.tell(Event(Kind.TYPING, conversation_id, author=Author.CUSTOMER, on=on))

    def _greet(self, t: Transaction, visitor_id: str, message_id: str, now: datetime) -> Contact | None:
        token_hash = _hash(self._token(visitor_id, message_id))
        t.contacts.add(CHANNEL, visitor_id, token_hash, message_id, now)
        return t.contacts.find(CHANNEL, visitor_id)

    def _is_first(self, contact: Contact, message_id: str) -> bool:
        return contact.token_used_at is None and contact.first_message_id == message_id

    def _admit(self, contact: Contact | None, token: str | None) -> Contact:
        """The contact whose token it is: where the visitor's word turns into trust."""
        if not token:
            raise TokenMissingError
        if contact is None or not hmac.compare_digest(_hash(token), contact.token_hash or b""):
            raise NotFoundError
        return contact

    def _token_came_back(self, t: Transaction, contact: Contact, now: datetime) -> None:
        """The visitor has the token for sure, so it is never handed out again.

        Comes after the conversation's lock: whoever takes both takes them in this order, lest two wait for each other.
        """
        if contact.token_used_at is None:
            t.contacts.use_token(contact.id, now)

    def _token(self, visitor_id: str, message_id: str) -> str:
        return hmac.new(self._secret, f"visitor:{visitor_id}:{message_id}".encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
