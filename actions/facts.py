"""What is known about a customer's business with us so far: the slots of the conversation as one frozen object."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from actions.promises import Call, Message
from actions.slot_values import read_text, read_time, read_times, read_wish_of, time_values, wish_value
from scheduling.wishes import Wish

CARRIED = ("service", "wish", "opening", "customer_name", "email", "phone", "appointment_code")
"""The slots that outlive a session."""


@dataclass(frozen=True)
class Facts:
    """`offered` are the openings shown last, in the order shown; `opening` is the chosen one. `department` is the one
    that a person was asked for; `call` and `message` are what it is being asked to do instead."""

    service: str | None = None
    wish: Wish | None = None
    offered: tuple[datetime, ...] = ()
    opening: datetime | None = None
    customer_name: str | None = None
    email: str | None = None
    phone: str | None = None
    appointment_code: str | None = None
    department: str | None = None
    call: Call | None = None
    message: Message | None = None

    @classmethod
    def of(cls, slots: Mapping[str, Any]) -> Self:
        """The facts in a tracker's slots. What cannot be read there is not known."""
        texts = ("service", "customer_name", "email", "phone", "appointment_code", "department")
        return cls(
            **{name: read_text(slots, name) for name in texts},
            wish=read_wish_of(slots.get("wish")),
            offered=read_times(slots.get("offered")),
            opening=read_time(slots.get("opening")),
            call=Call.of(slots.get("call")),
            message=Message.of(slots.get("message")),
        )

    def slots(self) -> dict[str, Any]:
        """The facts as slots hold them."""
        return vars(self) | {
            "wish": wish_value(self.wish),
            "offered": time_values(self.offered),
            "opening": self.opening.isoformat() if self.opening else None,
            "call": self.call.to_json() if self.call else None,
            "message": self.message.to_json() if self.message else None,
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
