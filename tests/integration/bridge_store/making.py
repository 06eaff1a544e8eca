"""Rows for tests of the bridge's store: somebody who writes, what they say, and somebody who answers."""

import secrets
from datetime import UTC, datetime

from handoff_bridge.messages import Author, Draft, Message, Source
from handoff_bridge.model import Conversation, Handoff, Move, Mover, State, Who, move
from handoff_bridge.people import Agent, Availability, Role
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.turns import Turn

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
SALES = Handoff("sales")


def begun(contact_id: int, at: datetime = NOW) -> Conversation:
    """A conversation that has just begun, not stored yet."""
    return Conversation(
        id=secrets.token_hex(12),
        account_id=1,
        contact_id=contact_id,
        channel="website",
        language="en",
        state=State.WITH_ASSISTANT,
        epoch=0,
        agent_id=None,
        waiting_since=None,
        handoff=None,
        noticed_at=None,
        read_up_to=0,
        created_at=at,
        updated_at=at,
    )


def met(t: Transaction) -> int:
    """The id of a contact nobody has seen before."""
    address = secrets.token_hex(16)
    assert t.contacts.add("website", address, b"hash", "message-1", NOW)
    contact = t.contacts.find("website", address)
    assert contact is not None
    return contact.id


def opened(store: Store, at: datetime = NOW) -> Conversation:
    """The conversation of a new contact."""
    with store.begin() as t:
        return t.conversations.lock_or_open(begun(met(t), at))


def said(store: Store, conversation: Conversation, words: str, author: Author = Author.CUSTOMER) -> Message:
    """A stored message, without work for the assistant."""
    draft = Draft(author, words, Source.WEBSITE, secrets.token_hex(8))
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        message = t.messages.add(conversation, draft, NOW)
    assert message is not None
    return message


def asked(store: Store, conversation: Conversation, words: str = "hello") -> Message:
    """A customer's message that waits for the assistant."""
    message = said(store, conversation, words)
    with store.begin() as t:
        t.turns.add_message(message, conversation)
    return message


def taken(store: Store, lease: str = "worker:1", seconds: float = 60) -> Turn:
    """The next turn, claimed."""
    with store.begin() as t:
        turn = t.turns.claim(lease, seconds)
    assert turn is not None
    return turn


def hired(
    store: Store,
    name: str = "Sam",
    *,
    role: Role = Role.AGENT,
    departments: tuple[str, ...] = ("sales",),
    capacity: int = 4,
    availability: Availability = Availability.ONLINE,
) -> Agent:
    """An agent, never seen yet."""
    email = f"{name.lower()}@x.example"
    agent = Agent(0, 1, name, email, role, departments, availability, capacity, None)
    with store.begin() as t:
        assert t.agents.add(agent, "hash", NOW)
        found = t.agents.by_email(email)
    assert found is not None
    return found[0]


def moved(
    store: Store,
    conversation: Conversation,
    what: Move,
    agent: Agent | None = None,
    *,
    at: datetime = NOW,
    handoff: Handoff = SALES,
) -> Conversation:
    """The conversation after a move by the agent, or else by whoever of the bridge's own may make it."""
    others = {Move.REQUEST: Mover.ASSISTANT, Move.WITHDRAW: Mover.CUSTOMER, Move.REOPEN: Mover.CUSTOMER}
    who = agent.who if agent else Who(others.get(what, Mover.CLOCK))
    after, transition = move(conversation, what, who, at, handoff=handoff)
    with store.begin() as t:
        t.conversations.move(after, transition)
    return after
