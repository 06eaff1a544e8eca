"""What the fake refuses: what PostgreSQL refuses too, and what would make two transactions wait for each other."""

from enum import Enum


class LawBrokenError(Exception):
    """The row breaks a constraint of the tables."""


class LockOrderError(Exception):
    """A row is locked after one of a later kind, or a message is written without its conversation's lock."""


class Kind(Enum):
    """The kinds of rows with their rank: a row may be locked after those of its own rank and below.

    Contacts, turns and tasks rank alike, because who takes several holds their conversation.
    """

    CONVERSATION = ("conversation", 1)
    CONTACT = ("contact", 2)
    TURN = ("turn", 2)
    TASK = ("task", 2)
    AGENT = ("agent", 3)

    @property
    def rank(self) -> int:
        return self.value[1]


class Locks:
    """The rows that one transaction holds."""

    def __init__(self) -> None:
        self._held: set[tuple[Kind, object]] = set()
        self._rank = 0

    def take(self, kind: Kind, key: object) -> None:
        """Raises `LockOrderError` when a row of a higher rank is held already."""
        if (kind, key) in self._held:
            return
        if kind.rank < self._rank:
            raise LockOrderError(f"{kind.name} {key} is locked after a row of a later kind")
        self._held.add((kind, key))
        self._rank = kind.rank

    def require(self, kind: Kind, key: object) -> None:
        """Raises `LockOrderError` unless the row is held."""
        if (kind, key) not in self._held:
            raise LockOrderError(f"{kind.name} {key} must be locked first")
