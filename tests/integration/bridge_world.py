"""The world around a bridge under test: a stand-in Rasa on a real socket, the bridge on another, and their clients."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from argon2 import PasswordHasher
from sanic import Sanic
from sqlalchemy import Engine
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from business.model import Business
from handoff_bridge.engagements import Diary, Engagement, Person
from handoff_bridge.process import running
from handoff_bridge.seed import seed
from handoff_bridge.services import Services, join
from handoff_bridge.settings import Settings
from handoff_bridge.storage import PostgresStore
from handoff_bridge.storage_mailroom import join_mailroom
from scheduling.book import Visit
from scheduling.service import Calendar
from scheduling.storage import PostgresStore as CalendarStore
from scheduling.storage_book import PostgresBook

QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # safe is slow; tests only need right
SECRET = "a secret of at least thirty-two characters"
Sanic.test_mode = True  # several applications, one after another, in one process
PATIENCE = 30  # seconds until something that must happen counts as not happening


class SetClock:
    """A clock that runs, and that a test sets ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, ahead: timedelta) -> None:
        self._ahead += ahead


@dataclass
class StandInRasa:
    """A server that keeps the contract of Rasa's channel: one turn a message id, the same answer for a repeat.

    `say` gives the answer to a text, as messages or as a whole reply; `before` runs inside each turn,
    `before_each` at each request for one.
    """

    say: Callable[[dict[str, Any]], Any] = lambda turn: [{"text": f"You said {turn['text']}"}]
    before: Callable[[dict[str, Any]], None] = lambda _: None
    before_each: Callable[[dict[str, Any]], None] = lambda _: None
    status: int = 200
    turns: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    secrets_seen: set[str] = field(default_factory=set)
    _answers: dict[str, Any] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path.endswith("/events"):
            if self.status == 200:
                self.events.append(body)
            return self.status, {"paused": False, "slots": {}}
        self.requests.append(body)
        self.before_each(body)
        if self.status != 200:
            return self.status, {"messages": [], "error": {"code": "failed", "message": "told to"}}
        with self._guard:
            lock = self._locks.setdefault(body["conversation_id"], threading.Lock())
        with lock:
            if body["message_id"] not in self._answers:
                self.turns.append(body)
                self.before(body)
                self._answers[body["message_id"]] = self._reply(self.say(body))
        return 200, self._answers[body["message_id"]]

    def _reply(self, said: Any) -> Any:
        if not isinstance(said, list):
            return said
        intent = {"name": "inform", "confidence": 0.9}
        return {"messages": said, "intent": intent, "active_loop": None, "slots": {}, "paused": False, "error": None}

    @property
    def texts(self) -> list[str]:
        """What reached the assistant, in order."""
        return [turn["text"] for turn in self.turns]


