"""What the desk looks at: queues, counts, places in line. Reads only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, select, tuple_

from handoff_bridge.messages import Author, Message
from handoff_bridge.model import Conversation, Move, Mover, State, Transition, Who
from handoff_bridge.people import Availability, Contact, Place
from handoff_bridge.ports import Overview, QueueNumbers, TransitionRecord
from handoff_bridge.storage_contacts import COLUMNS as CONTACT_COLUMNS
from handoff_bridge.storage_conversations import conversation_of
from handoff_bridge.storage_messages import message_of
from handoff_bridge.storage_routing import PLACE, place_in_line
from handoff_bridge.storage_tables import agents, contacts, conversations, messages, transitions, turns

_SAMPLE = 100  # finished conversations from which the mean is taken


class PostgresQueues:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def overviews(
        self, *, state: State, agent_id: int | None, excluding: int | None, before: datetime | None, limit: int
    ) -> Sequence[Overview]:
        query = _overview().where(conversations.c.state == state)
        if agent_id is not None:
            query = query.where(conversations.c.agent_id == agent_id)
        if excluding is not None:
            query = query.where(conversations.c.agent_id != excluding)
        if before is not None:
            query = query.where(conversations.c.updated_at < before)
        order = conversations.c.waiting_since if state is State.WAITING else conversations.c.updated_at.desc()
        return self._overviews(query.order_by(order, conversations.c.id).limit(limit))

    def overview(self, conversation_id: str) -> Overview | None:
        found = self.overviews_of([conversation_id])
        return found[0] if found else None

    def overviews_of(self, conversation_ids: Sequence[str]) -> Sequence[Overview]:
        return self._overviews(_OVERVIEWS_OF, {"ids": list(conversation_ids)})

    def said(self, message_ids: Sequence[int]) -> Sequence[tuple[Message, int | None]]:
        rows = self._connection.execute(_SAID, {"ids": list(message_ids)})
        return [(message_of(row), row.holder) for row in rows]

    def counts(self) -> Mapping[tuple[State, int | None], int]:
        key = (conversations.c.state, conversations.c.agent_id)
        query = select(*key, func.count()).where(conversations.c.state != State.RESOLVED).group_by(*key)
        return {(State(state), agent_id): number for state, agent_id, number in self._connection.execute(query)}

    def position(self, conversation: Conversation) -> int:
        if conversation.handoff is None or conversation.waiting_since is None:
            return 1
        place = place_in_line(conversation.handoff.urgency, conversation.waiting_since, conversation.id)
        line = select(func.count()).where(
            conversations.c.state == State.WAITING,
            conversations.c.department == conversation.handoff.department,
            tuple_(*PLACE) <= place,
        )
        return self._connection.scalar(line) or 1

    def numbers(self, department: str, seen_since: datetime) -> QueueNumbers:
        waiting = select(func.count()).where(
            conversations.c.state == State.WAITING, conversations.c.department == department
        )
        held = select(func.count()).where(conversations.c.agent_id == agents.c.id).scalar_subquery()
        there = select(agents.c.capacity, held.label("held")).where(
            agents.c.availability == Availability.ONLINE,
            agents.c.last_seen_at >= seen_since,
            agents.c.departments.contains([department]),
        )
        room = [(row.capacity, max(0, row.capacity - row.held)) for row in self._connection.execute(there)]
        finished, mean = self._connection.execute(_time_with_agents()).one()
        return QueueNumbers(
            waiting=self._connection.scalar(waiting) or 0,
            agents_online=len(room),
            agents_free=sum(free > 0 for _, free in room),
            slots=sum(capacity for capacity, _ in room),
            slots_free=sum(free for _, free in room),
            finished=finished,
            mean_seconds=float(mean) if mean is not None else None,
        )

    def transitions(self, conversation_id: str) -> Sequence[TransitionRecord]:
        query = (
            select(transitions, agents.c.name.label("agent_name"))
            .outerjoin(agents, agents.c.id == transitions.c.agent_id)
            .where(transitions.c.conversation_id == conversation_id)
            .order_by(transitions.c.epoch)
        )
        return [_record(row) for row in self._connection.execute(query)]

    def lengths(self) -> Mapping[str, int]:
        waiting = select(func.count()).where(conversations.c.state == State.WAITING)
        open_turns = select(func.count()).where(turns.c.finished_at.is_(None))
        return {
            "waiting": self._connection.scalar(waiting) or 0,
            "turns": self._connection.scalar(open_turns) or 0,
        }

    def _overviews(self, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[Overview]:
        rows = self._connection.execute(query, values).all()
        last = self._connection.execute(_MESSAGES, {"ids": [row.last_id for row in rows if row.last_id]})
        said = {row.id: message_of(row) for row in last}
        known = self._connection.execute(_CONTACTS, {"ids": [row.contact_id for row in rows]})
        people = {row.id: Contact(*row) for row in known}
        return [
            Overview(
                conversation=conversation_of(row),
                contact=people[row.contact_id],
                agent_name=row.agent_name,
                wanted_agent_name=row.wanted_agent_name,
                last_message=said.get(row.last_id),
                unread=row.unread,
            )
            for row in rows
        ]


def _overview() -> Select[Any]:
    wanted = agents.alias("wanted")
    mine = messages.c.conversation_id == conversations.c.id
    last_id = select(func.max(messages.c.id)).where(mine).scalar_subquery()
    unread = select(func.count()).where(
        mine, messages.c.author == Author.CUSTOMER, messages.c.id > conversations.c.read_up_to
    )
    return (
        select(
            conversations,
            agents.c.name.label("agent_name"),
            wanted.c.name.label("wanted_agent_name"),
            last_id.label("last_id"),
            unread.scalar_subquery().label("unread"),
        )
        .outerjoin(agents, agents.c.id == conversations.c.agent_id)
        .outerjoin(wanted, wanted.c.id == conversations.c.wanted_agent_id)
    )


def _time_with_agents() -> Select[Any]:
    began, ended = transitions.alias("began"), transitions.alias("ended")
    follows = (ended.c.conversation_id == began.c.conversation_id) & (ended.c.epoch == began.c.epoch + 1)
    seconds = func.extract("epoch", ended.c.at - began.c.at).label("seconds")
    lately = (
        select(seconds)
        .join_from(ended, began, follows)
        .join(agents, agents.c.id == began.c.agent_id)
        .where(ended.c.before == State.WITH_AGENT, agents.c.place == Place.INBOX)
        .order_by(ended.c.id.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    return select(func.count(), func.avg(lately.c.seconds)).select_from(lately)


def _record(row: Any) -> TransitionRecord:
    transition = Transition(
        conversation_id=row.conversation_id,
        epoch=row.epoch,
        move=Move(row.move),
        before=State(row.before),
        after=State(row.after),
        who=Who(Mover(row.mover), row.agent_id),
        reason=row.reason,
        at=row.at,
    )
    return TransitionRecord(transition, row.agent_name)


# Made once: these run all the time, and making a statement costs more than running it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_OVERVIEWS_OF = _overview().where(conversations.c.id.in_(_IDS))
_MESSAGES = select(messages).where(messages.c.id.in_(_IDS))
_CONTACTS = select(*CONTACT_COLUMNS).where(contacts.c.id.in_(_IDS))
_SAID = (
    select(messages, conversations.c.agent_id.label("holder"))
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id.in_(_IDS))
    .order_by(messages.c.id)
)
