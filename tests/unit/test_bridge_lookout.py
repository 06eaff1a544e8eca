"""The thread that has the router look at once."""

import queue
import threading
from collections.abc import Iterator

import pytest

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.events import Event, Kind
from handoff_bridge.lookout import Lookout

PATIENCE = 30  # seconds


class CountingRouter:
    """Notes each look; the first ones may fail."""

    def __init__(self) -> None:
        self.looks: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.failures: list[Exception] = []

    def tick(self) -> None:
        self.looks.put(1)
        if self.failures:
            raise self.failures.pop()


@pytest.fixture
def router() -> CountingRouter:
    return CountingRouter()


@pytest.fixture
def lookout(router: CountingRouter) -> Iterator[Lookout]:
    made = Lookout(router)
    made.start()
    yield made
    made.stop(PATIENCE)
    assert "lookout" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("kind", [Kind.QUEUE, Kind.AGENTS, Kind.OFFER, Kind.MISSED])
def test_the_router_looks_as_soon_as_it_may_matter(lookout: Lookout, router: CountingRouter, kind: Kind) -> None:
    lookout.hear(Event(kind))
    assert router.looks.get(timeout=PATIENCE)


def test_what_is_of_no_interest_wakes_nobody(lookout: Lookout, router: CountingRouter) -> None:
    for kind in set(Kind) - {Kind.QUEUE, Kind.AGENTS, Kind.OFFER, Kind.MISSED}:
        lookout.hear(Event(kind))
    lookout.hear(Event(Kind.QUEUE))
    assert router.looks.get(timeout=PATIENCE)
    lookout.stop(PATIENCE)
    assert router.looks.empty()


def test_a_look_that_fails_is_not_the_last_one(lookout: Lookout, router: CountingRouter) -> None:
    router.failures = [ValueError("nobody foresaw this"), StoreUnavailableError()]
    for _ in range(3):
        lookout.hear(Event(Kind.QUEUE))
        assert router.looks.get(timeout=PATIENCE)
