"""Who waits, who could take them, and what nobody may overlook: facts from rows that were read, without any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from handoff_bridge.model import Conversation, Urgency
from handoff_bridge.people import Agent, Availability, Role


class Hindrance(StrEnum):
    """Why an agent is not asked."""

    OFFLINE = "offline"
    ABSENT = "absent"
    BUSY = "busy"
    DEPARTMENT = "department"
    FULL = "full"
    LANGUAGE = "language"
    SKILL = "skill"
    ASKED = "asked"


@dataclass(frozen=True)
class Colleague:
    """An agent with what they have in hand: conversations held, offers open, and when they last moved one."""

    agent: Agent
    held: int = 0
    offered: int = 0
    last_moved_at: datetime | None = None

    @property
    def has_room(self) -> bool:
        return self.held + self.offered < self.agent.capacity


@dataclass(frozen=True)
class Refusals:
    """How often an agent declined a conversation in this wait, or let the offer run out, and when last."""

    times: int
    last_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A conversation in line with what decides who gets it. `service` is the one it is about, as far as is known."""

    conversation: Conversation
    last_agent_id: int | None = None
    was_transferred: bool = False
    service: str | None = None
    is_escalated: bool = False
    refusals: Mapping[int, Refusals] = field(default_factory=dict)

    @property
    def department(self) -> str:
        return self.conversation.handoff.department if self.conversation.handoff else ""

    @property
    def since(self) -> datetime:
        return self.conversation.waiting_since or self.conversation.updated_at

    def wants(self, agent: Agent) -> bool:
        """Whether the conversation was passed on to this person."""
        return self.conversation.handoff is not None and self.conversation.handoff.wanted_agent_id == agent.id

    def knows(self, agent: Agent) -> bool:
        """Whether the customer spoke with the agent last time."""
        return agent.id == self.last_agent_id and not self.was_transferred

    def is_for(self, agent: Agent) -> bool:
        """Whether it is the agent's business: their department's, meant for them, or gone up to the supervisors."""
        is_above = self.is_escalated and agent.role is not Role.AGENT
        return self.department in agent.departments or self.wants(agent) or is_above

    def refused_by(self, agent: Agent) -> Refusals:
        """Who has just passed it on counts as one who declined it."""
        known = self.refusals.get(agent.id, Refusals(0, self.since))
        has_passed_on = self.was_transferred and agent.id == self.last_agent_id and not self.wants(agent)
        return replace(known, times=known.times + 1) if has_passed_on else known


def precedence(waiting: Waiting) -> tuple[int, datetime, str]:
    """Sorts a line: the more urgent first, then who has waited longer."""
    urgency = waiting.conversation.handoff.urgency if waiting.conversation.handoff else Urgency.NORMAL
    return -list(Urgency).index(urgency), waiting.since, waiting.conversation.id


def hindrance(waiting: Waiting, colleague: Colleague, now: datetime) -> Hindrance | None:
    """Who is not there, has no room or is of another department gets nothing, whatever the rules say."""
    if away := absence(colleague.agent, now):
        return away
    if not waiting.is_for(colleague.agent):
        return Hindrance.DEPARTMENT
    return None if colleague.has_room else Hindrance.FULL


def absence(agent: Agent, now: datetime) -> Hindrance | None:
    """Why nothing may be given to the agent unasked."""
    if agent.availability is Availability.OFFLINE:
        return Hindrance.OFFLINE
    if not agent.is_present(now):
        return Hindrance.ABSENT
    return Hindrance.BUSY if agent.availability is Availability.BUSY else None
