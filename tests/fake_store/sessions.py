"""Agents' sessions and failed logins in memory."""

from datetime import datetime
from typing import override

from handoff_bridge import ports
from handoff_bridge.people import Agent
from tests.fake_store.locks import LawBrokenError
from tests.fake_store.tables import SessionRow
from tests.fake_store.work import Work


class FakeSessions(ports.Sessions):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.sessions
        self._failures = work.tables.login_failures

    @override
    def add(self, token_hash: bytes, agent_id: int, now: datetime, expires_at: datetime) -> None:
        if token_hash in self._rows or agent_id not in self._work.tables.agents:
            raise LawBrokenError("a session has a token of its own and an agent")
        self._rows[token_hash] = SessionRow(agent_id, expires_at)

    def agent(self, token_hash: bytes, now: datetime) -> Agent | None:
        session = self._rows.get(token_hash)
        if session is None or session.expires_at <= now:
            return None
        return self._work.tables.agents[session.agent_id].agent

    def remove(self, token_hash: bytes) -> None:
        self._rows.pop(token_hash, None)

    def clear_expired(self, now: datetime) -> None:
        for token_hash, session in list(self._rows.items()):
            if session.expires_at <= now:
                del self._rows[token_hash]

    def add_failure(self, email: str, now: datetime) -> None:
        self._failures[next(self._work.ids)] = (email, now)

    def failures(self, email: str, since: datetime) -> int:
        return sum(who == email and at > since for who, at in self._failures.values())

    def clear_failures(self, before: datetime) -> None:
        for number, (_, at) in list(self._failures.items()):
            if at <= before:
                del self._failures[number]
