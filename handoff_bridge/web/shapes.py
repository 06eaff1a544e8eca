"""The JSON that goes out, as docs/interfaces.md describes it."""

from datetime import datetime
from typing import Any

from handoff_bridge.desk import Opened
from handoff_bridge.engagements import as_json
from handoff_bridge.line import Availability, Status, Wait
from handoff_bridge.messages import Author, Message
from handoff_bridge.people import Agent
from handoff_bridge.ports import Overview, TransitionRecord
from handoff_bridge.tasks import TaskRecord

Shape = dict[str, Any]


def message(said: Message) -> Shape:
    """A message as the customer sees it: never what a button means to the assistant."""
    shape: Shape = {
        "id": said.id,
        "author": said.author.value,
        "name": said.name,
        "text": said.text,
        "buttons": [{"id": button.id, "title": button.title} for button in said.buttons],
        "created_at": said.created_at.isoformat(),
    }
    if said.author is Author.CUSTOMER:
        shape["message_id"] = said.source_id.rpartition(":")[2]
    return shape


def inbox_message(said: Message) -> Shape:
    """A message as an agent sees it."""
    shape = message(said) | {
        "status": said.status.value,
        "failure": said.failure,
        "intent": said.intent,
        "confidence": said.confidence,
    }
    if said.author is Author.AGENT:
        shape["message_id"] = said.source_id.rpartition(":")[2]
    return shape


def wait(range_: Wait | None) -> Shape | None:
    return {"low": range_.low, "high": range_.high} if range_ else None


def status(now: Status) -> Shape:
    return {
        "state": now.state.value,
        "agent": now.agent,
        "position": now.position,
        "wait_seconds": wait(now.wait),
        "assistant": "slow" if now.assistant_is_slow else "ok",
    }


def petition(now: Status) -> Shape:
    """The answer to the actions' request for a person."""
    return {
        "state": now.state.value,
        "position": now.position,
        "wait_seconds": wait(now.wait),
        "assigned_to": now.agent,
    }


def availability(now: Availability) -> Shape:
    return {
        "open": now.open,
        "next_open": _time(now.next_open),
        "agents_online": now.agents_online,
        "agents_free": now.agents_free,
        "queue_length": now.queue_length,
        "wait_seconds": wait(now.wait),
    }


def agent(person: Agent, now: datetime) -> Shape:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "departments": list(person.departments),
        "availability": person.availability.value,
        "present": person.is_present(now),
    }


def summary(overview: Overview) -> Shape:
    """A conversation as a line of a queue."""
    conversation, contact, handoff = overview.conversation, overview.contact, overview.conversation.handoff
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "language": conversation.language,
        "state": conversation.state.value,
        "epoch": conversation.epoch,
        "department": handoff.department if handoff else None,
        "urgency": handoff.urgency.value if handoff else None,
        "reason": handoff.reason if handoff else None,
        "note": handoff.note if handoff else None,
        "customer": {"name": contact.name, "email": contact.email, "phone": contact.phone},
        "assigned_to": _person(conversation.agent_id, overview.agent_name),
        "wanted": _person(handoff.wanted_agent_id if handoff else None, overview.wanted_agent_name),
        "waiting_since": _time(conversation.waiting_since),
        "created_at": _time(conversation.created_at),
        "updated_at": _time(conversation.updated_at),
        "last_message": inbox_message(overview.last_message) if overview.last_message else None,
        "unread": overview.unread,
    }


def transition(record: TransitionRecord) -> Shape:
    done = record.transition
    return {
        "who": record.agent_name or done.who.kind.value,
        "move": done.move.value,
        "before": done.before.value,
        "after": done.after.value,
        "at": _time(done.at),
        "reason": done.reason,
    }


def handoff(conversation: Opened) -> Shape | None:
    """The last handoff of a conversation, with what was known when it was requested."""
    one = conversation.handoff
    if one is None:
        return None
    return {
        "id": one.id,
        "department": one.department,
        "urgency": one.urgency.value,
        "reason": one.reason,
        "note": one.note,
        "requested_by": one.requested_by,
        "requested_at": _time(one.requested_at),
        "offered_at": _time(one.offered_at),
        "accepted_at": _time(one.accepted_at),
        "accepted_by": _person(one.accepted_by, conversation.accepted_by),
        "answered_at": _time(one.answered_at),
        "ended_at": _time(one.ended_at),
        "outcome": one.outcome.value if one.outcome else None,
        "rating": one.rating,
        "rating_comment": one.rating_comment,
        "escalations": [
            {"tier": up.tier, "before": up.before, "after": up.after, "at": _time(up.at)}
            for up in conversation.escalations
        ],
        "context": dict(one.context),
    }


def opened(conversation: Opened) -> Shape:
    """A conversation with everything an agent needs to answer."""
    return {
        "conversation": summary(conversation.overview),
        "facts": [{"name": name, "value": value} for name, value in conversation.facts.items()],
        "appointments": [as_json(one) for one in conversation.appointments],
        "messages": [inbox_message(said) for said in conversation.messages],
        "has_more": conversation.has_more,
        "transitions": [transition(record) for record in conversation.transitions],
        "handoff": handoff(conversation),
    }


def task(record: TaskRecord) -> Shape:
    """A task; `agent` is who ended it, at `ended_at`."""
    one, contact = record.task, record.contact
    return {
        "id": one.id,
        "kind": one.kind.value,
        "department": one.department,
        "due_at": _time(one.due_at),
        "phone": one.phone,
        "email": one.email,
        "note": one.note,
        "state": one.state.value,
        "conversation_id": one.conversation_id,
        "customer": {"name": contact.name, "email": contact.email, "phone": contact.phone},
        "agent": record.agent_name,
        "created_at": _time(one.created_at),
        "reminded_at": _time(one.reminded_at),
        "missed_at": _time(one.missed_at),
        "ended_at": _time(one.ended_at),
    }


def _person(agent_id: int | None, name: str | None) -> Shape | None:
    return {"id": agent_id, "name": name} if agent_id is not None else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
