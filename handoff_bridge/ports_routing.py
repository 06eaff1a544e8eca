"""What the use cases about who gets a conversation need from a store."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from handoff_bridge.candidates import Colleague, Waiting
from handoff_bridge.model import Conversation, Urgency
from handoff_bridge.offers import Escalation, Offer, OfferState


class Routing(Protocol):
    """Who waits and who is there; reads only."""

    def is_anybody_waiting(self) -> bool: ...
    def line(self, departments: Collection[str], limit: int) -> Sequence[Waiting]:
        """Those of the departments who are offered to nobody, the more urgent first, then who has waited longer."""
        ...

    def waiting(self, conversation_id: str) -> Waiting | None:
        """None when the conversation does not wait, or is offered to somebody."""
        ...

    def colleagues(self, agent_ids: Collection[int] | None = None) -> Sequence[Colleague]:
        """Everybody of the inbox, or these of them."""
        ...

    def colleague(self, agent_id: int) -> Colleague | None: ...


class Offers(Protocol):
    """An offer is made and ended only by who holds its conversation; a conversation has one open offer at most."""

    def add(self, conversation: Conversation, agent_id: int, now: datetime, until: datetime) -> Offer: ...
    def end(self, offer: Offer, state: OfferState, now: datetime) -> None: ...
    def open(self) -> Sequence[Offer]:
        """Every open offer, oldest first."""
        ...

    def open_of(self, conversation_id: str) -> Offer | None: ...
    def open_to(self, agent_id: int) -> Sequence[Offer]:
        """An agent's open offers, oldest first."""
        ...

    def last(self, conversation_id: str, agent_id: int) -> Offer | None:
        """The last one of the conversation to the agent."""
        ...


class Escalations(Protocol):
    """A wait, which the conversation's epoch stands for, goes up each tier once."""

    def due(self, urgency: Urgency, tier: int, departments: Collection[str], waiting_before: datetime) -> Sequence[str]:
        """Conversations of the departments that have waited since before, and did not go up this tier yet."""
        ...

    def add(self, conversation: Conversation, escalation: Escalation) -> bool:
        """Whether it was new. Needs the conversation's lock."""
        ...

    def refer(self, conversation_id: str, department: str, now: datetime) -> None:
        """Makes a conversation wait for another department; who speaks does not change. Needs its lock."""
        ...

    def of(self, conversation_id: str) -> Sequence[Escalation]:
        """All of a conversation, oldest first."""
        ...


class Staffing(Protocol):
    """What is known of the work of a department, from its handoffs."""

    def requests(self, department: str, since: datetime, time_zone: str) -> Mapping[datetime, int]:
        """How many asked in each hour that had any; the hour without an offset, as clocks in the zone show it."""
        ...

    def first_request(self) -> datetime | None:
        """When anybody first asked for a person, in any department."""
        ...

    def handling(self, department: str, since: datetime) -> tuple[int, float | None]:
        """How many conversations that began since have ended with an agent, and for how long on average, in seconds."""
        ...
