"""Use cases that stop between their transactions, so that anything else may happen there.

An actor is a thread, but never two run at once: whoever lets an actor take a step waits until it has stopped again.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event
from handoff_bridge.ports import Listening, Store, Transaction

_PATIENCE = 30  # seconds until a step counts as hanging


class KilledError(BaseException):
    """The end of an actor's process, which no `except Exception` notices."""


class Actor(threading.Thread):
    """Runs `what`, stopping before every transaction but the first."""

    def __init__(self, what: Callable[[], object], name: str) -> None:
        super().__init__(target=self._run, name=name, daemon=True)
        self._what = what
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._transactions = 0
        self._next_error: BaseException | None = None
        self._error: BaseException | None = None
        self.is_done = False

    def step(self) -> None:
        """Lets it go on to its next stop or to its end. Raises what it raised."""
        if not self.ident:
            self.start()
        self._go.release()
        assert self._stopped.acquire(timeout=_PATIENCE), f"{self.name} hangs"
        if self._error is not None:
            raise self._error

    def fail(self, error: BaseException) -> None:
        """Lets its next transaction fail, and it go on from there."""
        self._next_error = error
        self.step()

    def before_transaction(self) -> None:
        self._transactions += 1
        if self._transactions == 1:
            return
        self._stopped.release()
        self._go.acquire()
        error, self._next_error = self._next_error, None
        if error is not None:
            raise error

    def _run(self) -> None:
        self._go.acquire()
        try:
            self._what()
        except (KilledError, StoreUnavailableError):
            pass  # the process is gone, or it logs the failure and goes on
        except BaseException as error:  # noqa: BLE001 - raised again where the step was taken
            self._error = error
        self.is_done = True
        self._stopped.release()


class SteppingStore(Store):
    """A store whose transactions actors stop before."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    def begin(self) -> AbstractContextManager[Transaction]:
        return _after_a_stop(self._inner.begin)

    def look(self) -> AbstractContextManager[Transaction]:
        return _after_a_stop(self._inner.look)

    def listen(self, heard: Callable[[Event], None]) -> Listening:
        return self._inner.listen(heard)

    def ping(self) -> None:
        self._inner.ping()


@contextmanager
def _after_a_stop(begin: Callable[[], AbstractContextManager[Transaction]]) -> Iterator[Transaction]:
    actor = threading.current_thread()
    if isinstance(actor, Actor):
        actor.before_transaction()
    with begin() as t:
        yield t
