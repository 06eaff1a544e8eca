"""What is known about a customer's business with us so far: the slots of the conversation as one frozen object."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from scheduling.wishes import Wish

CARRIED = ("service", "wish", "opening", "customer_name", "email", "phone", "appointment_code")
"""The slots that outlive a session."""


@dataclass(frozen=True)
class Facts:
    """`offered` are the openings shown last, in the order shown; `opening` is the chosen one."""

    service: str | None = None
    wish: Wish | None = None
    offered: tuple[datetime, ...] = ()
    opening: datetime | None = None
    customer_name: str | None = None
    email: str | None = None
    phone: str | None = None
    appointment_code: str | None = None

    @classmethod
    def of(cls, slots: Mapping[str, Any]) -> Self:
        """The facts in a tracker's slots. What cannot be read there is not known."""
        texts = ("service", "customer_name", "email", "phone", "appointment_code")
        return cls(
            **{name: value for name in texts if isinstance(value := slots.get(name), str)},
            wish=_wish(slots.get("wish")),
            offered=tuple(start for each in slots.get("offered") or () if (start := _time(each))),
            opening=_time(slots.get("opening")),
        )

    def slots(self) -> dict[str, Any]:
        """The facts as slots hold them."""
        return vars(self) | {
            "wish": {name: value for name, value in self.wish.to_json().items() if value} if self.wish else None,
            "offered": [start.isoformat() for start in self.offered] or None,
            "opening": self.opening.isoformat() if self.opening else None,
        }

    def changes(self, before: "Facts") -> dict[str, Any]:
        """The slots that differ from `before`."""
        old = before.slots()
        return {name: value for name, value in self.slots().items() if value != old[name]}

    def without_time(self) -> Self:
        """The same with the question of when open again."""
        return replace(self, wish=None, offered=(), opening=None)

    def without_booking(self) -> Self:
        """Who the customer is and which appointment was spoken of; nothing of a booking under way."""
        return replace(self.without_time(), service=None)

    @property
    def contact(self) -> str | None:
        """How to reach the customer, as it is read back to them."""
        return ", ".join(filter(None, (self.email, self.phone))) or None


def _wish(value: Any) -> Wish | None:
    try:
        return Wish.from_dict(value) if isinstance(value, dict) else None
    except ValueError:
        return None


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None
