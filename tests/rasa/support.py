"""What the tests of Rasa's environment start: PostgreSQL, a wire to cut, an action server, Rasa itself."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import psycopg2
import requests
from sqlalchemy.engine import make_url

REPOSITORY = Path(__file__).resolve().parents[2]
ASSISTANT = Path(__file__).parent / "assistant"
SECRET = "a-secret-of-the-tests-and-long-enough"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
}
SERVE = """
import sys
from pathlib import Path
from database.embedded import embedded_server
with embedded_server(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL: the one of TEST_DATABASE_URL, or one of our own in `folder`."""
    if os.environ.get("TEST_DATABASE_URL"):
        yield os.environ["TEST_DATABASE_URL"]
        return
    command = [REPOSITORY / ".venv/bin/python", "-c", SERVE, folder]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().strip()
        assert url, "PostgreSQL did not start."
        yield url
        server.stdin.close()
        server.wait(30)


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """The URL of a new database with the table that the migration makes; dropped afterwards."""
    _execute(server_url, f"create database {name}")
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    migration = _migration()
    migration.op.execute = lambda statement: _execute(url, statement)
    migration.upgrade()
    try:
        yield url
    finally:
        _execute(server_url, f"drop database {name} with (force)")


def rows(url: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query gives."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def _migration() -> types.ModuleType:
    """The migration; Rasa's environment has no Alembic, so its `op` is ours."""
    path = REPOSITORY / "database/migrations/versions/0003_tracker_events.py"
    sys.modules["alembic"] = types.SimpleNamespace(op=types.SimpleNamespace())  # type: ignore[assignment]
    try:
        spec = spec_from_file_location("tracker_events", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        del sys.modules["alembic"]


class Wire:
    """A socket folder that leads to the database, until it is cut."""

    def __init__(self, url: str, folder: Path) -> None:
        self._target = make_url(url)
        self._path = folder / ".s.PGSQL.5432"
        self._folder = folder
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    @property
    def url(self) -> str:
        """The database, by this wire."""
        target = self._target.set(host=None, port=None, query={"host": str(self._folder)})
        return target.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Nobody gets through any more, and who was talking is cut off."""
        self._listener.close()
        self._path.unlink()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        """Everybody gets through again."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = self._connect()
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = self._target.query.get("host") or self._target.host
        if folder and folder.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{folder}/.s.PGSQL.{self._target.port or 5432}")
            return far
        return socket.create_connection((folder or "127.0.0.1", self._target.port or 5432))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class ActionServer:
    """Stands in for the actions: each named one is a function of the request that gives `{events, responses}`."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._changed = threading.Condition()
        self.actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        """Where it is, without the path."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Refuses connections."""
        self._server.shutdown()
        self._server.server_close()

    def wait_for_call(self, name: str) -> None:
        """Returns when the action has been asked for."""
        with self._changed:
            assert self._changed.wait_for(lambda: name in self.calls, timeout=30)

    def _note(self, name: str) -> None:
        with self._changed:
            self.calls.append(name)
            self._changed.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        actions = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                actions._note(asked["next_action"])
                try:
                    status, answer = 200, actions.actions[asked["next_action"]](asked)
                except RuntimeError as exc:
                    status, answer = 500, {"error": str(exc), "request_body": asked}
                body = json.dumps({"events": [], "responses": [], **answer}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have been killed
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        return Handler


def train(folder: Path) -> Path:
    """The model of the tests' assistant. About 20 s."""
    command = [sys.executable, "-m", "rasa", "train", "--out", folder, "--fixed-model-name", "assistant"]
    for part in ("config", "domain", "data"):
        command += [f"--{part}", ASSISTANT / f"{part}.yml"]
    with (folder / "train.log").open("wb") as log:
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, **QUIET}, stdout=log, stderr=log)
    return folder / "assistant.tar.gz"


class Rasa:
    """A Rasa server as it runs in production, and the bridge's view of it."""

    def __init__(
        self,
        folder: Path,
        model: Path,
        database_url: str,
        actions_url: str,
        endpoints: Path = REPOSITORY / "endpoints.yml",
    ) -> None:
        self.port = _free_port()
        self._url = f"http://127.0.0.1:{self.port}/webhooks/bridge/"
        credentials = folder / "credentials.yml"
        credentials.write_text(
            "addons.bridge_channel.BridgeChannel:\n  secret: ${FRONTDESK_SECRET}\n  hidden_slots: [steering]\n"
        )
        self.log = folder / "rasa.log"
        environment = {"DATABASE_URL": database_url, "ACTIONS_URL": actions_url, "FRONTDESK_SECRET": SECRET}
        command = [sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(self.port)]
        command += ["--model", model, "--credentials", credentials, "--endpoints", endpoints]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env={**os.environ, **QUIET, **environment}, stdout=log, stderr=log
            )

    def wait_for(self, status: int) -> "Rasa":
        """Returns when its health has this status; 200 is a loaded model."""
        give_up = time.monotonic() + 300
        while time.monotonic() < give_up and self.process.poll() is None:
            with suppress(requests.ConnectionError):
                if self.health().status_code == status:
                    return self
            time.sleep(0.1)
        self.kill()
        raise AssertionError(self.log.read_text()[-4000:])

    def kill(self) -> None:
        """Ends it as a power failure would."""
        self.process.kill()
        self.process.wait()

    def health(self) -> requests.Response:
        """`GET /webhooks/bridge/`."""
        return self.raw("GET", "", b"")

    def raw(self, method: str, path: str, body: Any, headers: dict[str, Any] | None = None) -> requests.Response:
        """Whatever one wants to send; with the secret unless there are other headers."""
        headers = {"X-Frontdesk-Secret": SECRET} if headers is None else headers
        return requests.request(method, self._url + path, data=body, headers=headers, timeout=60)

    def post(self, path: str, body: Any) -> requests.Response:
        """JSON, with the secret."""
        return self.raw("POST", path, json.dumps(body).encode())

    def turn(self, conversation_id: str, message_id: str, text: str, **fields: Any) -> requests.Response:
        """A customer's message."""
        return self.post("turn", turn_body(conversation_id, message_id, text, **fields))

    def events(self, conversation_id: str, *events: dict[str, Any]) -> requests.Response:
        """Events for the tracker."""
        return self.post("events", {"conversation_id": conversation_id, "events": list(events)})


def turn_body(conversation_id: str, message_id: str, text: str, **fields: Any) -> dict[str, Any]:
    """The body of a turn as the bridge sends it."""
    return {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "text": text,
        "channel": "website",
        "language": "en",
        "metadata": {"sent_at": "2026-11-20T10:00:00-06:00"},
        **fields,
    }


def texts(answer: dict[str, Any]) -> list[str]:
    """What the assistant said."""
    return [message["text"] for message in answer["messages"]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
