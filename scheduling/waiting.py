"""Those who wait for something earlier: what the calendar asks of its store about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduling.wishes import Wish


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that waits for an opening of a service which fits the wish and starts before `before`.

    `offered` are the starts that it was offered; none of them is offered again.
    """

    id: int
    conversation_id: str
    service: str
    wish: Wish
    before: datetime | None
    offered: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitlistOffer:
    """An opening held for one who waits until `expires_at`. `id` names the offer for good."""

    id: int
    waiting_id: int
    conversation_id: str
    service: str
    start: datetime
    end: datetime
    expires_at: datetime


class WaitingList(Protocol):
    """The waitlist inside a transaction; whoever changes what a conversation waits for has waited for it."""

    def join(self, conversation_id: str, service: str, wish: Wish, before: datetime | None, at: datetime) -> Waiting:
        """Starts to wait, or changes the wish and keeps the place in line."""

    def take_turns(self) -> None:
        """Waits until no other process makes an offer, before all other locks: while one has a lapsed hold in hand,
        another could not give its opening to the next in line, and would serve the one behind."""

    def waiting(self) -> Sequence[tuple[int, str]]:
        """The ids and conversations of those who wait, the longest first."""

    def one(self, waiting_id: int) -> Waiting | None:
        """One who still waits."""

    def of(self, conversation_id: str, service: str) -> Waiting | None:
        """What the conversation waits for."""

    def end(self, waiting_id: int, at: datetime) -> None:
        """Ends the waiting, and the offer that is open."""

    def open_offer(self, waiting_id: int) -> WaitlistOffer | None:
        """The offer that is open."""

    def open_offers(self) -> Sequence[WaitlistOffer]:
        """All offers that are open, the earliest first."""

    def close_offer(self, offer_id: int, at: datetime) -> None:
        """Closes an offer that was not taken."""

    def add_offer(self, waiting: Waiting, start: datetime, end: datetime, at: datetime, until: datetime) -> int:
        """Keeps an offer; its id."""
