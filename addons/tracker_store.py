"""The tracker store: Rasa's conversations as rows of `rasa_events` in PostgreSQL (made by the migrations).

One row an event, numbered by `position` within its conversation. A turn reads the current session in one indexed query
and appends its events in one INSERT; the rows of one append share `batch`, the position it began at. Two writers of one
conversation would need the same position, so the second one fails instead of interleaving.

Whatever fails raises. Rasa's own way, a blank tracker, would let the assistant answer in a conversation that an agent
holds. To erase a conversation: `delete from rasa_events where sender_id = '…'`.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from addons import event_rows

_Result = TypeVar("_Result")


class TrackerConflictError(RasaException):
    """Another process has appended to this conversation meanwhile. Take the turn again."""


class UnknownTrackerError(RasaException):
    """Only a tracker that this store handed out can be saved: it knows which of its events are stored."""


class StoredTracker(DialogueStateTracker):
    """A tracker that knows how much of it is stored: its first `stored` events, the next row being `next_position`."""

    stored = 0
    next_position = 0


class PostgresTrackerStore(TrackerStore):
    """Keeps trackers in PostgreSQL. Database errors surface as SQLAlchemy's, a lost race as `TrackerConflictError`."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        pool_size: int = 5,
        **kwargs: Any,
    ) -> None:
        """`host` is what endpoints.yml calls `url`: `postgresql://…`, by network or by socket folder."""
        if not host:
            raise RasaException("The tracker store needs a `url` in endpoints.yml: the PostgreSQL of DATABASE_URL.")
        super().__init__(domain, event_broker, **kwargs)
        self._engine = event_rows.connect(host, pool_size)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The current session, or `None` for a conversation never seen."""
        return self._tracker(sender_id, await self._rows(event_rows.SESSION, sender_id=sender_id))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Every session from the first word, or `None`."""
        return self._tracker(conversation_id, await self._rows(event_rows.EVERYTHING, sender_id=conversation_id))

    async def retrieve_turn(self, sender_id: str, message_id: str) -> DialogueStateTracker | None:
        """The session as the turn that answered `message_id` left it, or `None` if there was no such turn."""
        return self._tracker(
            sender_id, await self._rows(event_rows.UP_TO_TURN, sender_id=sender_id, message_id=message_id)
        )

    async def exists(self, conversation_id: str) -> bool:
        """Whether anything is stored of the conversation."""
        return bool((await self._rows(event_rows.EXISTS, sender_id=conversation_id))[0][0])

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return [row.sender_id for row in await self._rows(event_rows.SENDERS)]

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """An empty tracker that can be saved here."""
        return StoredTracker(sender_id, self.domain.slots, max_event_history=self.max_event_history)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Appends what is new in `tracker`: all of it or, on an error, nothing."""
        if not isinstance(tracker, StoredTracker):
            raise UnknownTrackerError(UnknownTrackerError.__doc__)
        events = list(islice(tracker.events, tracker.stored, None))
        if not events:
            return
        await self._append(tracker, events)
        tracker.stored += len(events)
        tracker.next_position += len(events)
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, events, tracker.sender_id)

    def _tracker(self, sender_id: str, rows: list[Row]) -> DialogueStateTracker | None:
        if not rows:
            return None
        events = deserialise_events([json.loads(row.data) for row in rows])
        tracker = StoredTracker.from_events(sender_id, events, self.domain.slots)
        tracker.stored = len(events)
        tracker.next_position = rows[-1].position + 1
        return tracker

    async def _append(self, tracker: StoredTracker, events: list[Event]) -> None:
        first = tracker.next_position
        try:
            await self._in_transaction(
                lambda connection: event_rows.append(connection, tracker.sender_id, first, events)
            )
        except IntegrityError as exc:
            raise TrackerConflictError(TrackerConflictError.__doc__) from exc

    async def _rows(self, statement: Any, **parameters: Any) -> list[Row]:
        return await self._in_transaction(lambda connection: list(connection.execute(statement, parameters)))

    async def _in_transaction(self, work: Callable[[Connection], _Result]) -> _Result:
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[Connection], _Result]) -> _Result:
        with self._engine.begin() as connection:
            return work(connection)
