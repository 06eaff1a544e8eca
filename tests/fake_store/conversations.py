"""Conversations, their transitions and their facts in memory."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, override

from handoff_bridge import ports
from handoff_bridge.errors import AlreadyMovedError
from handoff_bridge.model import Conversation, State, Transition, Urgency
from handoff_bridge.people import Place
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.work import Work

_AT_ONCE = 100


class FakeConversations(ports.Conversations):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.conversations

    def find(self, conversation_id: str) -> Conversation | None:
        return self._rows.get(conversation_id)

    def of_contact(self, contact_id: int) -> Conversation | None:
        return next((c for c in self._rows.values() if c.contact_id == contact_id), None)

    def of_phone(self, number: str) -> Conversation | None:
        addresses = (number, number.removeprefix("+"))
        theirs = [
            conversation
            for conversation in self._rows.values()
            if (contact := self._work.tables.contacts[conversation.contact_id]).address in addresses
            or contact.phone == number
        ]
        return max(theirs, key=lambda conversation: conversation.updated_at, default=None)

    def lock(self, conversation_id: str) -> Conversation | None:
        if conversation_id in self._rows:
            self._work.locks.take(Kind.CONVERSATION, conversation_id)
        return self._rows.get(conversation_id)

    def lock_or_open(self, conversation: Conversation) -> Conversation:
        known = self.of_contact(conversation.contact_id)
        if known is None:
            known = replace(conversation, read_up_to=0)
            self._write(known)
        self._work.locks.take(Kind.CONVERSATION, known.id)
        return known

    def move(self, conversation: Conversation, transition: Transition) -> None:
        before = self.lock(conversation.id)
        if before is None or before.epoch != transition.epoch - 1:
            raise AlreadyMovedError
        self._write(replace(conversation, read_up_to=before.read_up_to))
        self._work.tables.transitions[conversation.id, transition.epoch] = transition

    def touch(self, conversation_id: str, now: datetime, language: str | None = None) -> None:
        self._update(conversation_id, updated_at=now, **({"language": language} if language else {}))

    def hurry(self, conversation_id: str, urgency: Urgency, now: datetime) -> None:
        if (conversation := self._rows.get(conversation_id)) and conversation.handoff:
            self._update(conversation_id, handoff=replace(conversation.handoff, urgency=urgency), updated_at=now)

    def notice(self, conversation_id: str, at: datetime | None) -> None:
        self._update(conversation_id, noticed_at=at)

    def mark_read(self, conversation_id: str, up_to: int) -> None:
        if conversation := self._rows.get(conversation_id):
            self._update(conversation_id, read_up_to=max(conversation.read_up_to, up_to))

    def facts(self, conversation_id: str) -> Mapping[str, Any]:
        return self._work.tables.facts.get(conversation_id, {})

    @override
    def replace_facts(self, conversation: Conversation, facts: Mapping[str, Any], now: datetime) -> None:
        self._work.tables.facts[conversation.id] = json.loads(json.dumps(dict(sorted(facts.items()))))

    def waiting_since_before(self, limit: datetime, departments: Collection[str]) -> Sequence[str]:
        of_departments = (c for c in self._rows.values() if c.handoff and c.handoff.department in departments)
        waiting = sorted((c.waiting_since, c.id) for c in of_departments if c.waiting_since is not None)
        return [conversation_id for since, conversation_id in waiting if since < limit][:_AT_ONCE]

    def held_by_absent(self, last_seen_before: datetime) -> Sequence[str]:
        inside = (row.agent for row in self._work.tables.agents.values() if row.agent.place is Place.INBOX)
        absent = {a.id for a in inside if a.last_seen_at is None or a.last_seen_at < last_seen_before}
        return [c.id for c in self._rows.values() if c.agent_id in absent][:_AT_ONCE]

    def _update(self, conversation_id: str, **values: Any) -> None:
        if conversation := self.lock(conversation_id):
            self._write(replace(conversation, **values))

    def _write(self, conversation: Conversation) -> None:
        _check(conversation)
        if conversation.contact_id not in self._work.tables.contacts:
            raise LawBrokenError("a conversation of nobody")
        self._rows[conversation.id] = conversation


def _check(conversation: Conversation) -> None:
    """The constraints of the table, as far as the types leave room for a breach."""
    is_lawful = (
        (conversation.state is State.WITH_AGENT) == (conversation.agent_id is not None)
        and (conversation.state is State.WAITING) == (conversation.waiting_since is not None)
        and (conversation.state is not State.WAITING or conversation.handoff is not None)
        and conversation.epoch >= 0
    )
    if not is_lawful:
        raise LawBrokenError(f"a conversation that is {conversation.state} and yet {conversation}")
