"""Tasks on PostgreSQL. The constraints repeat the law of `tasks`, so that nothing illegal can be stored by hand."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Row,
    Select,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)

from database.engine import metadata
from handoff_bridge.model import Conversation
from handoff_bridge.people import Contact
from handoff_bridge.storage_contacts import COLUMNS as CONTACT_COLUMNS
from handoff_bridge.storage_tables import (
    account_column,
    agents,
    contacts,
    conversation_column,
    conversations,
    time_column,
)
from handoff_bridge.tasks import Task, TaskDraft, TaskKind, TaskRecord, TaskState

_AT_ONCE = 100

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    account_column(),
    conversation_column(),
    Column("kind", Text, nullable=False),
    Column("department", Text, nullable=False),
    time_column("due_at"),
    Column("phone", Text),
    Column("email", Text),
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    time_column("created_at"),
    time_column("reminded_at", nullable=True),
    time_column("missed_at", nullable=True),
    time_column("ended_at", nullable=True),
    Column("agent_id", BigInteger, ForeignKey("agents.id")),
    CheckConstraint("kind in ('callback', 'message')", name="kind"),
    CheckConstraint("state in ('open', 'done', 'missed', 'cancelled')", name="state"),
    CheckConstraint("kind <> 'callback' or phone is not null", name="reach"),
    CheckConstraint("(state in ('done', 'cancelled')) = (ended_at is not null)", name="ended"),
    CheckConstraint("state <> 'missed' or (kind = 'callback' and missed_at is not null)", name="missed"),
    CheckConstraint("state <> 'done' or agent_id is not null", name="done_by"),
    Index("ix_tasks_due", "account_id", "due_at", postgresql_where=text("state in ('open', 'missed')")),
    Index(None, "conversation_id", "id"),
    Index(
        "uq_tasks_one_open_callback",
        "conversation_id",
        unique=True,
        postgresql_where=text("kind = 'callback' and state = 'open'"),
    ),
)


class PostgresTasks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, conversation: Conversation, draft: TaskDraft, now: datetime) -> Task:
        values = {**asdict(draft), "account_id": conversation.account_id, "conversation_id": conversation.id}
        new = insert(tasks).values(**values, state=TaskState.OPEN, created_at=now).returning(tasks)
        return task_of(self._connection.execute(new).one())

    def of(self, conversation_id: str) -> Sequence[Task]:
        of_conversation = select(tasks).where(tasks.c.conversation_id == conversation_id).order_by(tasks.c.id)
        return [task_of(row) for row in self._connection.execute(of_conversation.with_for_update())]

    def lock(self, task_id: int) -> Task | None:
        row = self._connection.execute(select(tasks).where(tasks.c.id == task_id).with_for_update()).one_or_none()
        return task_of(row) if row else None

    def write(self, task: Task) -> None:
        self._connection.execute(update(tasks).where(tasks.c.id == task.id).values(asdict(task)))

    def record(self, task_id: int) -> TaskRecord | None:
        found = self._records(_recorded().where(tasks.c.id == task_id))
        return found[0] if found else None

    def records(
        self, states: Collection[TaskState], departments: Collection[str] | None, *, newest_first: bool, limit: int
    ) -> Sequence[TaskRecord]:
        query = _recorded().where(tasks.c.state.in_(states))
        if departments is not None:
            query = query.where(tasks.c.department.in_(departments))
        order = (tasks.c.due_at.desc(), tasks.c.id.desc()) if newest_first else (tasks.c.due_at, tasks.c.id)
        return self._records(query.order_by(*order).limit(limit))

    def remind(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        due = _open_ones().where(tasks.c.due_at <= due_before, tasks.c.reminded_at.is_(None))
        return self._changed(due, reminded_at=now)

    def miss(self, due_before: datetime, now: datetime) -> Sequence[Task]:
        overdue = _open_ones().where(tasks.c.due_at < due_before, tasks.c.kind == TaskKind.CALLBACK)
        return self._changed(overdue, state=TaskState.MISSED, missed_at=now)

    def _changed(self, which: Select[Any], **values: Any) -> list[Task]:
        """Changes rows that no other process has at this moment; it does what this one leaves."""
        free = which.order_by(tasks.c.due_at).limit(_AT_ONCE).with_for_update(skip_locked=True)
        taken = update(tasks).where(tasks.c.id.in_(free)).values(**values).returning(tasks)
        return [task_of(row) for row in self._connection.execute(taken)]

    def _records(self, query: Select[Any]) -> list[TaskRecord]:
        return [_record(row) for row in self._connection.execute(query)]


def task_of(row: Row[Any]) -> Task:
    """The task in a row that has the table's columns."""
    values = {name: getattr(row, name) for name in Task.__dataclass_fields__}
    return Task(**{**values, "kind": TaskKind(row.kind), "state": TaskState(row.state)})


def _open_ones() -> Select[Any]:
    return select(tasks.c.id).where(tasks.c.state == TaskState.OPEN)


def _recorded() -> Select[Any]:
    of_contact = [column.label(f"contact_{column.name}") for column in CONTACT_COLUMNS]
    return (
        select(tasks, agents.c.name.label("agent_name"), *of_contact)
        .join(conversations, conversations.c.id == tasks.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .outerjoin(agents, agents.c.id == tasks.c.agent_id)
    )


def _record(row: Row[Any]) -> TaskRecord:
    contact = Contact(*(getattr(row, f"contact_{column.name}") for column in CONTACT_COLUMNS))
    return TaskRecord(task_of(row), contact, row.agent_name)
