"""A store under test and what lies behind it: its clock, which a test sets forward, and the rows that no port shows."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from database.engine import metadata
from handoff_bridge.ports import Store
from handoff_bridge.storage import PostgresStore
from handoff_bridge.turns import TurnState
from tests.fake_store import FakeStore, LawBrokenError
from tests.fake_store.tables import TurnRow

REFUSALS = (LawBrokenError, IntegrityError)
"""How a store says that a row would break the law of its tables."""

PATIENCE = 30  # seconds until something that must happen counts as not happening


def eventually(look: Callable[[], bool]) -> None:
    """Waits until `look` is true; fails when it does not become so."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class World(Protocol):
    @property
    def store(self) -> Store: ...
    def pass_time(self, seconds: float) -> None:
        """Lets seconds pass on the clock of the database."""
        ...

    def turns(self) -> Sequence[TurnRow]:
        """Every turn, by id."""
        ...

    def clear(self) -> None:
        """Forgets everything."""
        ...


class FakeWorld(World):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    @property
    def store(self) -> FakeStore:
        return self._store

    def pass_time(self, seconds: float) -> None:
        self._store.clock.advance(seconds)

    def turns(self) -> Sequence[TurnRow]:
        return list(self._store.tables.turns.values())

    def clear(self) -> None:
        self._store.tables = type(self._store.tables)()


class PostgresWorld(World):
    """Nobody sets PostgreSQL's clock, so that here the rows grow older."""

    def __init__(self, store: PostgresStore, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    @property
    def store(self) -> PostgresStore:
        return self._store

    def pass_time(self, seconds: float) -> None:
        age = "make_interval(secs => :seconds)"
        times = ", ".join(f"{name} = {name} - {age}" for name in ("next_at", "lease_until", "created_at"))
        with self._engine.begin() as connection:
            connection.execute(text(f"update turns set {times}"), {"seconds": seconds})

    def turns(self) -> Sequence[TurnRow]:
        columns = ", ".join(TurnRow.__dataclass_fields__)
        with self._engine.connect() as connection:
            rows = connection.execute(text(f"select {columns} from turns order by id"))
            return [TurnRow(**{**row._mapping, "state": TurnState(row.state)}) for row in rows]

    def clear(self) -> None:
        every = "; ".join(f"delete from {table.name}" for table in reversed(metadata.sorted_tables))
        with self._engine.begin() as connection:
            connection.execute(text(every))
