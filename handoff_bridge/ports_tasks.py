"""What the use cases about tasks need from a store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from handoff_bridge.model import Conversation
from handoff_bridge.tasks import Task, TaskDraft, TaskRecord, TaskState


class Tasks(Protocol):
    """A row of a task is locked after the conversation's, if that is locked too."""

    def add(self, conversation: Conversation, draft: TaskDraft, now: datetime) -> Task:
        """The stored task, which is open. A conversation has one open callback at most."""
        ...

    def of(self, conversation_id: str) -> Sequence[Task]:
        """All tasks of a conversation, oldest first, held until the transaction ends."""
        ...

    def lock(self, task_id: int) -> Task | None:
        """The task, held until the transaction ends."""
        ...

    def write(self, task: Task) -> None:
        """Stores what has changed of a task that is held."""
        ...

    def record(self, task_id: int) -> TaskRecord | None: ...
    def records(
        self, states: Collection[TaskState], departments: Collection[str] | None, *, newest_first: bool, limit: int
    ) -> Sequence[TaskRecord]:
        """Those of the departments, or of all with None, by when they are due."""
        ...

    def remind(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        """Marks the open tasks due by then of which nobody was reminded, and gives them: each one once, ever."""
        ...

    def miss(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        """Turns open calls that were due before into missed ones, and gives them: each to one caller."""
        ...
