"""What the router and the staffing page look at, in memory."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from zoneinfo import ZoneInfo

from business.routing import SUPERVISOR
from handoff_bridge import ports_routing
from handoff_bridge.candidates import Colleague, Refusals, Waiting, precedence
from handoff_bridge.handoffs import TAKE_OVER
from handoff_bridge.model import Conversation, Move, State
from handoff_bridge.offers import REFUSED, OfferState
from handoff_bridge.people import Agent, Place
from tests.fake_store.work import Work


class FakeRouting(ports_routing.Routing):
    def __init__(self, work: Work) -> None:
        self._tables = work.tables

    def is_anybody_waiting(self) -> bool:
        return any(c.state is State.WAITING for c in self._tables.conversations.values())

    def line(self, departments: Collection[str], limit: int) -> Sequence[Waiting]:
        found = (waiting for waiting in self._all_waiting() if waiting.department in departments)
        return sorted(found, key=precedence)[:limit]

    def waiting(self, conversation_id: str) -> Waiting | None:
        return next((one for one in self._all_waiting() if one.conversation.id == conversation_id), None)

    def colleagues(self, agent_ids: Collection[int] | None = None) -> Sequence[Colleague]:
        agents = (row.agent for row in self._tables.agents.values() if agent_ids is None or row.agent.id in agent_ids)
        return [self._with_work(agent) for agent in agents if agent.place is Place.INBOX]

    def colleague(self, agent_id: int) -> Colleague | None:
        row = self._tables.agents.get(agent_id)
        return self._with_work(row.agent) if row else None

    def _all_waiting(self) -> Iterator[Waiting]:
        offered = {o.conversation_id for o in self._tables.offers.values() if o.state is OfferState.OPEN}
        for conversation in self._tables.conversations.values():
            if conversation.state is State.WAITING and conversation.id not in offered:
                yield self._with_past(conversation)

    def _with_past(self, conversation: Conversation) -> Waiting:
        done = [t for (of, _), t in self._tables.transitions.items() if of == conversation.id]
        holders = [t.who.agent_id for t in done if t.after is State.WITH_AGENT]
        service = self._tables.facts.get(conversation.id, {}).get("service")
        wait = (conversation.id, conversation.epoch)
        return Waiting(
            conversation=conversation,
            last_agent_id=holders[-1] if holders else None,
            was_transferred=any(t.epoch == conversation.epoch and t.move is Move.TRANSFER for t in done),
            service=service if isinstance(service, str) else None,
            is_escalated=any(
                (of, epoch) == wait and escalation.after == SUPERVISOR
                for (of, epoch, _), escalation in self._tables.escalations.items()
            ),
            refusals=self._refusals(conversation),
        )

    def _refusals(self, conversation: Conversation) -> Mapping[int, Refusals]:
        found: dict[int, Refusals] = {}
        for offer in self._tables.offers.values():
            is_of_this_wait = (offer.conversation_id, offer.epoch) == (conversation.id, conversation.epoch)
            if is_of_this_wait and offer.state in REFUSED and offer.ended_at is not None:
                before = found.get(offer.agent_id, Refusals(0, offer.ended_at))
                found[offer.agent_id] = Refusals(before.times + 1, max(before.last_at, offer.ended_at))
        return found

    def _with_work(self, agent: Agent) -> Colleague:
        moves = [t.at for t in self._tables.transitions.values() if t.who.agent_id == agent.id]
        return Colleague(
            agent=agent,
            held=sum(c.agent_id == agent.id for c in self._tables.conversations.values()),
            offered=sum(o.agent_id == agent.id and o.state is OfferState.OPEN for o in self._tables.offers.values()),
            last_moved_at=moves[-1] if moves else None,
        )


class FakeStaffing(ports_routing.Staffing):
    def __init__(self, work: Work) -> None:
        self._rows = work.tables.handoffs
        self._agents = work.tables.agents

    def requests(self, department: str, since: datetime, time_zone: str) -> Mapping[datetime, int]:
        came = (
            handoff.requested_at.astimezone(ZoneInfo(time_zone))
            for handoff in self._rows.values()
            if handoff.department == department and handoff.requested_at >= since and handoff.reason != TAKE_OVER
        )
        return Counter(at.replace(minute=0, second=0, microsecond=0, tzinfo=None) for at in came)

    def first_request(self) -> datetime | None:
        return min((handoff.requested_at for handoff in self._rows.values()), default=None)

    def handling(self, department: str, since: datetime) -> tuple[int, float | None]:
        seconds = [
            (handoff.ended_at - handoff.accepted_at).total_seconds()
            for handoff in self._rows.values()
            if handoff.department == department
            and handoff.accepted_at is not None
            and handoff.accepted_at >= since
            and handoff.ended_at is not None
            and self._agents[handoff.accepted_by or 0].agent.place is Place.INBOX
        ]
        return len(seconds), fmean(seconds) if seconds else None
