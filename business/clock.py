"""The clock of the processes, which tests and demos may set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def clock_from(setting: str | None) -> Clock:
    """A clock in UTC; with `FRONTDESK_NOW` (ISO 8601 with an offset) one that shows that time now and runs on from it.

    Raises ValueError when the setting is not such a time.
    """
    if not setting:
        return lambda: datetime.now(UTC)
    start = datetime.fromisoformat(setting)
    if start.tzinfo is None:
        raise ValueError(
            f"FRONTDESK_NOW is {setting!r}; allowed: a time with an offset, such as 2026-12-01T09:00-06:00"
        )
    began = time.monotonic()
    return lambda: start.astimezone(UTC) + timedelta(seconds=time.monotonic() - began)
