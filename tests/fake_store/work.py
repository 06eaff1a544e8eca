"""One transaction under way: the tables as it sees them, and what is to be told at its commit."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from handoff_bridge.events import Event
from tests.fake_store.locks import Locks
from tests.fake_store.tables import Tables


@dataclass
class Work:
    """`now` is the database's clock when the transaction began. An id that was drawn is never drawn again."""

    tables: Tables
    ids: Iterator[int]
    now: datetime
    locks: Locks = field(default_factory=Locks)
    notices: dict[Event, None] = field(default_factory=dict)
