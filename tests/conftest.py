"""What all tests share: one embedded PostgreSQL a run, a fresh database a test that asks for one."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, text

from business.model import Business
from business.reader import read_business
from database.embedded import embedded_server
from database.engine import connect
from database.migrate import migrate

ROOT = Path(__file__).parent.parent
_numbers = itertools.count(1)

# A busy machine makes examples slow, which says nothing about what is tested.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of a PostgreSQL of this test run.

    Its folder is not one of pytest's: run as root, the server is another user, and pytest shuts others out of its own.
    """
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder, embedded_server(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated database that each test's own is copied from."""
    with _administrator(server_url) as connection:
        connection.execute(text("create database frontdesk_template"))
    engine = connect(_named(server_url, "frontdesk_template"))
    migrate(engine)
    engine.dispose()
    return "frontdesk_template"


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database of this test's own, migrated and empty."""
    name = f"test_{next(_numbers)}"
    with _administrator(server_url) as connection:
        connection.execute(text(f"create database {name} template {template}"))
        yield _named(server_url, name)
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = connect(database_url)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def magnolia() -> Business:
    """The sample dealership."""
    return read_business(ROOT / "business.yml")


@pytest.fixture(scope="session")
def northlight() -> Business:
    """The sample consultancy."""
    return read_business(ROOT / "examples/education/business.yml")


@contextmanager
def _administrator(url: str) -> Iterator[Connection]:
    """A connection outside transactions, as making a database wants it."""
    engine = connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _named(url: str, database: str) -> str:
    head, _, tail = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}?{tail}"
