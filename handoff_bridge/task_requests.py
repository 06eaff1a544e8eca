"""What a customer asks of a department through the assistant: to be called back, or to have a message passed on.

Safe to repeat, as a turn is. Who asks this does not wait in line any more; the turn in flight carries its own move,
so that the assistant's words about it are still heard.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from business.callback_times import callback_times, is_callback_time
from business.clock import Clock
from business.hours import is_open, next_open
from business.model import Business
from handoff_bridge.errors import AlreadyMovedError, CallbackTimeError, FieldInvalidError, NotFoundError
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, Move, Mover, State, Who
from handoff_bridge.petitions import was_overtaken
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.reach import email_address, phone_number
from handoff_bridge.tasks import Task, TaskDraft, TaskKind, TaskState

log = structlog.get_logger(__name__)

_NEXT_TIMES = 5


@dataclass(frozen=True)
class CallbackWanted:
    """A call as it was asked for: number and department are not checked yet."""

    at: datetime
    phone: str | None
    note: str
    department: str | None


@dataclass(frozen=True)
class MessageLeft:
    """A message for a department as it came; nothing is checked yet but that `note` is a text."""

    note: str
    phone: str | None
    email: str | None
    department: str | None


class TaskRequests:
    """Both raise `NotFoundError`, `FieldInvalidError`, and `AlreadyMovedError` for a turn that an agent overtook."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._handover = handover
        self._metrics = metrics

    def call_back(self, conversation_id: str, wanted: CallbackWanted) -> Task:
        """The call to be made: a new one, the same as before, or the open one moved to another time.

        Raises `CallbackTimeError` with the next possible times.
        """
        phone = phone_number(wanted.phone, self._business.country)
        with self._store.begin() as t:
            conversation = self._lock(t, conversation_id)
            department = self._department(wanted.department, conversation)
            draft = TaskDraft(TaskKind.CALLBACK, department, wanted.at, wanted.note, phone)
            if not self._is_possible(draft):
                return self._repeated(t, conversation, draft)
            self._leave_the_line(t, conversation, "callback")
            return self._placed(t, conversation, draft)

    def leave_message(self, conversation_id: str, left: MessageLeft) -> Task:
        """The message to be answered; the same words again, before they are dealt with, are the same message."""
        phone = phone_number(left.phone, self._business.country) if left.phone else None
        email = email_address(left.email) if left.email else None
        if not left.note:
            raise FieldInvalidError("note", "the message")
        with self._store.begin() as t:
            conversation = self._lock(t, conversation_id)
            department = self._department(left.department, conversation)
            due_at = self._next_there(department)
            draft = TaskDraft(TaskKind.MESSAGE, department, due_at, left.note, phone, email)
            self._leave_the_line(t, conversation, "message")
            return self._passed_on(t, conversation, draft)

    def _repeated(self, t: Transaction, conversation: Conversation, draft: TaskDraft) -> Task:
        """The call that was arranged before its time had passed. Raises `CallbackTimeError` when there is none."""
        for known in t.tasks.of(conversation.id):
            if _is_same_call(known, draft):
                return self._changed(t, known, draft)
        now = self._clock()
        later = callback_times(self._business, draft.department, now, draft.due_at, _NEXT_TIMES)
        raise CallbackTimeError(later or callback_times(self._business, draft.department, now, limit=_NEXT_TIMES))

    def _placed(self, t: Transaction, conversation: Conversation, draft: TaskDraft) -> Task:
        calls = [task for task in t.tasks.of(conversation.id) if task.kind is TaskKind.CALLBACK]
        for known in calls:
            if _is_same_call(known, draft):
                return self._changed(t, known, draft)
        for known in calls:
            if known.state is TaskState.OPEN:
                return self._changed(t, known, draft)
            if known.state is TaskState.MISSED:  # nobody shall call twice: the new call takes its place
                self._write(t, replace(known, state=TaskState.CANCELLED, ended_at=self._clock()), "cancelled")
        return self._added(t, conversation, draft)

    def _passed_on(self, t: Transaction, conversation: Conversation, draft: TaskDraft) -> Task:
        for known in t.tasks.of(conversation.id):
            is_same = (known.kind, known.department, known.note) == (draft.kind, draft.department, draft.note)
            if is_same and known.state is TaskState.OPEN:
                return self._changed(t, known, replace(draft, due_at=known.due_at))
        return self._added(t, conversation, draft)

    def _changed(self, t: Transaction, known: Task, draft: TaskDraft) -> Task:
        """The known task brought to what is asked for now; somebody is reminded again of a new time."""
        changed = replace(
            known,
            department=draft.department,
            due_at=draft.due_at,
            phone=draft.phone or known.phone,
            email=draft.email or known.email,
            note=draft.note or known.note,
            reminded_at=known.reminded_at if known.due_at == draft.due_at else None,
        )
        if known.is_unfinished and changed != known:
            self._write(t, changed, "changed")
            return changed
        return known

    def _added(self, t: Transaction, conversation: Conversation, draft: TaskDraft) -> Task:
        task = t.tasks.add(conversation, draft, self._clock())
        self._tell(t, task, "made")
        return task

    def _write(self, t: Transaction, task: Task, outcome: str) -> None:
        t.tasks.write(task)
        self._tell(t, task, outcome)

    def _tell(self, t: Transaction, task: Task, outcome: str) -> None:
        t.tell(Event(Kind.TASK))
        self._metrics.tasks.labels(task.kind.value, outcome).inc()
        log.info(
            "A customer asked something of a department.",
            action=f"task_{outcome}",
            conversation_id=task.conversation_id,
            task_id=task.id,
            kind=task.kind.value,
        )

    def _is_possible(self, draft: TaskDraft) -> bool:
        return is_callback_time(self._business, draft.department, draft.due_at, self._clock(), was_offered=True)

    def _next_there(self, department: str) -> datetime:
        """Now, or when the department opens next."""
        now = self._clock()
        if is_open(self._business, now, department=department):
            return now
        return next_open(self._business, now, department=department) or now

    def _leave_the_line(self, t: Transaction, conversation: Conversation, reason: str) -> None:
        if conversation.state is State.WAITING:
            self._handover.make(t, conversation, Move.WITHDRAW, Who(Mover.CUSTOMER), self._clock(), reason=reason)

    def _lock(self, t: Transaction, conversation_id: str) -> Conversation:
        conversation = t.conversations.lock(conversation_id)
        if conversation is None:
            raise NotFoundError
        if was_overtaken(t, conversation):
            raise AlreadyMovedError
        return conversation

    def _department(self, named: str | None, conversation: Conversation) -> str:
        """The one named, else the one that the customer waits for, else the default."""
        waited_for = conversation.handoff.department if conversation.handoff else None
        department = named or waited_for or self._business.handoff.default_department
        if department not in self._business.departments:
            raise FieldInvalidError("department", "one of " + ", ".join(self._business.departments))
        return department


def _is_same_call(known: Task, draft: TaskDraft) -> bool:
    is_same = (known.kind, known.due_at, known.department) == (draft.kind, draft.due_at, draft.department)
    return is_same and known.state is not TaskState.CANCELLED
