"""Notifications that need a person: refused for good, of unknown outcome, or tried again and again."""

from dataclasses import dataclass
from datetime import datetime

from notifications.model import State


@dataclass(frozen=True)
class Trouble:
    """PENDING: it was postponed, and is tried again at `next_at`, which means nothing otherwise. FAILED: it was never
    delivered. UNKNOWN: it may have been. `failure` is the mail server's words, which may name the recipient."""

    id: int
    template: str
    recipient: str
    state: State
    failure: str
    attempts: int
    created_at: datetime
    next_at: datetime
