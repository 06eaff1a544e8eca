"""What supervisors see of the triggers: each decision with its reasons, and how many there were of which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handoff_bridge.errors import FieldInvalidError, SupervisorsOnlyError
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store
from handoff_bridge.triggers.model import DecisionRecord, Outcome

_PAGE = 100  # decisions


@dataclass(frozen=True)
class DecisionPage:
    """Newest first; `counts` are of all decisions, by trigger and outcome."""

    decisions: Sequence[DecisionRecord]
    counts: Mapping[tuple[str | None, Outcome], int]


@dataclass(frozen=True)
class DecisionRecords:
    """Reads only."""

    store: Store

    def page(
        self, agent: Agent, *, before: int | None = None, trigger: str | None = None, outcome: str | None = None
    ) -> DecisionPage:
        """A page of those before an id. Without an `outcome` those on which nothing fired are left out.

        Raises `SupervisorsOnlyError`, and `FieldInvalidError` for an outcome that does not exist.
        """
        if agent.role is Role.AGENT:
            raise SupervisorsOnlyError
        if outcome is not None and outcome not in list(Outcome):
            raise FieldInvalidError("decision", "one of " + ", ".join(Outcome))
        wanted = Outcome(outcome) if outcome else None
        with self.store.begin() as t:
            found = t.decisions.page(before=before, trigger=trigger, outcome=wanted, limit=_PAGE)
            return DecisionPage(found, t.decisions.counts())
