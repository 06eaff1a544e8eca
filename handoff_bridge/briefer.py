"""Gathers what a briefing is made of, when a person is asked for. What cannot be read or made is left out of it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import structlog

from business.model import Business
from handoff_bridge import briefing
from handoff_bridge.briefing import Material, Sentiment
from handoff_bridge.briefing_summary import summary
from handoff_bridge.engagements import Diary, Engagement, Person
from handoff_bridge.fact_words import FactWords
from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation, Handoff, Move, Mover, Transition
from handoff_bridge.people import Contact
from handoff_bridge.ports import Transaction

log = structlog.get_logger(__name__)

_MOST = 200  # messages of a talk that are looked at

_PARTS: Mapping[str, Callable[[Material], Any]] = MappingProxyType(
    {
        "summary": summary,
        "topics": briefing.topics,
        "sentiment": briefing.sentiment,
        "service": briefing.service,
        "wishes": briefing.wishes,
        "messages": briefing.length,
        "minutes": briefing.minutes,
        "last_lines": briefing.last_lines,
        "appointments": briefing.appointments,
        "customer": briefing.customer,
    }
)


def _neutral(_: str) -> float:
    return 0.0


class Briefer:
    """Reads in the move's transaction, and never makes the move fail by what it cannot make of what it read."""

    def __init__(self, business: Business, diary: Diary, words: FactWords, sentiment: Sentiment = _neutral) -> None:
        self._business = business
        self._diary = diary
        self._words = words
        self._sentiment = sentiment

    def brief(self, t: Transaction, conversation: Conversation, handoff: Handoff, done: Transition) -> dict[str, Any]:
        """The `context` of docs/interfaces.md."""
        contact = t.contacts.get(conversation.contact_id)
        material = Material(
            business=self._business,
            handoff=handoff,
            move=done.move,
            who=_who(t, done),
            facts=self._words.of(t.conversations.facts(conversation.id)),
            customer={"name": contact.name, "email": contact.email, "phone": contact.phone},
            said=_talk(t, conversation),
            appointments=self._appointments(conversation, contact),
            now=done.at,
            sentiment=self._sentiment,
        )
        context: dict[str, Any] = {"language": conversation.language}
        for name, make in _PARTS.items():
            try:
                context[name] = make(material)
            except Exception:  # a person comes all the same
                log.exception("A context lacks a part.", action="context_part", part=name)
        return context

    def _appointments(self, conversation: Conversation, contact: Contact) -> Sequence[Engagement]:
        try:
            return self._diary.of_person(Person(conversation.id, contact.email, contact.phone))
        except Exception:  # the calendar may be elsewhere and away; a person comes all the same
            log.exception("A context lacks the appointments.", action="context_part", part="appointments")
            return ()


def _talk(t: Transaction, conversation: Conversation) -> Sequence[Message]:
    """What was said since the conversation began, or since the customer came back to it."""
    records = [record.transition for record in t.queues.transitions(conversation.id)]
    began = max((one.at for one in records if one.move is Move.REOPEN), default=conversation.created_at)
    return [one for one in t.messages.before(conversation.id, None, _MOST) if one.created_at >= began]


def _who(t: Transaction, done: Transition) -> str:
    """The name of the agent who moved; empty when it was none."""
    agent_id = done.who.agent_id if done.who.kind in (Mover.AGENT, Mover.ADMINISTRATOR) else None
    agent = t.agents.get(agent_id) if agent_id is not None else None
    return agent.name if agent else ""
