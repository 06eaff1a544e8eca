"""What a conversation has in the calendar, as an agent reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Engagement:
    """An appointment of the conversation, held or booked; service and resource by name, times aware."""

    id: int
    code: str | None
    service: str
    resource: str
    starts_at: datetime
    ends_at: datetime
    is_booked: bool


class Diary(Protocol):
    """Whoever knows the appointments of a conversation."""

    def of(self, conversation_id: str) -> Sequence[Engagement]: ...
