"""What supervisors ask about the past: how long customers waited, what came of it, how they liked it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from business.clock import Clock
from business.model import Business
from handoff_bridge.errors import FieldInvalidError, SupervisorsOnlyError
from handoff_bridge.handoffs import Figures, Period
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store

_DAYS = 30


@dataclass(frozen=True)
class Reports:
    """Reads only."""

    store: Store
    clock: Clock
    business: Business

    def lately(self) -> Period:
        """The last thirty days of the business, today included."""
        today = self.clock().astimezone(self.business.zone).date()
        return Period(today - timedelta(days=_DAYS - 1), today)

    def handoffs(self, agent: Agent, period: Period) -> Sequence[Figures]:
        """Those requested in the period: per department and, at the end, in total.

        Raises `SupervisorsOnlyError`, and `FieldInvalidError` for a period that ends before it begins.
        """
        if agent.role is Role.AGENT:
            raise SupervisorsOnlyError
        if period.last < period.first:
            raise FieldInvalidError("to", "a day that is not before the first")
        since, until = (
            datetime.combine(day, time(), tzinfo=self.business.zone)
            for day in (period.first, period.last + timedelta(days=1))
        )
        with self.store.begin() as t:
            return t.handoffs.figures(since, until)
