"""Offers: a waiting conversation held out to one agent until a deadline. And escalations: it goes up a tier.

States of an offer: open → accepted, declined, timed_out, or rescinded when it came to nothing for any other reason.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff_bridge.candidates import Colleague, absence


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RESCINDED = "rescinded"


REFUSED = frozenset({OfferState.DECLINED, OfferState.TIMED_OUT})


@dataclass(frozen=True)
class Offer:
    """A stored offer; `epoch` is the conversation's, which stands for the wait that it belongs to."""

    id: int
    conversation_id: str
    epoch: int
    agent_id: int
    state: OfferState
    offered_at: datetime
    until: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Escalation:
    """That a conversation went up: from a department to another one, or to the supervisors."""

    tier: int
    before: str
    after: str
    at: datetime


def lapse(offer: Offer, colleague: Colleague | None, now: datetime) -> OfferState | None:
    """How an open offer ends now by itself; None while it stands.

    An agent who went away, or took something else and is full, is not to blame: they may be asked again.
    """
    if offer.until <= now:
        return OfferState.TIMED_OUT
    if colleague is None or absence(colleague.agent, now):
        return OfferState.RESCINDED
    is_overloaded = colleague.held + colleague.offered > colleague.agent.capacity
    return OfferState.RESCINDED if is_overloaded else None
