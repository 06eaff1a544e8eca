"""Notifications: what they hold, how an attempt changes them, when the next one is. Every datetime is aware."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Self

from notifications.invitation import Invitation


class State(StrEnum):
    """Where a notification stands. UNKNOWN: it was handed over, and nobody heard whether it was accepted. DROPPED: when
    it was due nobody wanted it any more."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


BEFORE: Mapping[State, frozenset[State]] = MappingProxyType(
    {after: frozenset({State.PENDING, State.UNKNOWN}) for after in State if after is not State.UNKNOWN}
    | {State.UNKNOWN: frozenset({State.PENDING})}
)
"""From where a state can be reached. Out of UNKNOWN leads only the late word of the sender that handed it over."""

UNASKED = frozenset({"reminder", "follow_up"})
"""The templates of mail that the business sends of itself."""

MAX_ATTEMPTS = 14
"""With `back_off` they spread over a little more than a day."""

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
_LONGEST_VALUE = 200
_LONGEST_FAILURE = 500
_UNPRINTABLE = {"Cc", "Cs"}  # control characters and lone surrogates
_DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn around what follows them


class Result(StrEnum):
    """How an attempt ended. REFUSED and POSTPONED are about this notification, UNREACHABLE is about the server, and
    UNWANTED was never tried."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    POSTPONED = "postponed"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    UNWANTED = "unwanted"


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt, with the reason in words for the operator; only ACCEPTED needs none. `again_at` is when
    to try again, where that is known better than by waiting longer and longer."""

    result: Result
    reason: str = ""
    again_at: datetime | None = None


@dataclass(frozen=True)
class Draft:
    """A notification to be. The same `key` again is the same notification and has no effect.

    `template` is a name in the folder of the language; `data` fill it in. Each value becomes one line of text without
    control characters, 200 characters at most, whoever wrote it.
    """

    key: str
    recipient: str
    language: str
    template: str
    data: Mapping[str, str]
    channel: Literal["email"] = "email"
    invitation: Invitation | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "recipient", one_line(self.recipient, 320))
        object.__setattr__(self, "data", MappingProxyType({name: one_line(text) for name, text in self.data.items()}))


@dataclass(frozen=True)
class Notification:
    """A stored draft and what became of it.

    `attempts` counts the claims and so names the sender that may report on it. `lease_until` is how long that sender
    has it for itself. From `handed_over_at` on it may have reached the recipient and is not tried again.
    """

    id: int
    account_id: int
    key: str
    channel: Literal["email"]
    recipient: str
    language: str
    template: str
    data: Mapping[str, str]
    state: State
    attempts: int
    next_at: datetime
    lease_until: datetime | None
    handed_over_at: datetime | None
    failure: str | None
    created_at: datetime
    sent_at: datetime | None
    invitation: Invitation | None = None

    @property
    def is_unasked(self) -> bool:
        """Whether the business sends it of itself, so that it may be stopped."""
        return self.template in UNASKED

    @property
    def is_worn_out(self) -> bool:
        """Whether it was claimed more often than attempts are made: its senders stopped without a word."""
        return self.attempts > MAX_ATTEMPTS

    def after(self, outcome: Outcome, now: datetime, jitter: float) -> Self:
        """The notification after an attempt; `jitter` between 0 and 1 spreads the next one."""
        match outcome.result:
            case Result.ACCEPTED:
                return self._settled(State.SENT, sent_at=now)
            case Result.REFUSED:
                return self._settled(State.FAILED, failure=outcome.reason)
            case Result.LOST:
                return self._settled(State.UNKNOWN, failure=outcome.reason)
            case Result.UNWANTED:
                return self._settled(State.DROPPED, failure=outcome.reason)
            case Result.POSTPONED | Result.UNREACHABLE if self.attempts >= MAX_ATTEMPTS:
                return self._settled(State.FAILED, failure=outcome.reason)
            case Result.POSTPONED | Result.UNREACHABLE:
                waiting = self._settled(State.PENDING, failure=outcome.reason)
                return replace(waiting, next_at=outcome.again_at or now + back_off(self.attempts, jitter))

    def _settled(self, state: State, *, failure: str | None = None, sent_at: datetime | None = None) -> Self:
        reason = one_line(failure, _LONGEST_FAILURE) if failure is not None else None
        return replace(self, state=state, failure=reason, sent_at=sent_at, lease_until=None)


@dataclass(frozen=True)
class AppointmentNews:
    """What has happened to an appointment, for the customer's eyes. `key` names the change, `start` is its time now,
    `made_at` when the appointment was made.

    `uid` is the appointment's name in calendars for life, `sequence` rises with each change.
    """

    key: str
    kind: Literal["booked", "moved", "cancelled"]
    appointment_id: int
    made_at: datetime
    customer_name: str | None
    email: str
    language: str
    service_name: str
    start: datetime
    end: datetime
    code: str
    uid: str
    sequence: int

    @property
    def invitation(self) -> Invitation:
        method: Literal["REQUEST", "CANCEL"] = "CANCEL" if self.kind == "cancelled" else "REQUEST"
        return Invitation(method, self.uid, self.sequence, self.start, self.end)


@dataclass(frozen=True)
class Reminder:
    """What is mailed about an appointment because its time has come. `sequence` is that of the appointment's time."""

    key: str
    kind: Literal["reminder", "follow_up"]
    appointment_id: int
    made_at: datetime
    sequence: int
    customer_name: str | None
    email: str
    language: str
    service_name: str
    start: datetime
    code: str


def back_off(attempts: int, jitter: float) -> timedelta:
    """The wait after the given number of attempts: 1 min, doubled each time up to 4 h, and up to a quarter more."""
    doubled = _FIRST_WAIT * (1 << min(attempts - 1, 16))
    return min(doubled, _LONGEST_WAIT) * (1 + jitter / 4)


def one_line(text: str, limit: int = _LONGEST_VALUE) -> str:
    """`text` as a single line: no line break, control character, lone surrogate or change of writing direction."""
    words = " ".join(text.split())
    kept = (c for c in words if unicodedata.category(c) not in _UNPRINTABLE and c not in _DIRECTIONS)
    return "".join(kept)[:limit]
