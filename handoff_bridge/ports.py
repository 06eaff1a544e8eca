"""What the use cases need from a store. `storage.PostgresStore` is one; a fake passes the same tests.

A transaction's changes become visible together when its context ends without an exception, and so do its notices.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from handoff_bridge.events import Event
from handoff_bridge.messages import DeliveryState, Draft, Message
from handoff_bridge.model import Conversation, State, Transition, Urgency
from handoff_bridge.people import Agent, Availability, Contact
from handoff_bridge.ports_decisions import Decisions
from handoff_bridge.ports_handoffs import Handoffs
from handoff_bridge.ports_routing import Escalations, Offers, Routing, Staffing
from handoff_bridge.ports_tasks import Tasks
from handoff_bridge.turns import Turn, TurnState


@dataclass(frozen=True)
class Overview:
    """A conversation as it stands in a list."""

    conversation: Conversation
    contact: Contact
    agent_name: str | None
    wanted_agent_name: str | None
    last_message: Message | None
    unread: int


@dataclass(frozen=True)
class TransitionRecord:
    """A transition with the name of the agent who made it."""

    transition: Transition
    agent_name: str | None


@dataclass(frozen=True)
class QueueNumbers:
    """A department's queue now: agents there, agents with room for one more, conversations they can hold at once.

    `mean_seconds` is how long the last `finished` (100 at most) of the whole business stayed with their agents.
    """

    waiting: int
    agents_online: int
    agents_free: int
    slots: int
    slots_free: int
    finished: int
    mean_seconds: float | None


class Contacts(Protocol):
    def find(self, channel: str, address: str) -> Contact | None: ...
    def get(self, contact_id: int) -> Contact: ...
    def add(
        self, channel: str, address: str, token_hash: bytes | None, first_message_id: str | None, now: datetime
    ) -> bool:
        """Whether it was new; a contact that is there stays as it is."""
        ...

    def use_token(self, contact_id: int, now: datetime) -> None: ...
    def describe(self, contact_id: int, name: str | None, email: str | None, phone: str | None) -> None:
        """Writes down what the assistant heard; None leaves what was known before, and so does what is settled."""
        ...

    def settle(self, contact_id: int, values: Mapping[str, str | None], now: datetime) -> None:
        """Writes down what an agent says of `name`, `email` or `phone`; None takes a value away."""
        ...


class Conversations(Protocol):
    def find(self, conversation_id: str) -> Conversation | None: ...
    def of_contact(self, contact_id: int) -> Conversation | None: ...
    def of_phone(self, number: str) -> Conversation | None:
        """The one changed last of those whose contact has this number in E.164, as its address or otherwise."""
        ...

    def lock(self, conversation_id: str) -> Conversation | None:
        """The conversation, held until the transaction ends."""
        ...

    def lock_or_open(self, conversation: Conversation) -> Conversation:
        """The contact's conversation, held; made as given if there is none."""
        ...

    def move(self, conversation: Conversation, transition: Transition) -> None:
        """Writes the moved conversation and the record. Raises `AlreadyMovedError` when its epoch was taken."""
        ...

    def touch(self, conversation_id: str, now: datetime, language: str | None = None) -> None:
        """Something happened in it other than words; perhaps the customer's language showed."""
        ...

    def hurry(self, conversation_id: str, urgency: Urgency, now: datetime) -> None:
        """Who waits does so with this urgency from now on."""
        ...

    def notice(self, conversation_id: str, at: datetime | None) -> None:
        """Remembers when the customer was told of a slow assistant; None when it answers again."""
        ...

    def mark_read(self, conversation_id: str, up_to: int) -> None:
        """What agents have read of the customer's messages."""
        ...

    def facts(self, conversation_id: str) -> Mapping[str, Any]: ...
    def replace_facts(self, conversation: Conversation, facts: Mapping[str, Any], now: datetime) -> None: ...
    def waiting_since_before(self, limit: datetime, departments: Collection[str]) -> Sequence[str]:
        """Those who wait for one of the departments, longest wait first."""
        ...

    def held_by_absent(self, last_seen_before: datetime) -> Sequence[str]: ...


class Messages(Protocol):
    def by_source(self, source: str, source_id: str) -> Message | None: ...
    def add(self, conversation: Conversation, draft: Draft, now: datetime) -> Message | None:
        """The stored message, or None when one with this source and id is there. Needs the conversation's lock.

        It is a sign of life of the conversation, is told to all, and agents have read up to what they write.
        """
        ...

    def get(self, message_id: int) -> Message | None: ...
    def after(self, conversation_id: str, after: int, limit: int) -> Sequence[Message]: ...
    def before(self, conversation_id: str, before: int | None, limit: int) -> Sequence[Message]:
        """The last ones before an id, oldest first; None for the very last."""
        ...

    def with_button(self, conversation_id: str, button_id: str) -> Message | None: ...
    def understood(self, message_id: int, intent: str | None, confidence: float | None) -> None: ...
    def mark(self, conversation_id: str, up_to: int, status: DeliveryState) -> None:
        """Marks what was said to the customer, up to an id; a mark never goes back."""
        ...


