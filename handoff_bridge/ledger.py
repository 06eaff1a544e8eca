"""Keeps handoffs and assignments as rows, in the transaction of the move they come from."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from business.model import Business
from handoff_bridge.handoffs import TAKE_OVER, HandoffDraft, HandoffRecord, Outcome
from handoff_bridge.model import Conversation, Handoff, Move, State, Transition
from handoff_bridge.ports import Transaction

_ENDS: Mapping[Move, Outcome] = MappingProxyType(
    {
        Move.RESOLVE: Outcome.RESOLVED,
        Move.RETURN: Outcome.RETURNED,
        Move.TRANSFER: Outcome.TRANSFERRED,
        Move.REQUEUE: Outcome.REQUEUED,
        Move.WITHDRAW: Outcome.WITHDRAWN,
        Move.EXPIRE: Outcome.EXPIRED,
    }
)


class Briefs(Protocol):
    """Whoever knows what a person should know who comes to a conversation."""

    def brief(
        self, t: Transaction, conversation: Conversation, handoff: Handoff, done: Transition
    ) -> Mapping[str, Any]: ...


class Ledger:
    """A follower of moves. A conversation that was moved before there were rows gets its row when somebody comes."""

    def __init__(self, business: Business, briefs: Briefs) -> None:
        self._business = business
        self._briefs = briefs

    def moved(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None:
        if outcome := _ENDS.get(done.move):
            t.handoffs.end(after.id, outcome, done.at)
        if after.state is State.WAITING and after.handoff:
            self._open(t, after, after.handoff, done)
        elif after.state is State.WITH_AGENT:
            self._accept(t, before, after, done)

    def _accept(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None:
        waited_for = t.handoffs.current(after.id)
        if waited_for is None:
            handoff = before.handoff or self._unasked(t, after)
            waited_for = self._open(t, after, handoff, done, since=before.waiting_since)
        t.handoffs.accept(waited_for, after.agent_id or 0, done.at)

    def _open(
        self, t: Transaction, after: Conversation, handoff: Handoff, done: Transition, *, since: datetime | None = None
    ) -> HandoffRecord:
        context = self._briefs.brief(t, after, handoff, done)
        return t.handoffs.open(after, HandoffDraft(handoff, done.epoch, _who(t, done), since or done.at, context))

    def _unasked(self, t: Transaction, after: Conversation) -> Handoff:
        """What is written down of an agent who comes by themselves."""
        agent = t.agents.get(after.agent_id or 0)
        departments = agent.departments if agent else ()
        return Handoff(next(iter(departments), self._business.handoff.default_department), reason=TAKE_OVER)


def _who(t: Transaction, done: Transition) -> str:
    """The agent's name, or the kind of whoever else it was."""
    agent = t.agents.get(done.who.agent_id) if done.who.agent_id is not None else None
    return agent.name if agent else done.who.kind.value
