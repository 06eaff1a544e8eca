"""Tasks, in any store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handoff_bridge.model import Conversation
from handoff_bridge.ports import Store
from handoff_bridge.tasks import UNFINISHED, Task, TaskDraft, TaskKind, TaskRecord, TaskState
from tests.integration.bridge_store.making import NOW, hired, opened
from tests.integration.bridge_store.store_world import REFUSALS

CALL = TaskDraft(TaskKind.CALLBACK, "sales", NOW, "after work", phone="+15125550100")
LETTER = TaskDraft(TaskKind.MESSAGE, "service", NOW, "my car is ready?", email="kim@x.example")


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def added(store: Store, conversation: Conversation, draft: TaskDraft = CALL, *, due: int = 0) -> Task:
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        return t.tasks.add(conversation, replace(draft, due_at=minutes(due)), NOW)


def written(store: Store, task: Task, **change: Any) -> Task:
    changed = replace(task, **change)
    with store.begin() as t:
        assert t.tasks.lock(task.id) == task
        t.tasks.write(changed)
    return changed


def listed(store: Store, *departments: str, newest_first: bool = False, limit: int = 9) -> list[Task]:
    with store.begin() as t:
        found = t.tasks.records(UNFINISHED, departments or None, newest_first=newest_first, limit=limit)
    return [record.task for record in found]


def by_id(tasks: Sequence[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: task.id)


def test_a_task_is_open_and_belongs_to_its_conversation(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    call, letter, theirs = added(store, conversation), added(store, conversation, LETTER), added(store, other)
    assert call == Task(
        id=call.id,
        account_id=1,
        conversation_id=conversation.id,
        kind=TaskKind.CALLBACK,
        department="sales",
        due_at=NOW,
        phone="+15125550100",
        email=None,
        note="after work",
        state=TaskState.OPEN,
        created_at=NOW,
        reminded_at=None,
        missed_at=None,
        ended_at=None,
        agent_id=None,
    )
    with store.begin() as t:
        assert list(t.tasks.of(conversation.id)) == [call, letter]
        assert t.tasks.lock(theirs.id) == theirs
        assert t.tasks.lock(0) is None


def test_a_conversation_has_one_open_call_and_as_many_messages_as_were_left(store: Store) -> None:
    conversation = opened(store)
    call = added(store, conversation)
    added(store, conversation, LETTER)
    added(store, conversation, LETTER)
    with pytest.raises(REFUSALS):
        added(store, conversation)
    written(store, call, state=TaskState.CANCELLED, ended_at=NOW)
    added(store, conversation)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": None},
        {"state": TaskState.DONE},
        {"state": TaskState.DONE, "ended_at": NOW},
        {"ended_at": NOW},
        {"state": TaskState.MISSED},
        {"kind": TaskKind.MESSAGE, "state": TaskState.MISSED, "missed_at": NOW},
    ],
    ids=["a call to nowhere", "done never", "done by nobody", "ended and open", "missed never", "a missed message"],
)
def test_a_task_that_cannot_be_is_refused(store: Store, wrong: dict[str, Any]) -> None:
    task = added(store, opened(store))
    with pytest.raises(REFUSALS):
        written(store, task, **wrong)


def test_a_record_names_the_customer_and_who_ended_it(store: Store) -> None:
    agent, conversation = hired(store), opened(store)
    task = added(store, conversation)
    with store.begin() as t:
        contact = t.contacts.get(conversation.contact_id)
        assert t.tasks.record(0) is None
        assert t.tasks.record(task.id) == TaskRecord(task, contact, None)
    done = written(store, task, state=TaskState.DONE, ended_at=NOW, agent_id=agent.id)
    with store.begin() as t:
        assert t.tasks.record(task.id) == TaskRecord(done, contact, "Sam")
        (found,) = t.tasks.records({TaskState.DONE}, None, newest_first=True, limit=9)
    assert found == TaskRecord(done, contact, "Sam")
    assert listed(store) == []


def test_tasks_are_listed_by_department_and_by_when_they_are_due(store: Store) -> None:
    late, soon, first = (added(store, opened(store), due=due) for due in (9, 5, 5))
    letter = added(store, opened(store), LETTER, due=1)
    assert listed(store) == [letter, soon, first, late]
    assert listed(store, "sales") == [soon, first, late]
    assert listed(store, "finance") == []
    assert listed(store, newest_first=True, limit=2) == [late, first]


def test_somebody_is_reminded_of_a_task_once(store: Store) -> None:
    now, later, done = (added(store, opened(store), due=due) for due in (0, 5, 0))
    written(store, done, state=TaskState.CANCELLED, ended_at=NOW)
    with store.begin() as t:
        assert list(t.tasks.remind(NOW, minutes(1))) == [replace(now, reminded_at=minutes(1))]
        assert list(t.tasks.remind(NOW, minutes(2))) == []
        assert list(t.tasks.remind(minutes(5), minutes(3))) == [replace(later, reminded_at=minutes(3))]


def test_a_call_that_nobody_made_is_missed_and_a_message_never_is(store: Store) -> None:
    calls = [added(store, opened(store), due=due) for due in (0, 1, 5)]
    added(store, opened(store), LETTER)
    with store.begin() as t:
        missed = t.tasks.miss(minutes(5), minutes(9))
        assert by_id(missed) == [replace(c, state=TaskState.MISSED, missed_at=minutes(9)) for c in calls[:2]]
        assert list(t.tasks.miss(minutes(5), minutes(9))) == []
    assert len(listed(store)) == 4
