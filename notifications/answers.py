"""What people do with the links in their mails: stop what they did not ask for, answer the question after a visit.

Both may be done again and again; the last answer counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from notifications.errors import LinkInvalidError
from notifications.links import Links, Purpose
from notifications.model import UNASKED, Notification

_OF: Mapping[Purpose, frozenset[str]] = MappingProxyType({"stop": UNASKED, "rating": frozenset({"follow_up"})})
"""The templates whose mails have the link."""


@dataclass(frozen=True)
class Scores:
    """Questions sent after visits in a period, and the answers to them: how many of each score, the 1 first."""

    asked: int
    scores: tuple[int, ...]

    @property
    def answered(self) -> int:
        return sum(self.scores)

    @property
    def mean(self) -> float | None:
        total = sum(score * number for score, number in enumerate(self.scores, 1))
        return total / self.answered if self.answered else None


class AnswerStore(Protocol):
    """Each call is a transaction of its own."""

    def notification(self, notification_id: int) -> Notification | None: ...

    def stop(self, address: str, at: datetime) -> None:
        """Keeps that `address` wants no more of what it did not ask for."""
        ...

    def rate(self, notification_id: int, score: int, at: datetime) -> None: ...

    def scores(self, since: datetime, until: datetime) -> Scores: ...


class Answers:
    """The use cases; `opened` changes nothing, as programs that look for malice follow links too."""

    def __init__(self, links: Links, store: AnswerStore) -> None:
        self._links = links
        self._store = store

    def opened(self, purpose: Purpose, token: str) -> Notification:
        """The mail that the link was in. Raises `LinkInvalidError`."""
        number = self._links.notification_id(purpose, token)
        notification = self._store.notification(number) if number else None
        if notification is None or notification.template not in _OF[purpose]:
            raise LinkInvalidError
        return notification

    def stop(self, token: str, now: datetime) -> Notification:
        """Raises `LinkInvalidError`."""
        notification = self.opened("stop", token)
        self._store.stop(notification.recipient, now)
        return notification

    def rate(self, token: str, score: int, now: datetime) -> Notification:
        """Keeps a score from 1 to 5. Raises `LinkInvalidError`."""
        notification = self.opened("rating", token)
        self._store.rate(notification.id, score, now)
        return notification

    def scores(self, since: datetime, until: datetime) -> Scores:
        """Of the questions sent from `since` on, before `until`."""
        return self._store.scores(since, until)
