"""The store on PostgreSQL: transactions, and the notices that go out with their commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event
from handoff_bridge.storage_agents import PostgresAgents, PostgresSessions
from handoff_bridge.storage_contacts import PostgresContacts
from handoff_bridge.storage_conversations import PostgresConversations
from handoff_bridge.storage_listen import CHANNEL, Listener
from handoff_bridge.storage_messages import PostgresMessages
from handoff_bridge.storage_queues import PostgresQueues
from handoff_bridge.storage_turns import PostgresTurns


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
    def agents(self) -> PostgresAgents:
        return PostgresAgents(self._connection)

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self._connection)

    @cached_property
    def queues(self) -> PostgresQueues:
        return PostgresQueues(self._connection)

    def ping(self) -> None:
        self._connection.execute(text("select 1"))

    def tell(self, event: Event) -> None:
        """Notifies every bridge process; PostgreSQL holds it back until the commit."""
        self._connection.execute(
            text("select pg_notify(:channel, :event)"), {"channel": CHANNEL, "event": event.to_json()}
        )


class PostgresStore:
    """The bridge's store on the tables of `storage_tables`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[PostgresTransaction]:
        """A transaction. Raises `StoreUnavailableError` when the database does not answer or a lock takes too long."""
        try:
            with self._engine.begin() as connection:
                yield PostgresTransaction(connection)
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            raise StoreUnavailableError from error

    def listen(self, heard: Callable[[Event], None]) -> Listener:
        """A listener, not started yet, that calls `heard` with what any bridge process tells."""
        return Listener(self._engine, heard)

    def ping(self) -> None:
        """Raises `StoreUnavailableError` when the database does not answer."""
        with self.begin() as t:
            t.ping()
