"""Turns in memory, on the database's clock as the transaction found it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handoff_bridge import ports
from handoff_bridge.messages import Message
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation
from handoff_bridge.turns import Turn, TurnState
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.tables import TurnRow
from tests.fake_store.work import Work

_AT_ONCE = 100


class FakeTurns(ports.Turns):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.turns

    def add_message(self, message: Message, conversation: Conversation) -> None:
        if any(row.message_id == message.id for row in self._rows.values()):
            raise LawBrokenError("a message has one turn")
        self._add(conversation, message_id=message.id, events=None)

    def add_events(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        self._add(conversation, message_id=None, events=tuple(events))

    def claim(self, lease: str, seconds: float) -> Turn | None:
        row = self._next_due()
        if row is None:
            return None
        conversation = self._work.tables.conversations[row.conversation_id]
        epoch = conversation.epoch if row.epoch is None else row.epoch
        self._write(
            row,
            state=TurnState.WORKING,
            lease=lease,
            lease_until=self._work.now + timedelta(seconds=seconds),
            attempts=row.attempts + 1,
            epoch=epoch,
        )
        return Turn(
            id=row.id,
            conversation=conversation,
            epoch=epoch,
            lease=lease,
            attempts=row.attempts + 1,
            message=None if row.message_id is None else self._work.tables.messages[row.message_id],
            events=row.events or (),
        )

    def renew(self, lease_prefix: str, seconds: float) -> None:
        for row in list(self._rows.values()):
            if row.state is TurnState.WORKING and (row.lease or "").startswith(lease_prefix):
                self._write(row, lease_until=self._work.now + timedelta(seconds=seconds))

    def epoch_in_flight(self, conversation_id: str) -> int | None:
        working = (row for row in self._messages_of(conversation_id) if row.state is TurnState.WORKING)
        return next((row.epoch for row in working), None)

    def hold(self, turn: Turn) -> int | None:
        row = self._rows.get(turn.id)
        if row is None or row.lease != turn.lease:
            return None
        self._work.locks.take(Kind.TURN, row.id)
        return row.epoch

    def finish(self, turn: Turn, state: TurnState, note: Mapping[str, Any] | None = None) -> None:
        if row := self._rows.get(turn.id):
            self._end(row, state, note=note)

    def note_late(self, turn: Turn, note: Mapping[str, Any]) -> None:
        row = self._rows.get(turn.id)
        if row is not None and not row.is_open and row.note is None:
            self._write(row, note=note)

    def retry(self, turn: Turn, seconds: float) -> None:
        if row := self._rows.get(turn.id):
            later = self._work.now + timedelta(seconds=seconds)
            self._write(row, state=TurnState.WAITING, lease=None, lease_until=None, next_at=later)

    def carry(self, conversation_id: str, before: int, after: int) -> None:
        for row in self._of(conversation_id):
            if row.is_open and row.epoch == before:
                self._write(row, epoch=after)

    def settle_open(self, conversation_id: str, state: TurnState, *, taken: bool) -> None:
        for row in self._messages_of(conversation_id):
            if row.state is TurnState.WAITING or (taken and row.state is TurnState.WORKING):
                self._end(row, state)

    def overdue(self, seconds: float, *, unnoticed: bool) -> Sequence[str]:
        late = {row.conversation_id: None for row in self._rows.values() if self._is_late(row, seconds)}
        found = (self._work.tables.conversations[conversation_id] for conversation_id in late)
        spoken = (c for c in found if c.state in ASSISTANT_SPEAKS and not (unnoticed and c.noticed_at))
        return [conversation.id for conversation in spoken][:_AT_ONCE]

    def is_overdue(self, conversation_id: str, seconds: float) -> bool:
        return any(self._is_late(row, seconds) for row in self._of(conversation_id))

    def _next_due(self) -> TurnRow | None:
        """The first turn that may be taken; a conversation's later turns stand behind its first open one."""
        first: dict[str, TurnRow] = {}
        for row in self._rows.values():
            if row.is_open:
                first.setdefault(row.conversation_id, row)
        due = (row for row in first.values() if self._is_due(row))
        return min(due, key=lambda row: row.id, default=None)

    def _is_due(self, row: TurnRow) -> bool:
        if row.state is TurnState.WAITING:
            return row.next_at <= self._work.now
        return row.lease_until is not None and row.lease_until < self._work.now

    def _is_late(self, row: TurnRow, seconds: float) -> bool:
        is_old = row.created_at < self._work.now - timedelta(seconds=seconds)
        return row.is_open and row.message_id is not None and is_old

    def _of(self, conversation_id: str) -> list[TurnRow]:
        return [row for row in self._rows.values() if row.conversation_id == conversation_id]

    def _messages_of(self, conversation_id: str) -> Iterator[TurnRow]:
        return (row for row in self._of(conversation_id) if row.message_id is not None)

    def _add(self, conversation: Conversation, **values: Any) -> None:
        now = self._work.now
        row = TurnRow(next(self._work.ids), conversation.id, next_at=now, created_at=now, **values)
        self._rows[row.id] = row

    def _end(self, row: TurnRow, state: TurnState, **values: Any) -> None:
        self._write(row, state=state, lease=None, lease_until=None, finished_at=self._work.now, **values)

    def _write(self, row: TurnRow, **values: Any) -> None:
        self._work.locks.take(Kind.TURN, row.id)
        changed = replace(row, **values)
        if (changed.state is TurnState.WORKING) != (changed.lease is not None):
            raise LawBrokenError("a turn is leased while it is worked, and only then")
        self._rows[row.id] = changed
