"""What a department has to do for a customer: call back at a time, or answer a message that was left.

States: open → done or cancelled, by an agent. A call that nobody made in time is missed, and may still be done or
cancelled afterwards; a message is never too late.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff_bridge.people import Agent, Contact, Role


class TaskKind(StrEnum):
    CALLBACK = "callback"
    MESSAGE = "message"


class TaskState(StrEnum):
    OPEN = "open"
    MISSED = "missed"
    DONE = "done"
    CANCELLED = "cancelled"


UNFINISHED = frozenset({TaskState.OPEN, TaskState.MISSED})
ENDED = frozenset({TaskState.DONE, TaskState.CANCELLED})


@dataclass(frozen=True)
class TaskDraft:
    """A task about to be stored. A call has a `phone`, in E.164; `note` is in the customer's words."""

    kind: TaskKind
    department: str
    due_at: datetime
    note: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Task:
    """A stored task; `agent_id` is who ended it, at `ended_at`. Times are aware."""

    id: int
    account_id: int
    conversation_id: str
    kind: TaskKind
    department: str
    due_at: datetime
    phone: str | None
    email: str | None
    note: str
    state: TaskState
    created_at: datetime
    reminded_at: datetime | None
    missed_at: datetime | None
    ended_at: datetime | None
    agent_id: int | None

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


@dataclass(frozen=True)
class TaskRecord:
    """A task with the customer it is for, and the name of the agent who ended it."""

    task: Task
    contact: Contact
    agent_name: str | None


def is_for(agent: Agent, task: Task) -> bool:
    """Whether the task is one of the agent's departments; supervisors and administrators look after all."""
    return agent.role is not Role.AGENT or task.department in agent.departments
