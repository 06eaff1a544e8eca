"""Spares callers the wait for a database that does not answer.

After one call has waited in vain the others are refused at once, except one at a time that looks whether it is back.
A failure that comes quickly (refused, cut, read-only) spares itself and changes nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)

_SLOW = 2.0  # seconds from which a failure counts as waiting in vain
_REST = 1.0  # seconds between looks
_LOOK = 10.0  # seconds after which a look counts as over, whatever became of it


class DatabaseStuckError(Exception):
    """The database has kept others waiting in vain a moment ago, and is not asked now."""


class Breaker:
    """One for all calls to one database; `clock` gives seconds that only rise."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look: float | None = None  # None while all is well

    @contextmanager
    def call(self, is_silence: Callable[[Exception], bool]) -> Iterator[None]:
        """Around each call; `is_silence` tells its silence from other failures. Raises `DatabaseStuckError`."""
        began = self._clock()
        self._admit(began)
        try:
            yield
        except Exception as error:
            self._failed(in_vain=is_silence(error) and self._clock() - began >= _SLOW)
            raise
        self._close()

    def _admit(self, now: float) -> None:
        if self._next_look is None:
            return
        with self._lock:
            if self._next_look is None:
                return
            if now < self._next_look:
                raise DatabaseStuckError(DatabaseStuckError.__doc__)
            self._next_look = now + _LOOK

    def _failed(self, *, in_vain: bool) -> None:
        with self._lock:
            if in_vain and self._next_look is None:
                log.error("The database does not answer; calls are refused until it does.", action="store_stuck")
            if in_vain or self._next_look is not None:
                self._next_look = self._clock() + _REST

    def _close(self) -> None:
        if self._next_look is None:
            return
        with self._lock:
            self._next_look = None
        log.info("The database answers again.", action="store_back")
