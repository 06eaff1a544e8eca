"""The threads of a bridge process: workers that turn messages into answers, and the clock."""

import threading
import time
from collections.abc import Callable

import structlog

from handoff_bridge.clockwork import Clockwork
from handoff_bridge.delivery import Delivery

log = structlog.get_logger(__name__)

WORKERS = 24  # threads; a turn spends its time waiting for Rasa, so that many slow ones leave room for others
_POLL = 0.5  # seconds: how soon the clock notices, and the net under lost wake-up calls
_TIDY_EVERY = 600  # ticks


class Workers:
    """Starts and stops the threads."""

    def __init__(self, delivery: Delivery, clockwork: Clockwork, *, count: int = WORKERS) -> None:
        self._delivery = delivery
        self._clockwork = clockwork
        self._bell = threading.Semaphore(0)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, name=f"worker-{n}", daemon=True) for n in range(count)]
        self._threads.append(threading.Thread(target=self._tick, name="clock", daemon=True))
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._worked_off = threading.Event()

    def start(self) -> None:
        for thread in (*self._threads, self._keeper):
            thread.start()

    def ring(self) -> None:
        """There may be work: wakes one worker, who wakes the next if there was."""
        self._bell.release()

    def stop(self, seconds: float) -> bool:
        """Takes no new turns and waits for those under way; whether all ended in time.

        What did not end is left to its lease, as after a kill.
        """
        self._stopping.set()
        for _ in self._threads:
            self._bell.release()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        done = not any(thread.is_alive() for thread in self._threads)
        self._worked_off.set()
        return done

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._bell.acquire()
            while not self._stopping.is_set() and self._guarded(self._delivery.work):
                self._bell.release()

    def _tick(self) -> None:
        ticks = 0
        while not self._stopping.wait(_POLL):
            self._guarded(self._clockwork.tick)
            self._bell.release()
            ticks += 1
            if ticks % _TIDY_EVERY == 0:
                self._guarded(self._clockwork.tidy)

    def _keep(self) -> None:
        while not self._worked_off.wait(self._delivery.lease / 3):
            self._guarded(self._delivery.renew)

    def _guarded(self, step: Callable[[], bool | None]) -> bool:
        """The edge of the process: whatever fails is logged, and tried again at the next call."""
        try:
            return bool(step())
        except Exception:
            log.exception("A background step failed.", action="background_failed")
            self._stopping.wait(_POLL)
            return False
