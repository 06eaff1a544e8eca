"""The threads of a bridge process: claimers that take turns, the crew that works them, and the clock.

A turn spends its time waiting for Rasa, so threads for turns grow with the need: many that hang leave room for others.
"""

import threading
import time
from collections.abc import Callable

import structlog

from handoff_bridge.clockwork import Clockwork
from handoff_bridge.crew import Bell, Crew
from handoff_bridge.delivery import Delivery
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.turns import Turn

log = structlog.get_logger(__name__)

MOST_TURNS = 200  # under way at a time in this process
_CLAIMERS = 2
_POLL = 0.5  # seconds: how soon the clock notices, and the net under lost wake-up calls
_TIDY_EVERY = 600  # ticks


class Workers:
    """Starts and stops the threads."""

    def __init__(self, delivery: Delivery, clockwork: Clockwork, *, most: int = MOST_TURNS) -> None:
        self._delivery = delivery
        self._clockwork = clockwork
        self._bell = Bell()
        self._crew = Crew(most)
        self._stopping = threading.Event()
        self._worked_off = threading.Event()
        self._threads = [
            threading.Thread(target=self._claim, name=f"claimer-{n}", daemon=True) for n in range(_CLAIMERS)
        ]
        self._threads.append(threading.Thread(target=self._tick, name="clock", daemon=True))
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        for thread in (*self._threads, self._keeper):
            thread.start()

    def ring(self) -> None:
        """There may be work."""
        self._bell.ring()

    def stop(self, seconds: float) -> bool:
        """Takes no new turns and waits for those under way; whether all ended in time.

        What did not end is left to its lease, as after a kill.
        """
        deadline = time.monotonic() + seconds
        self._stopping.set()
        self._bell.close()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        all_ended = self._crew.wait(max(0.0, deadline - time.monotonic()))
        self._worked_off.set()
        return all_ended and not any(thread.is_alive() for thread in self._threads)

    def _claim(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait()
            while not self._stopping.is_set() and self._guarded(self._take_one):
                pass

    def _take_one(self) -> bool:
        """Hands the next turn that is due to the crew; whether it is worth to look for another."""
        if not self._crew.reserve(_POLL):
            return True
        turn = None
        try:
            turn = self._delivery.claim()
        finally:
            if turn is None:
                self._crew.give_back()
        if turn is None:
            return False
        self._crew.do(lambda: self._work(turn))
        return True

    def _work(self, turn: Turn) -> None:
        self._guarded(lambda: self._delivery.work(turn))
        self._bell.ring()  # the conversation's next message may be due now

    def _tick(self) -> None:
        ticks = 0
        while not self._stopping.wait(_POLL):
            for step in self._clockwork.steps:
                self._guarded(step)
            self._bell.ring()
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
        except StoreUnavailableError as error:
            log.warning("A background step found no database.", action="background_no_store", seen=_seen(error))
        except Exception:
            log.exception("A background step failed.", action="background_failed")
        self._stopping.wait(_POLL)
        return False


def _seen(error: StoreUnavailableError) -> str:
    return type(error.__cause__ or error).__name__
