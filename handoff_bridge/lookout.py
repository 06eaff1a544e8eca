"""The thread that has the router look at once when something happened; the clock's tick is the net under it."""

import threading

import structlog

from handoff_bridge.clockwork import Job
from handoff_bridge.crew import Bell
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind

log = structlog.get_logger(__name__)

_REST = 0.1  # seconds: what happens meanwhile is looked at together
_OF_INTEREST = frozenset({Kind.QUEUE, Kind.AGENTS, Kind.OFFER, Kind.MISSED})


class Lookout:
    """Starts and stops the thread."""

    def __init__(self, router: Job) -> None:
        self._router = router
        self._bell = Bell()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hear(self, event: Event) -> None:
        """Takes a notice: somebody waits, came, went, or answered an offer."""
        if event.kind in _OF_INTEREST:
            self._bell.ring()

    def stop(self, seconds: float) -> None:
        """Waits at most `seconds` for the look under way."""
        self._stopping.set()
        self._bell.close()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait()
            if not self._stopping.is_set():
                self._look()
                self._stopping.wait(_REST)

    def _look(self) -> None:
        """The edge of the thread: whatever fails is logged, and the clock's tick makes good for it."""
        try:
            self._router.tick()
        except StoreUnavailableError:
            log.warning("The router found no database.", action="router_no_store")
        except Exception:
            log.exception("The router could not finish a round.", action="router_failed")