class Turns(Protocol):
    def add_message(self, message: Message, conversation: Conversation) -> None: ...
    def add_events(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None: ...
    def claim(self, lease: str, seconds: float) -> Turn | None:
        """The next turn that is due and first in its conversation, leased for `seconds`; None when there is none."""
        ...

    def renew(self, lease_prefix: str, seconds: float) -> None: ...
    def epoch_in_flight(self, conversation_id: str) -> int | None:
        """The epoch under which a worker has taken a message of the conversation; None when no one has."""
        ...

    def hold(self, turn: Turn) -> int | None:
        """The epoch of a turn whose lease is still ours, locked; None when it was lost."""
        ...

    def finish(self, turn: Turn, state: TurnState, note: Mapping[str, Any] | None = None) -> None: ...
    def note_late(self, turn: Turn, note: Mapping[str, Any]) -> None:
        """Keeps what came too late with the turn that was settled meanwhile."""
        ...

    def retry(self, turn: Turn, seconds: float) -> None: ...
    def carry(self, conversation_id: str, before: int, after: int) -> None:
        """Open turns that were taken under `before` now count as taken under `after`."""
        ...

    def settle_open(self, conversation_id: str, state: TurnState, *, taken: bool) -> None:
        """Ends the messages that wait; with `taken` those a worker has as well."""
        ...

    def overdue(self, seconds: float, *, unnoticed: bool) -> Sequence[str]:
        """Conversations with a message to the assistant that has waited longer; `unnoticed`: and nobody said so."""
        ...

    def is_overdue(self, conversation_id: str, seconds: float) -> bool: ...


class Agents(Protocol):
    def add(self, agent: Agent, password_hash: str, now: datetime) -> bool:
        """Whether it was new; the address decides."""
        ...

    def all(self) -> Sequence[Agent]:
        """Everybody of the inbox, by name."""
        ...

    def outside(self) -> Agent | None:
        """The one who stands for whoever answers outside the inbox."""
        ...

    def get(self, agent_id: int) -> Agent | None: ...
    def lock(self, agent_id: int) -> Agent | None:
        """The agent, held until the transaction ends."""
        ...

    def by_email(self, email: str) -> tuple[Agent, str] | None:
        """The agent and the hash of the password; nobody outside the inbox."""
        ...

    def seen(self, agent_id: int, now: datetime) -> bool:
        """Notes a sign of life; whether the agent counted as absent before."""
        ...

    def set_availability(self, agent_id: int, availability: Availability) -> None: ...
    def set_password(self, agent_id: int, password_hash: str) -> None: ...


class Sessions(Protocol):
    def add(self, token_hash: bytes, agent_id: int, now: datetime, expires_at: datetime) -> None: ...
    def agent(self, token_hash: bytes, now: datetime) -> Agent | None: ...
    def remove(self, token_hash: bytes) -> None: ...
    def clear_expired(self, now: datetime) -> None: ...
    def add_failure(self, email: str, now: datetime) -> None: ...
    def failures(self, email: str, since: datetime) -> int: ...
    def clear_failures(self, before: datetime) -> None: ...


class Queues(Protocol):
    def overviews(
        self, *, state: State, agent_id: int | None, excluding: int | None, before: datetime | None, limit: int
    ) -> Sequence[Overview]:
        """Newest change first; waiting ones by how long they have waited. `before` pages on."""
        ...

    def overview(self, conversation_id: str) -> Overview | None: ...
    def overviews_of(self, conversation_ids: Sequence[str]) -> Sequence[Overview]:
        """In no order; what does not exist is left out."""
        ...

    def said(self, message_ids: Sequence[int]) -> Sequence[tuple[Message, int | None]]:
        """The messages in the order of their ids, each with the agent who holds its conversation now."""
        ...

    def counts(self) -> Mapping[tuple[State, int | None], int]:
        """Unresolved conversations by state and agent."""
        ...

    def position(self, conversation: Conversation) -> int: ...
    def numbers(self, department: str, seen_since: datetime) -> QueueNumbers: ...
    def transitions(self, conversation_id: str) -> Sequence[TransitionRecord]: ...
    def lengths(self) -> Mapping[str, int]:
        """How many conversations wait and how many turns are open."""
        ...


class Transaction(Protocol):
    """One transaction's view of every aggregate.

    What is locked or changed in one transaction comes in the order conversation, contact, turn, agent, so that no two
    transactions ever wait for each other.
    """

    @property
    def contacts(self) -> Contacts: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def routing(self) -> Routing: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def staffing(self) -> Staffing: ...
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def decisions(self) -> Decisions: ...
    def tell(self, event: Event) -> None:
        """Notifies every bridge process, once the transaction is committed."""
        ...


class Listening(Protocol):
    """A thread that hears what the bridge's processes tell each other."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Store(Protocol):
    def begin(self) -> AbstractContextManager[Transaction]: ...
    def look(self) -> AbstractContextManager[Transaction]:
        """For reading only, and cheaper: each question is answered as things stand when it is asked."""
        ...

    def listen(self, heard: Callable[[Event], None]) -> Listening:
        """Calls `heard` with every event once started, and with `Kind.MISSED` after it had been cut off."""
        ...

    def ping(self) -> None:
        """Raises `StoreUnavailableError` when the database does not answer."""
        ...