@contextmanager
def rasa_server(rasa: StandInRasa, port: int = 0) -> Iterator[str]:
    """Serves the stand-in while the context is open; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            rasa.secrets_seen.add(self.headers.get("X-Frontdesk-Secret", ""))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*rasa.answer(self.path, body))

        def do_GET(self) -> None:
            self._send(rasa.status, {"status": "ok"})

        def _send(self, status: int, answer: Any) -> None:
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # the bridge hung up, as a test wanted
                super().handle()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 256  # as many as ask at once

    server = Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def with_patience(business: Business, *, notice: float, give_up: float) -> Business:
    """The business with other limits for a slow assistant, in seconds."""
    limits = {"notice_seconds": notice, "give_up_seconds": give_up}
    return business.model_copy(update={"handoff": business.handoff.model_copy(update=limits)})


class EmptyDiary:
    def of(self, _: str) -> tuple[Engagement, ...]:
        return ()

    def of_person(self, _: Person) -> tuple[Engagement, ...]:
        return ()

    def has_changed(self, _: Person, __: datetime) -> bool:
        return False


class EmptyBook:
    def between(self, _: datetime, __: datetime, *, now: datetime) -> tuple[Visit, ...]:  # noqa: ARG002 - the port's
        return ()


@dataclass
class Bridge:
    """A running bridge process, seen from outside."""

    url: str
    services: Services
    store: PostgresStore
    clock: SetClock
    logins: dict[str, str]

    def post(self, path: str, body: Any, **kwargs: Any) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=PATIENCE, **kwargs)

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE, **kwargs)

    def from_actions(self, path: str, body: Any | None = None) -> requests.Response:
        return self.post(path, body or {}, headers={"X-Frontdesk-Secret": SECRET})

    def visitor(self) -> "Visitor":
        return Visitor(self)

    def agent(self, first_name: str) -> "AgentClient":
        return AgentClient(self, first_name)


def settings_for(rasa_url: str) -> Settings:
    return Settings(
        database_url="",
        secret=SECRET,
        business_file=Path("business.yml"),
        host="127.0.0.1",
        port=0,
        rasa_urls=tuple(rasa_url.split(",")),
        actions_url="http://127.0.0.1:9",
        public_url="http://127.0.0.1:0",
        now=None,
        smtp_url=None,
    )


@contextmanager
def bridge_process(
    engine: Engine, business: Business, rasa_url: str, *, diary: Diary | None = None
) -> Iterator[Bridge]:
    """A bridge with its own event loop and threads, on a port of the kernel's choice."""
    clock, store = SetClock(), PostgresStore(engine)
    logins = {login["name"].split()[0]: login["password"] for login in seed(store, business, clock, QUICK_HASHER)}
    settings = settings_for(rasa_url)
    mailroom = join_mailroom(
        engine, business, clock, server=None, public_url=settings.public_url, secret=settings.secret
    )
    services = join(
        settings,
        business,
        clock,
        store,
        diary=diary or EmptyDiary(),
        book=PostgresBook(engine),
        calendar=Calendar(business, CalendarStore(engine), clock),
        mailroom=mailroom,
        hasher=QUICK_HASHER,
    )
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    is_up, stopping = threading.Event(), asyncio.Event()

    async def run() -> None:
        async with running(services, "127.0.0.1", 0) as port:
            ports.append(port)
            is_up.set()
            await stopping.wait()

    thread = threading.Thread(target=lambda: (loop.run_until_complete(run()), loop.close()))
    thread.start()
    assert is_up.wait(PATIENCE)
    try:
        yield Bridge(f"http://127.0.0.1:{ports[0]}", services, store, clock, logins)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()


class Visitor:
    """A customer on the website."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.id = secrets.token_hex(16)
        self.token: str | None = None
        self.conversation_id = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def send(self, text: str, message_id: str | None = None, **more: Any) -> requests.Response:
        body = {"visitor_id": self.id, "message_id": message_id or secrets.token_hex(8), "text": text, **more}
        response = self.bridge.post("/channels/website/messages", body, headers=self.headers)
        if response.status_code == 202:
            self.token = response.json().get("visitor_token") or self.token
            self.conversation_id = response.json()["conversation_id"]
        return response

    def say(self, text: str, **more: Any) -> int:
        """Sends a text that must be accepted; its message's id."""
        response = self.send(text, **more)
        assert response.status_code == 202, response.text
        return int(response.json()["message"]["id"])

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        return list(self._messages(after)["messages"])

    def status(self) -> dict[str, Any]:
        return dict(self._messages(0)["status"])

    def heard(self, author: str | None = None) -> list[str]:
        """The texts of everybody but the customer, or of one author."""
        said = self.history()
        return [m["text"] for m in said if m["author"] == author or (author is None and m["author"] != "customer")]

    def wait_for(self, *texts: str) -> list[dict[str, Any]]:
        """The history once it holds all the texts."""
        return eventually(self.history, lambda said: set(texts) <= {message["text"] for message in said})

    def socket(self, after: int = 0, token: str | None = None) -> ClientConnection:
        url = self.bridge.url.replace("http", "ws") + f"/channels/website/socket?visitor_id={self.id}"
        socket = connect(url)
        socket.send(json.dumps({"type": "hello", "token": token or self.token, "after": after}))
        return socket

    def _messages(self, after: int) -> dict[str, Any]:
        path = f"/channels/website/messages?visitor_id={self.id}&after={after}"
        response = self.bridge.get(path, headers=self.headers)
        assert response.status_code == 200, response.text
        return dict(response.json())


