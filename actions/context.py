"""What the actions work with, joined once in `__main__` and given to each of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from actions.bridge import Bridge
from actions.heard import Heard
from business.clock import Clock
from business.model import Business
from business.wording import Wording
from scheduling.service import Calendar

_CALENDAR_PATIENCE = 8.0  # seconds


@dataclass(frozen=True)
class Context:
    """The business, its calendar, the way to the bridge, and the clock."""

    business: Business
    calendar: Calendar
    bridge: Bridge
    clock: Clock

    def now(self, heard: Heard) -> datetime:
        """When the customer wrote, in the business's zone: "tomorrow" is counted from there."""
        return (heard.sent_at or self.clock()).astimezone(self.business.zone)

    @property
    def language(self) -> str:
        return self.business.languages[0]

    @property
    def wording(self) -> Wording:
        return Wording(self.business, self.language)


async def in_thread[T](work: Callable[[], T]) -> T:
    """Runs synchronous work beside the event loop. Raises TimeoutError after 8 s; the work may still come to an end,
    which its request keys make harmless."""
    return await asyncio.wait_for(asyncio.to_thread(work), _CALENDAR_PATIENCE)
