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


@dataclass(frozen=True)
class Agent:
    """A person who answers customers."""

    id: int
    account_id: int
    name: str
    email: str
    role: Role
    departments: tuple[str, ...]
    availability: Availability
    capacity: int
    last_seen_at: datetime | None

    def is_present(self, now: datetime) -> bool:
        return self.last_seen_at is not None and now - self.last_seen_at <= ABSENT_AFTER

    @property
    def who(self) -> Who:
        """The agent as a mover; supervisors move what is others', as administrators do."""
        return Who(Mover.AGENT if self.role is Role.AGENT else Mover.ADMINISTRATOR, self.id)


@dataclass(frozen=True)
class Contact:
    """A customer as one channel knows them: `address` is a visitor id, later a phone number."""

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
