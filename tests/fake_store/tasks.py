"""Tasks in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from handoff_bridge import ports_tasks
from handoff_bridge.model import Conversation
from handoff_bridge.tasks import ENDED, Task, TaskDraft, TaskKind, TaskRecord, TaskState
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.work import Work

_AT_ONCE = 100


class FakeTasks(ports_tasks.Tasks):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.tasks

    def add(self, conversation: Conversation, draft: TaskDraft, now: datetime) -> Task:
        task = Task(
            id=next(self._work.ids),
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            **asdict(draft),
            state=TaskState.OPEN,
            created_at=now,
            reminded_at=None,
            missed_at=None,
            ended_at=None,
            agent_id=None,
        )
        self._write(task)
        return task

    def of(self, conversation_id: str) -> Sequence[Task]:
        found = [task for task in self._rows.values() if task.conversation_id == conversation_id]
        for task in found:
            self._work.locks.take(Kind.TASK, task.id)
        return found

    def lock(self, task_id: int) -> Task | None:
        if task_id in self._rows:
            self._work.locks.take(Kind.TASK, task_id)
        return self._rows.get(task_id)

    def write(self, task: Task) -> None:
        self._work.locks.require(Kind.TASK, task.id)
        self._write(task)

    def record(self, task_id: int) -> TaskRecord | None:
        task = self._rows.get(task_id)
        return self._record(task) if task else None

    def records(
        self, states: Collection[TaskState], departments: Collection[str] | None, *, newest_first: bool, limit: int
    ) -> Sequence[TaskRecord]:
        found = (
            task
            for task in self._rows.values()
            if task.state in states and (departments is None or task.department in departments)
        )
        by_time = sorted(found, key=lambda task: (task.due_at, task.id), reverse=newest_first)
        return [self._record(task) for task in by_time[:limit]]

    def remind(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        return self._changed(lambda task: task.due_at <= due_before and task.reminded_at is None, reminded_at=now)

    def miss(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        def is_overdue(task: Task) -> bool:
            return task.due_at < due_before and task.kind is TaskKind.CALLBACK

        return self._changed(is_overdue, state=TaskState.MISSED, missed_at=now)

    def _changed(self, is_meant: Callable[[Task], bool], **values: Any) -> list[Task]:
        found = [task for task in self._rows.values() if task.state is TaskState.OPEN and is_meant(task)]
        first = sorted(found, key=lambda task: task.due_at)[:_AT_ONCE]
        changed = [replace(task, **values) for task in first]
        for task in changed:
            self._work.locks.take(Kind.TASK, task.id)
            self._write(task)
        return changed

    def _record(self, task: Task) -> TaskRecord:
        conversation = self._work.tables.conversations[task.conversation_id]
        agent = self._work.tables.agents.get(task.agent_id) if task.agent_id is not None else None
        return TaskRecord(
            task, self._work.tables.contacts[conversation.contact_id], agent.agent.name if agent else None
        )

    def _write(self, task: Task) -> None:
        _check(task)
        others = (other for other in self._rows.values() if other.id != task.id)
        if _is_open_call(task) and any(
            _is_open_call(other) and other.conversation_id == task.conversation_id for other in others
        ):
            raise LawBrokenError("a conversation has one open callback at most")
        self._rows[task.id] = task


def _is_open_call(task: Task) -> bool:
    return task.kind is TaskKind.CALLBACK and task.state is TaskState.OPEN


def _check(task: Task) -> None:
    is_lawful = (
        (task.kind is not TaskKind.CALLBACK or task.phone is not None)
        and (task.state in ENDED) == (task.ended_at is not None)
        and (task.state is not TaskState.MISSED or (task.kind is TaskKind.CALLBACK and task.missed_at is not None))
        and (task.state is not TaskState.DONE or task.agent_id is not None)
    )
    if not is_lawful:
        raise LawBrokenError(f"a task that is {task.state} and yet {task}")
