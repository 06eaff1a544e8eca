"""The store on PostgreSQL: transactions, and the notices that go out with their commit."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from database.breaker import Breaker, DatabaseStuckError
from database.patience import within
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import CHANNEL, Event
from handoff_bridge.storage_agents import PostgresAgents, PostgresSessions
from handoff_bridge.storage_contacts import PostgresContacts
from handoff_bridge.storage_conversations import PostgresConversations
from handoff_bridge.storage_decisions import PostgresDecisions
from handoff_bridge.storage_handoffs import PostgresHandoffs
from handoff_bridge.storage_listen import Listener
from handoff_bridge.storage_messages import PostgresMessages
from handoff_bridge.storage_offers import PostgresEscalations, PostgresOffers
from handoff_bridge.storage_queues import PostgresQueues
from handoff_bridge.storage_routing import PostgresRouting
from handoff_bridge.storage_staffing import PostgresStaffing
from handoff_bridge.storage_tasks import PostgresTasks
from handoff_bridge.storage_turns import PostgresTurns

_TELL = text("select pg_notify(:channel, :event)")
_LONGEST = 5.0  # seconds for a whole transaction: whoever sends a message hears soon that they must send it again


class PostgresTransaction:
    """One transaction's view of every aggregate."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def contacts(self) -> PostgresContacts:
        return PostgresContacts(self._connection)

    @cached_property
    def conversations(self) -> PostgresConversations:
        return PostgresConversations(self._connection)

    @cached_property
    def messages(self) -> PostgresMessages:
        return PostgresMessages(self._connection)

    @cached_property
    def turns(self) -> PostgresTurns:
        return PostgresTurns(self._connection)

    @cached_property
    def decisions(self) -> PostgresDecisions:
        return PostgresDecisions(self._connection)

    @cached_property
    def agents(self) -> PostgresAgents:
        return PostgresAgents(self._connection)

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self._connection)

    @cached_property
    def queues(self) -> PostgresQueues:
        return PostgresQueues(self._connection)

    @cached_property
    def handoffs(self) -> PostgresHandoffs:
        return PostgresHandoffs(self._connection)

    @cached_property
    def tasks(self) -> PostgresTasks:
        return PostgresTasks(self._connection)

    @cached_property
    def routing(self) -> PostgresRouting:
        return PostgresRouting(self._connection)

    @cached_property
    def offers(self) -> PostgresOffers:
        return PostgresOffers(self._connection)

    @cached_property
    def escalations(self) -> PostgresEscalations:
        return PostgresEscalations(self._connection)

    @cached_property
    def staffing(self) -> PostgresStaffing:
        return PostgresStaffing(self._connection)

    def ping(self) -> None:
        """Raises `StoreUnavailableError` when nothing can be written."""
        if self._connection.scalar(text("show transaction_read_only")) == "on":
            self._connection.invalidate()  # perhaps the next one leads to a server that takes over
            raise StoreUnavailableError("The database is read-only.")

    def tell(self, event: Event) -> None:
        """Notifies every bridge process; PostgreSQL holds it back until the commit."""
        self._connection.execute(_TELL, {"channel": CHANNEL, "event": event.to_json()})


class PostgresStore:
    """The bridge's store on the tables of `storage_tables`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")  # no begin and no commit to wait for
        self._breaker = Breaker()

    @contextmanager
    def begin(self) -> Iterator[PostgresTransaction]:
        """A transaction. Raises `StoreUnavailableError` when the database does not do its work, or not in time:
        it does not answer, a lock takes too long, it is read-only, its disk is full. Then nothing was changed, unless
        the answer to the commit was lost; a repeat is harmless either way.
        """
        with self._guarded(self._engine.begin) as transaction:
            yield transaction

    @contextmanager
    def look(self) -> Iterator[PostgresTransaction]:
        """For reading only: each question sees what is committed when it is asked. Raises as `begin` does."""
        with self._guarded(self._reading.connect) as transaction:
            yield transaction

    def listen(self, heard: Callable[[Event], None]) -> Listener:
        """A listener, not started yet, that calls `heard` with what any bridge process tells."""
        return Listener(self._engine, heard)

    def ping(self) -> None:
        """Raises `StoreUnavailableError` when the database does not answer, or takes no writes."""
        with self.begin() as t:
            t.ping()

    @contextmanager
    def _guarded(self, connect: Callable[[], AbstractContextManager[Connection]]) -> Iterator[PostgresTransaction]:
        try:
            with self._breaker.call(_is_silence), within(_LONGEST), connect() as connection:
                yield PostgresTransaction(connection)
        except DatabaseStuckError as error:
            raise StoreUnavailableError from error
        except (DBAPIError, PoolTimeoutError) as error:
            if not _is_fault(error):
                raise
            raise StoreUnavailableError from error


def _is_fault(error: Exception) -> bool:
    """Whether the database failed, rather than what was asked of it."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))


def _is_silence(error: Exception) -> bool:
    """Whether the database said nothing at all, not even what is wrong (a lock that is held, a disk that is full)."""
    return _is_fault(error) and getattr(getattr(error, "orig", None), "pgcode", None) is None
