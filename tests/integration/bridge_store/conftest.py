"""The contract of the bridge's store: every test here runs on the fake and on PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from database.engine import connect
from handoff_bridge.ports import Store
from handoff_bridge.storage import PostgresStore
from tests.fake_store import FakeStore
from tests.integration.bridge_store.store_world import FakeWorld, PostgresWorld, World


@pytest.fixture(scope="module")
def shared_engine(server_url: str, template: str) -> Iterator[Engine]:
    """A database for the tests of a module, which empty it one after another: that is quicker than one for each."""
    administrator = connect(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text(f"create database contract template {template}"))
        engine = connect(server_url.replace("/postgres?", "/contract?"))
        yield engine
        engine.dispose()
        connection.execute(text("drop database contract with (force)"))
    administrator.dispose()


@pytest.fixture(params=["fake", "postgres"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld(FakeStore())
    engine: Engine = request.getfixturevalue("shared_engine")
    found = PostgresWorld(PostgresStore(engine), engine)
    found.clear()
    return found


@pytest.fixture
def store(world: World) -> Store:
    return world.store


@pytest.fixture
def pass_time(world: World) -> Callable[[float], None]:
    """Lets seconds pass on the database's clock."""
    return world.pass_time
