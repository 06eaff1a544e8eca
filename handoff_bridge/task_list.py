"""What agents see of their departments' tasks, and how they end them."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from business.clock import Clock
from handoff_bridge.errors import FieldInvalidError, NotFoundError, TaskEndedError
from handoff_bridge.events import Event, Kind
from handoff_bridge.metrics import Metrics
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.tasks import ENDED, UNFINISHED, Task, TaskRecord, TaskState, is_for

log = structlog.get_logger(__name__)

_LIST = 200  # tasks


class TaskList:
    """Agents have the tasks of their departments; supervisors and administrators have all."""

    def __init__(self, store: Store, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics

    def unfinished(self, agent: Agent) -> Sequence[TaskRecord]:
        """What is still to be done, the most urgent first: missed calls are among it."""
        with self._store.begin() as t:
            return t.tasks.records(UNFINISHED, _departments(agent), newest_first=False, limit=_LIST)

    def ended(self, agent: Agent) -> Sequence[TaskRecord]:
        """What was done or cancelled, the latest first."""
        with self._store.begin() as t:
            return t.tasks.records(ENDED, _departments(agent), newest_first=True, limit=_LIST)

    def due(self, task_id: int) -> tuple[TaskRecord | None, frozenset[int]]:
        """A task that falls due, and the ids of the agents who look after it."""
        with self._store.begin() as t:
            record = t.tasks.record(task_id)
            agents = (agent for agent in t.agents.all() if record and is_for(agent, record.task))
            return record, frozenset(agent.id for agent in agents)

    def end(self, agent: Agent, task_id: int, state: str | None) -> TaskRecord:
        """The task ended as done or cancelled; a repeat changes nothing, whoever it comes from.

        Raises `FieldInvalidError`, `NotFoundError`, and `TaskEndedError` when it was ended otherwise.
        """
        if state not in ENDED:
            raise FieldInvalidError("state", "one of " + ", ".join(sorted(ENDED)))
        with self._store.begin() as t:
            self._end(t, agent, t.tasks.lock(task_id), TaskState(state))
            record = t.tasks.record(task_id)
        if record is None:
            raise NotFoundError
        return record

    def _end(self, t: Transaction, agent: Agent, task: Task | None, state: TaskState) -> None:
        if task is None or not is_for(agent, task):
            raise NotFoundError
        if task.state is state:
            return
        if not task.is_unfinished:
            raise TaskEndedError
        t.tasks.write(replace(task, state=state, ended_at=self._clock(), agent_id=agent.id))
        t.tell(Event(Kind.TASK))
        self._metrics.tasks.labels(task.kind.value, state.value).inc()
        log.info(
            "An agent ended a task.",
            action=f"task_{state.value}",
            conversation_id=task.conversation_id,
            task_id=task.id,
            agent_id=agent.id,
        )


def _departments(agent: Agent) -> Sequence[str] | None:
    return agent.departments if agent.role is Role.AGENT else None
