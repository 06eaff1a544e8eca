"""Handoffs and assignments as they are kept: who was asked for, who came when, how it ended, how it was rated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from handoff_bridge.model import Handoff, Urgency

TAKE_OVER = "take_over"
"""The reason of a handoff that nobody asked for: an agent came by themselves."""


class Outcome(StrEnum):
    """How a handoff ended. After the second two the next one begins at once, for another person."""

    RESOLVED = "resolved"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    REQUEUED = "requeued"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class HandoffDraft:
    """A handoff about to be stored. `epoch` is the conversation's after the move, `requested_by` a kind of mover or
    an agent's name, `context` what was known then, as JSON."""

    handoff: Handoff
    epoch: int
    requested_by: str
    requested_at: datetime
    context: Mapping[str, Any]


@dataclass(frozen=True)
class HandoffRecord:
    """A stored handoff. Times are aware and None for what has not happened; `rating` is 1 to 5."""

    id: int
    account_id: int
    conversation_id: str
    epoch: int
    department: str
    urgency: Urgency
    reason: str
    note: str
    requested_by: str
    context: Mapping[str, Any]
    requested_at: datetime
    offered_at: datetime | None
    accepted_at: datetime | None
    accepted_by: int | None
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    rating_asked_at: datetime | None
    rating: int | None
    rating_comment: str | None
    rated_at: datetime | None
    comment_awaited_at: datetime | None


@dataclass(frozen=True)
class Assignment:
    """An agent holding a conversation, from–to."""

    conversation_id: str
    handoff_id: int
    agent_id: int
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Seconds:
    """How long something took: the median and what nine of ten stayed below. None where it never happened."""

    median: float | None
    p90: float | None


@dataclass(frozen=True)
class Figures:
    """The handoffs of a department, or of all with None, that were requested on some days.

    `requested` leaves out `taken_over`, which nobody asked for; so do all figures but those of the rating. Seconds
    run from the request. `succeeded` were answered and then resolved or returned.
    """

    department: str | None
    requested: int
    accepted: int
    succeeded: int
    expired: int
    withdrawn: int
    transferred: int
    requeued: int
    taken_over: int
    waiting: Seconds
    first_answer: Seconds
    resolution: Seconds
    mean_rating: float | None
    rated: int

    @property
    def success_rate(self) -> float | None:
        return self.succeeded / self.requested if self.requested else None


@dataclass(frozen=True)
class Period:
    """Days of the business, both included."""

    first: date
    last: date
