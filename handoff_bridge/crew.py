"""Threads that come and go with the work, and the bell that wakes who hands it out."""

import queue
import threading
from collections.abc import Callable

_LEAVES_AFTER = 60.0  # seconds without work


class Crew:
    """At most `most` jobs at a time, each in a thread of its own; an idle thread waits a while for the next job."""

    def __init__(self, most: int, *, leaves_after: float = _LEAVES_AFTER) -> None:
        self._leaves_after = leaves_after
        self._room = threading.Semaphore(most)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._idle = 0  # threads that wait and have no job promised
        self._under_way = 0

    def reserve(self, seconds: float) -> bool:
        """Makes sure of room for one job; false when there is none in time. Follow with `do` or `give_back`."""
        return self._room.acquire(timeout=seconds)

    def give_back(self) -> None:
        """The room reserved is not needed."""
        self._room.release()

    def do(self, job: Callable[[], None]) -> None:
        """Does the job beside the caller; where no thread is to be had, in the caller's. It must not raise."""
        with self._changed:
            self._under_way += 1
            has_idle = self._idle > 0
            if has_idle:
                self._idle -= 1
        if has_idle:
            self._jobs.put(job)
            return
        try:
            threading.Thread(target=self._work, args=(job,), name="turn", daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            self._do(job)

    def wait(self, seconds: float) -> bool:
        """Waits for the jobs under way; whether all ended in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._under_way == 0, seconds)

    def _work(self, job: Callable[[], None] | None) -> None:
        while job is not None:
            self._do(job)
            with self._changed:
                self._idle += 1
            job = self._next()

    def _next(self) -> Callable[[], None] | None:
        while True:
            try:
                return self._jobs.get(timeout=self._leaves_after)
            except queue.Empty:
                with self._changed:
                    if self._idle > 0:
                        self._idle -= 1
                        return None  # else a job was promised just now

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            self._room.release()
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()


class Bell:
    """Wakes one who waits; rings while nobody waits count as one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung = False
        self._closed = False

    def ring(self) -> None:
        with self._changed:
            self._rung = True
            self._changed.notify()

    def close(self) -> None:
        """Wakes everybody, for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._rung or self._closed)
            self._rung = False
