"""Who gets a conversation that waits, by rule.

Asked first is who has refused it least often in this wait; among those the person wanted in a transfer, a supervisor if
it went up to them, who held it last, who has the language and most of the skills, who is least loaded, and who has been
idle longest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from business.model import Business
from handoff_bridge.candidates import Colleague, Hindrance, Waiting, hindrance, precedence
from handoff_bridge.people import Agent, Role

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Standing:
    """What the rules say of an agent for one conversation; no hindrance means that they may be asked."""

    agent: Agent
    hindrance: Hindrance | None


def planned(
    line: Sequence[Waiting], colleagues: Sequence[Colleague], now: datetime, business: Business
) -> list[tuple[Waiting, Agent]]:
    """Who is to be asked for which conversation now, nobody for more than they have room for."""
    plan = []
    people = {colleague.agent.id: colleague for colleague in colleagues}
    for waiting in sorted(line, key=precedence):
        if not any(colleague.has_room for colleague in people.values()):
            break
        first = ranked(waiting, tuple(people.values()), now, business)[0]
        if first.hindrance is None:
            plan.append((waiting, first.agent))
            chosen = people[first.agent.id]
            people[first.agent.id] = replace(chosen, offered=chosen.offered + 1)
    return plan


def ranked(
    waiting: Waiting, colleagues: Sequence[Colleague], now: datetime, business: Business
) -> tuple[Standing, ...]:
    """Every colleague: those who may be asked, in the order in which they are, then the others and why not."""
    need = _need(waiting, colleagues, now, business)
    found = [(colleague, _hindrance(waiting, colleague, need, now)) for colleague in colleagues]
    found.sort(key=lambda one: (one[1] is not None, _order(waiting, one[0], need)))
    return tuple(Standing(colleague.agent, why_not) for colleague, why_not in found)


@dataclass(frozen=True)
class _Need:
    """What a conversation needs; `must_…` is what cannot be done without yet. `rests_for` follows a refusal."""

    speakers: frozenset[int]
    skills: frozenset[str]
    must_speak: bool
    must_have: frozenset[str]
    rests_for: timedelta

    def lacks(self, agent: Agent) -> tuple[bool, int]:
        return agent.id not in self.speakers, len(self.skills - set(agent.skills))


def _need(waiting: Waiting, colleagues: Sequence[Colleague], now: datetime, business: Business) -> _Need:
    """The language and the skills are insisted on for a while, as long as somebody with them is there at all."""
    rules, language = business.handoff.routing, waiting.conversation.language
    speakers = frozenset(c.agent.id for c in colleagues if language in (c.agent.languages or business.languages[:1]))
    skills = frozenset(rules.skills[topic] for topic in _topics(waiting, business) if topic in rules.skills)
    insists = now - waiting.since < timedelta(seconds=rules.skill_seconds)
    there = [c.agent for c in colleagues if insists and hindrance(waiting, c, now) in (None, Hindrance.FULL)]
    return _Need(
        speakers=speakers,
        skills=skills,
        must_speak=any(agent.id in speakers for agent in there),
        must_have=skills & {skill for agent in there for skill in agent.skills},
        rests_for=timedelta(seconds=rules.ask_again_seconds),
    )


def _topics(waiting: Waiting, business: Business) -> Iterator[str]:
    """The service, if it is one of the department that is waited for, and the reason of the handoff."""
    service = business.services.get(waiting.service or "")
    if waiting.service and service and service.department == waiting.department:
        yield waiting.service
    if waiting.conversation.handoff:
        yield waiting.conversation.handoff.reason


def _hindrance(waiting: Waiting, colleague: Colleague, need: _Need, now: datetime) -> Hindrance | None:
    if found := hindrance(waiting, colleague, now):
        return found
    agent, refused = colleague.agent, waiting.refused_by(colleague.agent)
    if refused.times and now - refused.last_at < need.rests_for:
        return Hindrance.ASKED
    if waiting.wants(agent) or waiting.knows(agent):
        return None
    if need.must_speak and agent.id not in need.speakers:
        return Hindrance.LANGUAGE
    return Hindrance.SKILL if need.must_have - set(agent.skills) else None


def _order(waiting: Waiting, colleague: Colleague, need: _Need) -> tuple[object, ...]:
    agent = colleague.agent
    return (
        waiting.refused_by(agent).times,
        not waiting.wants(agent),
        not (waiting.is_escalated and agent.role is not Role.AGENT),
        not waiting.knows(agent),
        *need.lacks(agent),
        (colleague.held + colleague.offered) / agent.capacity,
        colleague.last_moved_at or _NEVER,
        agent.id,
    )
