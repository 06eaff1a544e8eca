"""The rows of the fake. Every row is immutable, so that a copy of the dictionaries is a copy of the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from handoff_bridge.handoffs import Assignment, HandoffRecord
from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation, Transition
from handoff_bridge.offers import Escalation, Offer
from handoff_bridge.people import Agent, Contact
from handoff_bridge.tasks import Task
from handoff_bridge.triggers.model import DecisionRecord
from handoff_bridge.turns import TurnState


@dataclass(frozen=True)
class AgentRow:
    agent: Agent
    password_hash: str


@dataclass(frozen=True)
class SessionRow:
    agent_id: int
    expires_at: datetime


@dataclass(frozen=True)
class TurnRow:
    """`next_at`, `lease_until`, `created_at` and `finished_at` are of the database's clock."""

    id: int
    conversation_id: str
    message_id: int | None
    events: tuple[Mapping[str, Any], ...] | None
    next_at: datetime
    created_at: datetime
    state: TurnState = TurnState.WAITING
    epoch: int | None = None
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    note: Mapping[str, Any] | None = None
    finished_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.finished_at is None


@dataclass
class Tables:
    """Each by its key, in the order in which rows were first written.

    The key of an escalation is its conversation, the epoch and the tier.
    """

    contacts: dict[int, Contact] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    transitions: dict[tuple[str, int], Transition] = field(default_factory=dict)
    facts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    turns: dict[int, TurnRow] = field(default_factory=dict)
    agents: dict[int, AgentRow] = field(default_factory=dict)
    sessions: dict[bytes, SessionRow] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    handoffs: dict[int, HandoffRecord] = field(default_factory=dict)
    assignments: dict[int, Assignment] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    escalations: dict[tuple[str, int, int], Escalation] = field(default_factory=dict)
    decisions: dict[int, DecisionRecord] = field(default_factory=dict)
    login_failures: dict[int, tuple[str, datetime]] = field(default_factory=dict)

    def copy(self) -> "Tables":
        return Tables(**{table.name: dict(getattr(self, table.name)) for table in fields(self)})
