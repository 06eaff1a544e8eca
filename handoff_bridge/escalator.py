"""Takes handoffs that nobody answered in time a tier up, by the rules of `handoff.escalation` in business.yml."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import structlog

from business.clock import Clock
from business.hours import open_time_ago
from business.model import Business
from business.routing import SUPERVISOR
from business.routing import Escalation as Rule
from handoff_bridge.events import Event, Kind
from handoff_bridge.model import Conversation, State, Urgency
from handoff_bridge.offers import Escalation
from handoff_bridge.people import Role
from handoff_bridge.ports import Store, Transaction

log = structlog.get_logger(__name__)


class Escalator:
    """A job of the clockwork. What went up is a row, so that it goes up each tier once, however many look."""

    def __init__(self, store: Store, clock: Clock, business: Business) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._tiers = tuple(_tiers(business.handoff.escalation))

    def tick(self) -> None:
        """Looks for handoffs whose answer is overdue; the time counts while the department is open."""
        for conversation_id, tier, rule in self._overdue():
            with self._store.begin() as t:
                self._go_up(t, conversation_id, tier, rule)

    def _overdue(self) -> list[tuple[str, int, Rule]]:
        now, found = self._clock(), []
        with self._store.look() as t:
            for tier, rule in self._tiers if t.routing.is_anybody_waiting() else ():
                after = timedelta(seconds=rule.after_seconds)
                for department in self._business.departments:
                    limit = open_time_ago(self._business, now, after, department=department)
                    due = t.escalations.due(Urgency(rule.urgency), tier, (department,), limit) if limit else ()
                    found += [(conversation_id, tier, rule) for conversation_id in due]
        return found

    def _go_up(self, t: Transaction, conversation_id: str, tier: int, rule: Rule) -> None:
        conversation, now = t.conversations.lock(conversation_id), self._clock()
        if conversation is None or not _is_meant(conversation, rule) or conversation.handoff is None:
            return
        department = conversation.handoff.department
        if not t.escalations.add(conversation, Escalation(tier, department, rule.to, now)):
            return
        if rule.to not in (SUPERVISOR, department):
            t.escalations.refer(conversation_id, rule.to, now)
        self._tell(t, conversation, tier, rule)

    def _tell(self, t: Transaction, conversation: Conversation, tier: int, rule: Rule) -> None:
        for agent in t.agents.all():
            if agent.role is not Role.AGENT:
                t.tell(Event(Kind.ESCALATION, conversation.id, agent_id=agent.id, tier=tier, to=rule.to))
        t.tell(Event(Kind.CONVERSATION, conversation.id))
        t.tell(Event(Kind.QUEUE))
        log.warning(
            "Nobody answered in time, so a conversation went up a tier.",
            action="escalate",
            conversation_id=conversation.id,
            tier=tier,
            to=rule.to,
        )


def _tiers(rules: tuple[Rule, ...]) -> Iterator[tuple[int, Rule]]:
    """Each rule with its tier: the first, second, … of its urgency by time."""
    passed: defaultdict[str, int] = defaultdict(int)
    for rule in sorted(rules, key=lambda rule: rule.after_seconds):
        passed[rule.urgency] += 1
        yield passed[rule.urgency], rule


def _is_meant(conversation: Conversation, rule: Rule) -> bool:
    is_waiting = conversation.state is State.WAITING
    return is_waiting and conversation.handoff is not None and conversation.handoff.urgency == rule.urgency
