"""The fixtures: one PostgreSQL, one trained model and one Rasa for all tests; a conversation of its own for each."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support import ActionServer, Rasa, Wire, fresh_database, postgres_server, train


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """In a folder outside pytest's own: as root the server runs as another user, and every pytest that starts takes
    the others' rights on pytest's folder away."""
    with TemporaryDirectory(prefix="frontdesk-") as folder, postgres_server(Path(folder) / "postgres") as url:
        yield url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    with fresh_database(server_url, f"rasa_{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def wire(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Wire:
    return Wire(database_url, tmp_path_factory.mktemp("wire"))


@pytest.fixture(scope="session")
def action_server() -> Iterator[ActionServer]:
    server = ActionServer()
    yield server
    server.stop()


@pytest.fixture
def actions(action_server: ActionServer) -> ActionServer:
    """The action server without actions, and with nothing asked of it yet."""
    action_server.calls.clear()
    action_server.actions.clear()
    return action_server


@pytest.fixture(scope="session")
def rasa(
    model: Path, wire: Wire, action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rasa]:
    server = Rasa(tmp_path_factory.mktemp("rasa"), model, wire.url, action_server.url).wait_for(200)
    yield server
    server.kill()


@pytest.fixture
def conversation() -> str:
    """A conversation nobody else has."""
    return f"website-{uuid.uuid4().hex}"
