"""Any order of what customers, agents, the assistant, the clock and failures do: the laws hold after every step."""

from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import Engine

from business.model import Business
from handoff_bridge.storage import PostgresStore
from tests.fake_store import FakeStore
from tests.integration.bridge_machine.machine import explore
from tests.integration.bridge_store.store_world import FakeWorld, PostgresWorld

pytestmark = pytest.mark.timeout(900)  # a failing run is made shorter for minutes before it is shown


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody reads the log of ten thousand steps, or waits between attempts to write down an outcome."""
    monkeypatch.setattr("handoff_bridge.delivery._STORE_PAUSES", (0, 0, 0, 0))
    with structlog.testing.capture_logs():
        yield


def test_no_order_of_events_breaks_a_law(magnolia: Business) -> None:
    explore(FakeWorld(FakeStore()), magnolia, examples=120, steps=50)


def test_no_order_of_events_breaks_a_law_on_postgresql(magnolia: Business, engine: Engine) -> None:
    explore(PostgresWorld(PostgresStore(engine), engine), magnolia, examples=10, steps=40)
