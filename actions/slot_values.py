"""What slots hold as JSON, read into values: what cannot be read is not known."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling.wishes import Wish


def read_text(slots: Mapping[str, Any], name: str) -> str | None:
    value = slots.get(name)
    return value if isinstance(value, str) else None


def read_time(value: Any) -> datetime | None:
    """An aware time."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None


def read_times(value: Any) -> tuple[datetime, ...]:
    return tuple(time for each in value if (time := read_time(each))) if isinstance(value, list) else ()


def read_wish_of(value: Any) -> Wish | None:
    try:
        return Wish.from_dict(value) if isinstance(value, dict) else None
    except ValueError:
        return None


def wish_value(wish: Wish | None) -> dict[str, Any] | None:
    """The wish as a slot holds it."""
    return {name: value for name, value in wish.to_json().items() if value} if wish else None


def time_values(times: tuple[datetime, ...]) -> list[str] | None:
    return [time.isoformat() for time in times] or None