class AgentClient:
    """An agent, logged in."""

    def __init__(self, bridge: Bridge, first_name: str) -> None:
        self.bridge = bridge
        self.session = requests.Session()
        email = f"{first_name.lower()}@magnolia-motors.example"
        body = {"email": email, "password": bridge.logins[first_name]}
        response = self.session.post(f"{bridge.url}/inbox/api/login", json=body, timeout=PATIENCE)
        assert response.status_code == 200, response.text
        self.csrf = response.json()["csrf"]
        self.agent = response.json()["agent"]

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.bridge.url}/inbox/api{path}", timeout=PATIENCE)

    def post(self, path: str, body: Any) -> requests.Response:
        headers = {"X-CSRF-Token": self.csrf}
        return self.session.post(f"{self.bridge.url}/inbox/api{path}", json=body, headers=headers, timeout=PATIENCE)

    def patch(self, path: str, body: Any) -> requests.Response:
        headers = {"X-CSRF-Token": self.csrf}
        return self.session.patch(f"{self.bridge.url}/inbox/api{path}", json=body, headers=headers, timeout=PATIENCE)

    def open(self, conversation_id: str) -> dict[str, Any]:
        response = self.get(f"/conversations/{conversation_id}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    def move(self, conversation_id: str, move: str, **more: Any) -> requests.Response:
        epoch = self.open(conversation_id)["conversation"]["epoch"]
        return self.post(f"/conversations/{conversation_id}/moves", {"move": move, "epoch": epoch, **more})

    def moves(self, conversation_id: str, move: str, **more: Any) -> dict[str, Any]:
        """Makes a move that must be made; the summary after it."""
        response = self.move(conversation_id, move, **more)
        assert response.status_code == 200, response.text
        return dict(response.json()["conversation"])

    def reply(self, conversation_id: str, text: str, message_id: str | None = None) -> requests.Response:
        body = {"message_id": message_id or secrets.token_hex(8), "text": text}
        return self.post(f"/conversations/{conversation_id}/messages", body)

    def socket(self, origin: str | None = None) -> ClientConnection:
        cookie = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies)
        return connect(
            self.bridge.url.replace("http", "ws") + "/inbox/api/socket",
            additional_headers={"Cookie": cookie},
            origin=origin or self.bridge.url,
        )


def eventually[T](look: Callable[[], T], is_right: Callable[[T], bool] = bool) -> T:
    """What `look` sees once it is right; fails when it does not become so."""
    deadline = time.monotonic() + PATIENCE
    while not is_right(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r}"
        time.sleep(0.02)
    return seen


def frames_until(socket: ClientConnection, is_last: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The frames up to the one wanted."""
    frames: list[dict[str, Any]] = []
    while not frames or not is_last(frames[-1]):
        frames.append(json.loads(socket.recv(timeout=PATIENCE)))
    return frames


def close_code(socket: ClientConnection) -> int | None:
    """With what the other side closes the socket, whatever it says before."""
    try:
        while True:
            socket.recv(timeout=PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@contextmanager
def bridge_subprocess(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`python -m handoff_bridge` and its port; killed at the end if it still runs."""
    command = [sys.executable, "-m", "handoff_bridge"]
    process = subprocess.Popen(
        command, env={**os.environ, **environment, "BRIDGE_PORT": "0"}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process, next(json.loads(line)["port"] for line in process.stdout if '"start"' in line)
    finally:
        process.kill()
        process.communicate()
