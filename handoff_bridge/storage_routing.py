"""What the router looks at, on PostgreSQL: who waits, and who could take them. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, select, tuple_

from business.routing import SUPERVISOR
from handoff_bridge.candidates import Colleague, Refusals, Waiting
from handoff_bridge.model import Move, State, Urgency
from handoff_bridge.offers import REFUSED, OfferState
from handoff_bridge.people import Place
from handoff_bridge.storage_agents import AGENT_COLUMNS, agent_of
from handoff_bridge.storage_conversations import conversation_of
from handoff_bridge.storage_offers import escalations, offers
from handoff_bridge.storage_tables import agents, conversations, facts, transitions

_RANKS = {urgency: -rank for rank, urgency in enumerate(Urgency)}  # the lower the sooner

PLACE = (
    case({urgency.value: rank for urgency, rank in _RANKS.items()}, value=conversations.c.urgency),
    conversations.c.waiting_since,
    conversations.c.id,
)
"""What a line is sorted by: the more urgent first, then who has waited longer."""


def place_in_line(urgency: Urgency, since: datetime, conversation_id: str) -> Any:
    """The values of `PLACE` for one conversation."""
    return tuple_(literal(_RANKS[urgency]), literal(since), literal(conversation_id))


class PostgresRouting:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_anybody_waiting(self) -> bool:
        return self._connection.scalar(select(select(conversations.c.id).where(_WAITS).exists())) or False

    def line(self, departments: Collection[str], limit: int) -> Sequence[Waiting]:
        return self._waiting(conversations.c.department.in_(departments), limit)

    def waiting(self, conversation_id: str) -> Waiting | None:
        found = self._waiting(conversations.c.id == conversation_id, 1)
        return found[0] if found else None

    def colleagues(self, agent_ids: Collection[int] | None = None) -> Sequence[Colleague]:
        if agent_ids is not None and not agent_ids:
            return ()
        these = (agents.c.id.in_(agent_ids),) if agent_ids else ()
        inside = _IN_HAND.where(agents.c.place == Place.INBOX, *these).order_by(agents.c.id)
        return [_colleague(row) for row in self._connection.execute(inside)]

    def colleague(self, agent_id: int) -> Colleague | None:
        row = self._connection.execute(_IN_HAND.where(agents.c.id == agent_id)).one_or_none()
        return _colleague(row) if row else None

    def _waiting(self, which: ColumnElement[bool], limit: int) -> list[Waiting]:
        is_offered = _of(offers.c.conversation_id, offers.c.state == OfferState.OPEN).exists()
        query = _WITH_PAST.where(_WAITS, which, ~is_offered).order_by(*PLACE).limit(limit)
        rows = self._connection.execute(query).all()
        refusals = self._refusals([row.id for row in rows])
        return [
            Waiting(
                conversation=conversation_of(row),
                last_agent_id=row.last_agent_id,
                was_transferred=row.began_with == Move.TRANSFER,
                service=row.service if isinstance(row.service, str) else None,
                is_escalated=row.is_escalated,
                refusals=refusals.get(row.id, {}),
            )
            for row in rows
        ]

    def _refusals(self, conversation_ids: Sequence[str]) -> Mapping[str, Mapping[int, Refusals]]:
        key = (offers.c.conversation_id, offers.c.agent_id)
        query = (
            select(*key, func.count().label("times"), func.max(offers.c.ended_at).label("last_at"))
            .join(conversations, _of_this_wait(offers))
            .where(offers.c.conversation_id.in_(conversation_ids), offers.c.state.in_(REFUSED))
            .group_by(*key)
        )
        found: defaultdict[str, dict[int, Refusals]] = defaultdict(dict)
        for row in self._connection.execute(query) if conversation_ids else ():
            found[row.conversation_id][row.agent_id] = Refusals(row.times, row.last_at)
        return found


_WAITS = conversations.c.state == State.WAITING


def _with_past() -> Any:
    """Conversations with who held them last, with what their wait began, what it is about, and whether it went up."""
    holder = _of(transitions.c.conversation_id, transitions.c.after == State.WITH_AGENT, column=transitions.c.agent_id)
    begun = _of(transitions.c.conversation_id, transitions.c.epoch == conversations.c.epoch, column=transitions.c.move)
    service = _of(facts.c.conversation_id, facts.c.name == "service", column=facts.c.value)
    went_up = select(escalations.c.id).where(_of_this_wait(escalations), escalations.c.after == SUPERVISOR)
    return select(
        conversations,
        holder.order_by(transitions.c.epoch.desc()).limit(1).scalar_subquery().label("last_agent_id"),
        begun.scalar_subquery().label("began_with"),
        service.scalar_subquery().label("service"),
        went_up.correlate(conversations).exists().label("is_escalated"),
    )


def _of(owner: Any, *conditions: Any, column: Any = None) -> Any:
    """A subquery over rows of the conversation in the outer query."""
    chosen = owner if column is None else column
    return select(chosen).where(owner == conversations.c.id, *conditions).correlate(conversations)


def _of_this_wait(table: Any) -> ColumnElement[bool]:
    return and_(table.c.conversation_id == conversations.c.id, table.c.epoch == conversations.c.epoch)


def _in_hand() -> Any:
    held = select(func.count()).where(conversations.c.agent_id == agents.c.id)
    offered = select(func.count()).where(offers.c.agent_id == agents.c.id, offers.c.state == OfferState.OPEN)
    moved_at = select(transitions.c.at).where(transitions.c.agent_id == agents.c.id)
    return select(
        *AGENT_COLUMNS,
        held.scalar_subquery().label("held"),
        offered.scalar_subquery().label("offered"),
        moved_at.order_by(transitions.c.id.desc()).limit(1).scalar_subquery().label("last_moved_at"),
    )


def _colleague(row: Row[Any]) -> Colleague:
    return Colleague(agent_of(row), row.held, row.offered, row.last_moved_at)


# Made once: each look of the router asks them, and making them costs more than asking.
_IN_HAND, _WITH_PAST = _in_hand(), _with_past()
