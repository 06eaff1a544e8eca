"""The bridge's store in memory, for tests: it passes the contract tests that the store on PostgreSQL passes.

One lock stands for all of PostgreSQL's: a transaction works on a copy of the tables, which takes their place when the
context ends without an exception. An aggregate is a module; its rows are listed in `tables`, its place is in `store`.
"""

from tests.fake_store.locks import LawBrokenError, LockOrderError
from tests.fake_store.store import DatabaseClock, FakeStore

__all__ = ["DatabaseClock", "FakeStore", "LawBrokenError", "LockOrderError"]
