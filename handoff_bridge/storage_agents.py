"""Agents and their sessions on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Place, Role
from handoff_bridge.storage_tables import agent_sessions, agents, login_failures

AGENT_COLUMNS = tuple(agents.c[name] for name in Agent.__dataclass_fields__)

# Made once: these run with every request of an agent, and making a statement costs more than running it.
_before = select(agents.c.id, agents.c.last_seen_at).where(agents.c.id == bindparam("agent"))
_BEFORE = _before.with_for_update(key_share=True).subquery("before")
_SEEN = (
    update(agents)
    .where(agents.c.id == _BEFORE.c.id)
    .values(last_seen_at=bindparam("now"))
    .returning(_BEFORE.c.last_seen_at)
)
_OF_SESSION = (
    select(*AGENT_COLUMNS)
    .join(agent_sessions, agent_sessions.c.agent_id == agents.c.id)
    .where(agent_sessions.c.token_hash == bindparam("token_hash"), agent_sessions.c.expires_at > bindparam("now"))
)


class PostgresAgents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, agent: Agent, password_hash: str, now: datetime) -> bool:
        added = self._connection.execute(
            insert(agents)
            .values(
                account_id=agent.account_id,
                name=agent.name,
                email=agent.email,
                password_hash=password_hash,
                role=agent.role,
                departments=list(agent.departments),
                availability=agent.availability,
                capacity=agent.capacity,
                skills=list(agent.skills),
                languages=list(agent.languages),
                place=agent.place,
                created_at=now,
            )
            .on_conflict_do_nothing()
        )
        return added.rowcount == 1

    def all(self) -> Sequence[Agent]:
        inside = select(*AGENT_COLUMNS).where(agents.c.place == Place.INBOX).order_by(agents.c.name)
        return [agent_of(row) for row in self._connection.execute(inside)]

    def outside(self) -> Agent | None:
        row = self._connection.execute(select(*AGENT_COLUMNS).where(agents.c.place == Place.OUTSIDE)).one_or_none()
        return agent_of(row) if row else None

    def get(self, agent_id: int) -> Agent | None:
        row = self._connection.execute(select(*AGENT_COLUMNS).where(agents.c.id == agent_id)).one_or_none()
        return agent_of(row) if row else None

    def by_email(self, email: str) -> tuple[Agent, str] | None:
        named = (agents.c.email == email, agents.c.place == Place.INBOX)
        query = select(*AGENT_COLUMNS, agents.c.password_hash).where(*named)
        row = self._connection.execute(query).one_or_none()
        return (agent_of(row), row.password_hash) if row else None

    def lock(self, agent_id: int) -> Agent | None:
        # Not the strongest lock: a conversation given to the agent holds a weak one on this row, and two of them would
        # wait for each other.
        query = select(*AGENT_COLUMNS).where(agents.c.id == agent_id).with_for_update(key_share=True)
        row = self._connection.execute(query).one_or_none()
        return agent_of(row) if row else None

    def seen(self, agent_id: int, now: datetime) -> bool:
        before = self._connection.scalar(_SEEN, {"agent": agent_id, "now": now})
        return before is None or now - before > ABSENT_AFTER

    def set_availability(self, agent_id: int, availability: Availability) -> None:
        self._connection.execute(update(agents).where(agents.c.id == agent_id).values(availability=availability))

    def set_password(self, agent_id: int, password_hash: str) -> None:
        self._connection.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))


class PostgresSessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token_hash: bytes, agent_id: int, now: datetime, expires_at: datetime) -> None:
        self._connection.execute(
            insert(agent_sessions).values(
                token_hash=token_hash, agent_id=agent_id, created_at=now, expires_at=expires_at
            )
        )

    def agent(self, token_hash: bytes, now: datetime) -> Agent | None:
        row = self._connection.execute(_OF_SESSION, {"token_hash": token_hash, "now": now}).one_or_none()
        return agent_of(row) if row else None

    def remove(self, token_hash: bytes) -> None:
        self._connection.execute(delete(agent_sessions).where(agent_sessions.c.token_hash == token_hash))

    def clear_expired(self, now: datetime) -> None:
        self._connection.execute(delete(agent_sessions).where(agent_sessions.c.expires_at <= now))

    def add_failure(self, email: str, now: datetime) -> None:
        self._connection.execute(insert(login_failures).values(email=email, at=now))

    def failures(self, email: str, since: datetime) -> int:
        recent = (login_failures.c.email == email, login_failures.c.at > since)
        return self._connection.scalar(select(func.count()).select_from(login_failures).where(*recent)) or 0

    def clear_failures(self, before: datetime) -> None:
        self._connection.execute(delete(login_failures).where(login_failures.c.at <= before))


def agent_of(row: Any) -> Agent:
    """The agent in a row that has at least their columns."""
    return Agent(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        departments=tuple(row.departments),
        availability=Availability(row.availability),
        capacity=row.capacity,
        last_seen_at=row.last_seen_at,
        skills=tuple(row.skills),
        languages=tuple(row.languages),
        place=Place(row.place),
    )
