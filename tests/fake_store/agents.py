"""Agents in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import override

from handoff_bridge import ports
from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Place
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.tables import AgentRow
from tests.fake_store.work import Work


class FakeAgents(ports.Agents):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.agents

    @override
    def add(self, agent: Agent, password_hash: str, now: datetime) -> bool:
        others = [row.agent for row in self._rows.values()]
        is_second_outside = agent.place is Place.OUTSIDE and self.outside() is not None
        if is_second_outside or agent.email in {other.email for other in others}:
            return False
        if agent.email != agent.email.lower() or agent.capacity <= 0:
            raise LawBrokenError("an agent has a small-letter address and room for somebody")
        made = replace(agent, id=next(self._work.ids), last_seen_at=None)
        self._rows[made.id] = AgentRow(made, password_hash)
        return True

    def all(self) -> Sequence[Agent]:
        inside = (row.agent for row in self._rows.values() if row.agent.place is Place.INBOX)
        return sorted(inside, key=lambda agent: agent.name)

    def outside(self) -> Agent | None:
        return next((row.agent for row in self._rows.values() if row.agent.place is Place.OUTSIDE), None)

    def get(self, agent_id: int) -> Agent | None:
        row = self._rows.get(agent_id)
        return row.agent if row else None

    def lock(self, agent_id: int) -> Agent | None:
        row = self._lock(agent_id)
        return row.agent if row else None

    def by_email(self, email: str) -> tuple[Agent, str] | None:
        named = (row for row in self._rows.values() if row.agent.email == email and row.agent.place is Place.INBOX)
        return next(((row.agent, row.password_hash) for row in named), None)

    def seen(self, agent_id: int, now: datetime) -> bool:
        row = self._lock(agent_id)
        if row is None:
            return True
        before = row.agent.last_seen_at
        self._rows[agent_id] = replace(row, agent=replace(row.agent, last_seen_at=now))
        return before is None or now - before > ABSENT_AFTER

    def set_availability(self, agent_id: int, availability: Availability) -> None:
        if row := self._lock(agent_id):
            self._rows[agent_id] = replace(row, agent=replace(row.agent, availability=availability))

    def set_password(self, agent_id: int, password_hash: str) -> None:
        if row := self._lock(agent_id):
            self._rows[agent_id] = replace(row, password_hash=password_hash)

    def _lock(self, agent_id: int) -> AgentRow | None:
        self._work.locks.take(Kind.AGENT, agent_id)
        return self._rows.get(agent_id)
