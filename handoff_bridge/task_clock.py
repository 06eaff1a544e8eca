"""Reminds the departments of what they promised, and notes which calls nobody made."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from business.clock import Clock
from business.model import Business
from handoff_bridge.events import Event, Kind
from handoff_bridge.metrics import Metrics
from handoff_bridge.ports import Store
from handoff_bridge.tasks import Task

log = structlog.get_logger(__name__)


class TaskClock:
    """A job of the clockwork. What was done is marked in the row, so that neither several processes nor a clock that
    jumps do it twice, and what fell due while nobody looked is made good."""

    def __init__(self, store: Store, clock: Clock, business: Business, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._remind = timedelta(minutes=business.handoff.callbacks.remind)
        self._missed_after = timedelta(minutes=business.handoff.callbacks.missed_after)
        self._metrics = metrics

    def tick(self) -> None:
        """Reminds of what is due soon, then gives up the calls that are long overdue."""
        now = self._clock()
        with self._store.begin() as t:
            reminded = t.tasks.remind(now + self._remind, now)
            missed = t.tasks.miss(now - self._missed_after, now)
            for task in reminded:
                t.tell(Event(Kind.TASK, task.conversation_id, task_id=task.id))
            if missed:
                t.tell(Event(Kind.TASK))
        self._note(reminded, "reminded")
        self._note(missed, "missed")

    def _note(self, tasks: Sequence[Task], outcome: str) -> None:
        for task in tasks:
            self._metrics.tasks.labels(task.kind.value, outcome).inc()
            log.info(
                "A task fell due.",
                action=f"task_{outcome}",
                conversation_id=task.conversation_id,
                task_id=task.id,
                kind=task.kind.value,
            )
