"""What supervisors ask about the past: how long customers waited, what came of it, how they liked it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from business.clock import Clock
from business.model import Business
from handoff_bridge.errors import FieldInvalidError, SupervisorsOnlyError
from handoff_bridge.handoffs import Figures, Period
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store
from notifications.answers import Scores

_DAYS = 30


class VisitScores(Protocol):
    def scores(self, since: datetime, until: datetime) -> Scores: ...


@dataclass(frozen=True)
class Reports:
    """Reads only."""

    store: Store
    clock: Clock
    business: Business
    visits: VisitScores

    def lately(self) -> Period:
        """The last thirty days of the business, today included."""
        today = self.clock().astimezone(self.business.zone).date()
        return Period(today - timedelta(days=_DAYS - 1), today)

    def handoffs(self, agent: Agent, period: Period) -> Sequence[Figures]:
        """Those requested in the period: per department and, at the end, in total.

        Raises `SupervisorsOnlyError`, and `FieldInvalidError` for a period that ends before it begins.
        """
        since, until = self._bounds(agent, period)
        with self.store.begin() as t:
            return t.handoffs.figures(since, until)

    def visit_scores(self, agent: Agent, period: Period) -> Scores:
        """What customers answered to the questions mailed in the period. Raises the same."""
        return self.visits.scores(*self._bounds(agent, period))

    def _bounds(self, agent: Agent, period: Period) -> tuple[datetime, datetime]:
        if agent.role is Role.AGENT:
            raise SupervisorsOnlyError
        if period.last < period.first:
            raise FieldInvalidError("to", "a day that is not before the first")
        zone = self.business.zone
        first, after = period.first, period.last + timedelta(days=1)
        return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)
