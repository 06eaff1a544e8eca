"""The people around a conversation: the contact on one side, the agents on the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handoff_bridge.model import Mover, Who

ABSENT_AFTER = timedelta(minutes=2)
"""An agent without a sign of life for this long is not there."""


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Availability(StrEnum):
    """What an agent says of themselves; whether they are there at all is `is_present`."""

    ONLINE = "online"
    BUSY = "busy"
    OFFLINE = "offline"


class Place(StrEnum):
    """Where an agent answers customers: in the inbox, or outside of it, as with the business's own phone."""

    INBOX = "inbox"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Agent:
    """A person who answers customers. The one outside stands for whoever of the business does so elsewhere."""

    id: int
    account_id: int
    name: str
    email: str
    role: Role
    departments: tuple[str, ...]
    availability: Availability
    capacity: int
    last_seen_at: datetime | None
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place = Place.INBOX

    def is_present(self, now: datetime) -> bool:
        """Whether there was a sign of life lately; nobody can see when somebody outside is gone."""
        if self.place is Place.OUTSIDE:
            return True
        return self.last_seen_at is not None and now - self.last_seen_at <= ABSENT_AFTER

    @property
    def who(self) -> Who:
        """The agent as a mover; supervisors move what is others', as administrators do."""
        return Who(Mover.AGENT if self.role is Role.AGENT else Mover.ADMINISTRATOR, self.id)


@dataclass(frozen=True)
class Contact:
    """A customer as one channel knows them: `address` is a visitor id, later a phone number.

    What an agent settled, and when, holds over what the assistant hears.
    """

    id: int
    account_id: int
    channel: str
    address: str
    name: str | None
    email: str | None
    phone: str | None
    token_hash: bytes | None
    first_message_id: str | None
    token_used_at: datetime | None
    name_settled_at: datetime | None = None
    email_settled_at: datetime | None = None
    phone_settled_at: datetime | None = None

    @property
    def settled(self) -> dict[str, str | None]:
        """What an agent settled, by field; None where they took a value away."""
        fields = ("name", "email", "phone")
        return {name: getattr(self, name) for name in fields if getattr(self, f"{name}_settled_at") is not None}
