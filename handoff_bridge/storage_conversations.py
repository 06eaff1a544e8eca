"""Conversations, their transitions and their facts on PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from handoff_bridge.errors import AlreadyMovedError
from handoff_bridge.model import Conversation, Handoff, State, Transition, Urgency
from handoff_bridge.people import Place
from handoff_bridge.storage_tables import agents, contacts, conversations, facts, transitions

# Made once: these run with every message, and making a statement costs more than running it.
_LOCK = select(conversations).where(conversations.c.id == bindparam("conversation")).with_for_update(key_share=True)
_LOCK_OF_CONTACT = (
    select(conversations).where(conversations.c.contact_id == bindparam("contact")).with_for_update(key_share=True)
)
_ONE = update(conversations).where(conversations.c.id == bindparam("conversation"))
_MARK_READ = _ONE.values(read_up_to=func.greatest(conversations.c.read_up_to, bindparam("up_to")))
_SPOKEN = func.coalesce(bindparam("spoken", type_=Text), conversations.c.language)
_TOUCH = _ONE.values(updated_at=bindparam("now"), language=_SPOKEN)


class PostgresConversations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, conversation_id: str) -> Conversation | None:
        return self._one(select(conversations).where(conversations.c.id == conversation_id))

    def of_contact(self, contact_id: int) -> Conversation | None:
        return self._one(select(conversations).where(conversations.c.contact_id == contact_id))

    def of_phone(self, number: str) -> Conversation | None:
        is_address = contacts.c.address.in_((number, number.removeprefix("+")))  # some channels leave the + out
        query = select(conversations).join(contacts, contacts.c.id == conversations.c.contact_id)
        theirs = query.where(or_(is_address, contacts.c.phone == number))
        return self._one(theirs.order_by(conversations.c.updated_at.desc()).limit(1))

    def lock(self, conversation_id: str) -> Conversation | None:
        row = self._connection.execute(_LOCK, {"conversation": conversation_id}).one_or_none()
        return conversation_of(row) if row else None

    def lock_or_open(self, conversation: Conversation) -> Conversation:
        theirs = {"contact": conversation.contact_id}
        row = self._connection.execute(_LOCK_OF_CONTACT, theirs).one_or_none()
        if row is None:
            self._connection.execute(insert(conversations).values(_columns(conversation)).on_conflict_do_nothing())
            row = self._connection.execute(_LOCK_OF_CONTACT, theirs).one()
        return conversation_of(row)

    def move(self, conversation: Conversation, transition: Transition) -> None:
        before = (conversations.c.id == conversation.id, conversations.c.epoch == transition.epoch - 1)
        moved = self._connection.execute(update(conversations).where(*before).values(_columns(conversation)))
        if moved.rowcount != 1:
            raise AlreadyMovedError
        self._connection.execute(
            insert(transitions).values(
                account_id=conversation.account_id,
                conversation_id=conversation.id,
                epoch=transition.epoch,
                move=transition.move,
                before=transition.before,
                after=transition.after,
                mover=transition.who.kind,
                agent_id=transition.who.agent_id,
                reason=transition.reason,
                at=transition.at,
            )
        )

    def touch(self, conversation_id: str, now: datetime, language: str | None = None) -> None:
        values = {"conversation": conversation_id, "now": now, "spoken": language}
        self._connection.execute(_TOUCH, values)

    def hurry(self, conversation_id: str, urgency: Urgency, now: datetime) -> None:
        self._update(conversation_id, urgency=urgency, updated_at=now)

    def notice(self, conversation_id: str, at: datetime | None) -> None:
        self._update(conversation_id, noticed_at=at)

    def mark_read(self, conversation_id: str, up_to: int) -> None:
        self._connection.execute(_MARK_READ, {"conversation": conversation_id, "up_to": up_to})

    def facts(self, conversation_id: str) -> Mapping[str, Any]:
        query = select(facts.c.name, facts.c.value).where(facts.c.conversation_id == conversation_id)
        return {row.name: row.value for row in self._connection.execute(query.order_by(facts.c.name))}

    def replace_facts(self, conversation: Conversation, new: Mapping[str, Any], now: datetime) -> None:
        gone = (facts.c.conversation_id == conversation.id, facts.c.name.not_in(list(new)))
        self._connection.execute(delete(facts).where(*gone))
        if not new:
            return
        rows = [
            {
                "account_id": conversation.account_id,
                "conversation_id": conversation.id,
                "name": name,
                "value": value,
                "updated_at": now,
            }
            for name, value in new.items()
        ]
        write = insert(facts).values(rows)
        changed = {"value": write.excluded.value, "updated_at": write.excluded.updated_at}
        self._connection.execute(
            write.on_conflict_do_update(
                index_elements=["conversation_id", "name"], set_=changed, where=facts.c.value != write.excluded.value
            )
        )

    def waiting_since_before(self, limit: datetime, departments: Collection[str]) -> Sequence[str]:
        of_departments = conversations.c.department.in_(departments)
        waiting = (conversations.c.state == State.WAITING, conversations.c.waiting_since < limit, of_departments)
        query = select(conversations.c.id).where(*waiting).order_by(conversations.c.waiting_since)
        return self._connection.scalars(query.limit(100)).all()

    def held_by_absent(self, last_seen_before: datetime) -> Sequence[str]:
        absent = or_(agents.c.last_seen_at.is_(None), agents.c.last_seen_at < last_seen_before)
        inside = select(conversations.c.id).join(agents, conversations.c.agent_id == agents.c.id)
        query = inside.where(absent, agents.c.place == Place.INBOX)
        return self._connection.scalars(query.limit(100)).all()

    def _one(self, query: Any) -> Conversation | None:
        row = self._connection.execute(query).one_or_none()
        return conversation_of(row) if row else None

    def _update(self, conversation_id: str, **values: Any) -> None:
        self._connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))


def conversation_of(row: Row[Any]) -> Conversation:
    """The conversation in a row that has at least the columns of the table."""
    return Conversation(
        id=row.id,
        account_id=row.account_id,
        contact_id=row.contact_id,
        channel=row.channel,
        language=row.language,
        state=State(row.state),
        epoch=row.epoch,
        agent_id=row.agent_id,
        waiting_since=row.waiting_since,
        handoff=_handoff(row),
        noticed_at=row.noticed_at,
        read_up_to=row.read_up_to,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _handoff(row: Row[Any]) -> Handoff | None:
    if row.department is None:
        return None
    return Handoff(row.department, Urgency(row.urgency), row.reason or "", row.note or "", row.wanted_agent_id)


def _columns(conversation: Conversation) -> dict[str, Any]:
    handoff = conversation.handoff
    return {
        "id": conversation.id,
        "account_id": conversation.account_id,
        "contact_id": conversation.contact_id,
        "channel": conversation.channel,
        "language": conversation.language,
        "state": conversation.state,
        "epoch": conversation.epoch,
        "agent_id": conversation.agent_id,
        "waiting_since": conversation.waiting_since,
        "department": handoff and handoff.department,
        "urgency": handoff and handoff.urgency,
        "reason": handoff and handoff.reason,
        "note": handoff and handoff.note,
        "wanted_agent_id": handoff and handoff.wanted_agent_id,
        "noticed_at": conversation.noticed_at,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }
