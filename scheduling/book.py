"""What the appointment book gives to whoever may read all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.model import Customer, Status


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment with everything it takes: `resources` are keys, the one it is with first. Times in UTC."""

    id: int
    conversation_id: str
    service: str
    resources: tuple[str, ...]
    start: datetime
    end: datetime
    status: Status
    customer: Customer


class Book(Protocol):
    """Where the visits of a stretch of time are found; `storage_book.PostgresBook` is one."""

    def between(self, start: datetime, end: datetime, *, now: datetime) -> Sequence[Visit]:
        """The visits that overlap the time from `start` to `end` (excluded), booked or held by `now`, in order."""
        ...
