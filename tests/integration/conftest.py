"""A running bridge with a stand-in for Rasa, a visitor and an agent; a file that wants them otherwise says so."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from business.model import Business
from tests.integration.bridge_world import AgentClient, Bridge, StandInRasa, Visitor, bridge_process, rasa_server


@pytest.fixture
def rasa() -> StandInRasa:
    return StandInRasa()


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa: StandInRasa) -> Iterator[Bridge]:
    with rasa_server(rasa) as url, bridge_process(engine, magnolia, url) as running:
        yield running


@pytest.fixture
def visitor(bridge: Bridge) -> Visitor:
    return bridge.visitor()


@pytest.fixture
def sam(bridge: Bridge) -> AgentClient:
    return bridge.agent("Sam")
