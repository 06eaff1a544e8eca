"""The store itself: transactions, the clock of the database, and whoever listens."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property

from handoff_bridge import ports
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind
from tests.fake_store.agents import FakeAgents
from tests.fake_store.contacts import FakeContacts
from tests.fake_store.conversations import FakeConversations
from tests.fake_store.decisions import FakeDecisions
from tests.fake_store.handoffs import FakeHandoffs
from tests.fake_store.messages import FakeMessages
from tests.fake_store.offers import FakeEscalations, FakeOffers
from tests.fake_store.queues import FakeQueues
from tests.fake_store.routing import FakeRouting, FakeStaffing
from tests.fake_store.sessions import FakeSessions
from tests.fake_store.tables import Tables
from tests.fake_store.tasks import FakeTasks
from tests.fake_store.turns import FakeTurns
from tests.fake_store.work import Work


class DatabaseClock:
    """The clock of leases and retries: it stands until somebody sets it forward."""

    def __init__(self, start: datetime = datetime(2026, 12, 1, 15, tzinfo=UTC)) -> None:
        self.now = start

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeTransaction(ports.Transaction):
    """One transaction's view of every aggregate."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @cached_property
    def contacts(self) -> FakeContacts:
        return FakeContacts(self._work)

    @cached_property
    def conversations(self) -> FakeConversations:
        return FakeConversations(self._work)

    @cached_property
    def messages(self) -> FakeMessages:
        return FakeMessages(self._work)

    @cached_property
    def turns(self) -> FakeTurns:
        return FakeTurns(self._work)

    @cached_property
    def agents(self) -> FakeAgents:
        return FakeAgents(self._work)

    @cached_property
    def sessions(self) -> FakeSessions:
        return FakeSessions(self._work)

    @cached_property
    def queues(self) -> FakeQueues:
        return FakeQueues(self._work)

    @cached_property
    def tasks(self) -> FakeTasks:
        return FakeTasks(self._work)

    @cached_property
    def routing(self) -> FakeRouting:
        return FakeRouting(self._work)

    @cached_property
    def offers(self) -> FakeOffers:
        return FakeOffers(self._work)

    @cached_property
    def escalations(self) -> FakeEscalations:
        return FakeEscalations(self._work)

    @cached_property
    def staffing(self) -> FakeStaffing:
        return FakeStaffing(self._work)

    @cached_property
    def handoffs(self) -> FakeHandoffs:
        return FakeHandoffs(self._work)

    @cached_property
    def decisions(self) -> FakeDecisions:
        return FakeDecisions(self._work)

    def tell(self, event: Event) -> None:
        self._work.notices[event] = None


class FakeListening(ports.Listening):
    """A thread that hears what was told since it was started."""

    def __init__(self, heard: Callable[[Event], None], enter: Callable[["FakeListening"], None]) -> None:
        self._heard = heard
        self._enter = enter
        self._told: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._enter(self)
        self._thread.start()

    def stop(self) -> None:
        self._told.put(None)
        self._thread.join()

    def tell(self, event: Event) -> None:
        self._told.put(event)

    def _run(self) -> None:
        while (event := self._told.get()) is not None:
            self._heard(event)


class FakeStore(ports.Store):
    """A store for one test. Set `is_up` to False to have the database gone."""

    def __init__(self, clock: DatabaseClock | None = None) -> None:
        self.clock = clock or DatabaseClock()
        self.is_up = True
        self.tables = Tables()
        self._ids = itertools.count(1)
        self._alone = threading.Lock()
        self._owner: int | None = None
        self._listeners: list[FakeListening] = []

    @contextmanager
    def begin(self) -> Iterator[FakeTransaction]:
        """A transaction. Raises `StoreUnavailableError` while the database is gone."""
        if not self.is_up:
            raise StoreUnavailableError
        assert self._owner != threading.get_ident(), "a transaction inside a transaction waits for itself"
        with self._alone:
            self._owner = threading.get_ident()
            try:
                work = Work(self.tables.copy(), self._ids, self.clock.now)
                yield FakeTransaction(work)
                self._commit(work)
            finally:
                self._owner = None

    def look(self) -> AbstractContextManager[FakeTransaction]:
        return self.begin()

    def listen(self, heard: Callable[[Event], None]) -> FakeListening:
        return FakeListening(heard, self._listen)

    def ping(self) -> None:
        with self.begin():
            pass

    def _commit(self, work: Work) -> None:
        self.tables = work.tables
        for event, listener in itertools.product(work.notices, self._listeners):
            listener.tell(event)

    def _listen(self, listener: FakeListening) -> None:
        """A new listener does not know what was told before, as one who was cut off."""
        with self._alone:
            listener.tell(Event(Kind.MISSED))
            self._listeners.append(listener)
