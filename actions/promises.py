"""What a department is asked to do for a customer, while it is being put together: a call, a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from actions.slot_values import read_text, read_time, read_times, read_wish_of, time_values, wish_value
from scheduling.wishes import Wish


@dataclass(frozen=True)
class Call:
    """`offered` are the times shown last, `at` is the chosen one; `note` is what the customer said it is about."""

    department: str
    note: str = ""
    wish: Wish | None = None
    offered: tuple[datetime, ...] = ()
    at: datetime | None = None

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """The call in a slot."""
        if not isinstance(value, dict) or not (department := read_text(value, "department")):
            return None
        return cls(
            department=department,
            note=read_text(value, "note") or "",
            wish=read_wish_of(value.get("wish")),
            offered=read_times(value.get("offered")),
            at=read_time(value.get("at")),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "department": self.department,
            "note": self.note,
            "wish": wish_value(self.wish),
            "offered": time_values(self.offered),
            "at": self.at.isoformat() if self.at else None,
        }


@dataclass(frozen=True)
class Message:
    """`text` is what is to be passed on, in the customer's words."""

    department: str
    text: str = ""

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """The message in a slot."""
        if not isinstance(value, dict) or not (department := read_text(value, "department")):
            return None
        return cls(department, read_text(value, "text") or "")

    def to_json(self) -> dict[str, Any]:
        return {"department": self.department, "text": self.text}
