"""What the outbox asks of the world: a store, and a sender that knows the channel."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from notifications.model import Draft, Notification, Outcome
from notifications.troubles import Trouble

HandOver = Callable[[], None]
"""Called by a sender right before what cannot be taken back. Raises `LeaseLostError` when it must not go on."""


class Sender(Protocol):
    """Makes one attempt."""

    def send(self, notification: Notification, now: datetime, hand_over: HandOver) -> Outcome: ...


class Gate(Protocol):
    """Asked right before mail that the business sends of itself, because much may have happened since it was due."""

    def hindrance(self, notification: Notification, now: datetime) -> Outcome | None:
        """UNWANTED or POSTPONED; None when it may go."""
        ...


class Troubled(Protocol):
    def since(self, since: datetime, limit: int) -> Sequence[Trouble]:
        """Those made after `since` that a server refused, postponed or left in the dark, newest first."""
        ...


class Store(Protocol):
    """Notifications, each call a transaction of its own."""

    def add(self, draft: Draft, now: datetime) -> bool:
        """Whether it was new."""
        ...

    def claim(self, now: datetime) -> Notification | None:
        """The next one due, for this sender alone until its lease ends; None when there is none.

        One that waits for another attempt keeps back later ones to the same recipient, so that news stay in order;
        only mail that the business sends of itself keeps nothing back.
        """
        ...

    def hand_over(self, notification: Notification, now: datetime) -> None:
        """Notes that it may reach the recipient from now on. Raises `LeaseLostError`."""
        ...

    def settle(self, notification: Notification) -> bool:
        """Stores it as it is after its attempt; False when it was no longer this sender's to settle.

        One that is PENDING again counts as not handed over.
        """
        ...

    def settle_interrupted(self, reason: str) -> int:
        """Makes UNKNOWN what was handed over by a sender whose lease ended without a word; how many those were."""
        ...
