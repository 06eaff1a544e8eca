"""The whole front desk in one hand: started as an operator starts it, reached through its public doors only."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import requests

ROOT = Path(__file__).parent.parent
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
_PATIENCE = 60.0  # seconds


def until[T](look: Callable[[], T], what: str, patience: float = _PATIENCE) -> T:
    """What `look` gives once it is truthy; fails with `what` when that does not come."""
    limit = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < limit, f"waited {patience:.0f} s in vain for {what}"
        time.sleep(0.05)
    return found


class FrontDesk:
    """`make run` on free ports with a folder of its own; `stop` is Ctrl-C.

    The folder is not one of pytest's: run as root, PostgreSQL is another user, and pytest shuts others out of its own.
    """

    def __init__(self, **settings: str) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="frontdesk-")
        self.folder = Path(self._scratch.name)
        ports = _free_ports(3)
        names = ("BRIDGE_PORT", "RASA_PORT", "ACTIONS_PORT")
        self.settings = {name: str(port) for name, port in zip(names, ports, strict=True)} | settings
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.output: list[str] = []
        self.children: list[psutil.Process] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "FrontDesk":
        unwanted = ("DATABASE_URL", "BUSINESS_FILE", "FRONTDESK_NOW", "PUBLIC_URL")
        inherited = {name: value for name, value in os.environ.items() if name not in unwanted}
        models = os.environ.get("FRONTDESK_MODELS") or str(ROOT / "var" / "models")
        environment = {**inherited, "FRONTDESK_VAR": str(self.folder), "FRONTDESK_MODELS": models, **self.settings}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.run"],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        until(self._is_up, "the front desk to be up", patience=420)
        self.children = psutil.Process(self._process.pid).children(recursive=True)
        return self

    def stop(self) -> int:
        """Ctrl-C; gives the exit status."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)
        status = self._process.wait(timeout=60)
        self._reader.join()
        self._scratch.cleanup()
        return status

    def pid(self, name: str) -> int:
        """The process id of `rasa`, `actions` or `bridge`."""
        return int((self.folder / "run" / f"{name}.pid").read_text())

    def logins(self) -> dict[str, str]:
        """Passwords of the demo agents by e-mail address, as printed."""
        lines = (line.split() for line in self.output)
        return {parts[0]: parts[1] for parts in lines if len(parts) == 2 and "@" in parts[0]}

    def log(self) -> str:
        return (self.folder / "logs" / "frontdesk.log").read_text()

    def _read(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self.output.append(line.rstrip("\n"))

    def _is_up(self) -> bool:
        assert self._process is not None
        said = "\n".join(self.output)
        assert self._process.poll() is None, f"it ended by itself:\n{said}"
        return "Ctrl-C stops everything" in said


@dataclass
class Customer:
    """A visitor of the website who talks over the REST door."""

    url: str
    visitor_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    token: str = ""
    conversation_id: str = ""
    seen: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    def send(self, text: str, **more: str) -> requests.Response:
        body = {"visitor_id": self.visitor_id, "message_id": uuid.uuid4().hex, "text": text, **more}
        answer = requests.post(f"{self.url}/channels/website/messages", json=body, headers=self.headers, timeout=10)
        if answer.status_code == 202:
            content = answer.json()
            self.token = content.get("visitor_token") or self.token
            self.conversation_id = content["conversation_id"]
        return answer

    def say(self, text: str, **more: str) -> str:
        """Sends `text`, waits for the assistant and gives everything it said to that, joined by line breaks."""
        answer = self.send(text, **more)
        assert answer.status_code == 202, answer.text
        own = answer.json()["message"]["id"]
        until(lambda: self._answers(own), f"an answer to {text!r}")
        return "\n".join(message["text"] for message in self._answers(own))

    def press(self, title: str) -> str:
        """Presses the newest button whose title contains `title`."""
        buttons = [b for m in reversed(self.heard) for b in m["buttons"] if title.casefold() in b["title"].casefold()]
        assert buttons, f"no button {title!r} among {[b['title'] for m in self.heard for b in m['buttons']]}"
        return self.say(buttons[0]["title"], button=buttons[0]["id"])

    def read(self) -> list[dict[str, Any]]:
        """Fetches what is new and gives everything heard so far."""
        answer = requests.get(
            f"{self.url}/channels/website/messages",
            params={"visitor_id": self.visitor_id, "after": self.seen},
            headers=self.headers,
            timeout=10,
        )
        answer.raise_for_status()
        new = answer.json()["messages"]
        self.heard += new
        self.seen = max([self.seen, *(message["id"] for message in new)])
        return self.heard

    def status(self) -> dict[str, Any]:
        answer = requests.get(
            f"{self.url}/channels/website/messages",
            params={"visitor_id": self.visitor_id, "after": self.seen},
            headers=self.headers,
            timeout=10,
        )
        status: dict[str, Any] = answer.json()["status"]
        return status

    def said_by(self, author: str) -> list[str]:
        return [message["text"] for message in self.read() if message["author"] == author]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _answers(self, own: int) -> list[dict[str, Any]]:
        return [m for m in self.read() if m["id"] > own and m["author"] == "assistant"]


class Agent:
    """An agent at the inbox, over its API."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._api = f"{url}/inbox/api"
        self._session = requests.Session()
        answer = self._session.post(f"{self._api}/login", json={"email": email, "password": password}, timeout=10)
        answer.raise_for_status()
        self.name: str = answer.json()["agent"]["name"]
        self._session.headers["X-CSRF-Token"] = answer.json()["csrf"]

    def get(self, path: str, **params: str) -> Any:
        answer = self._session.get(f"{self._api}/{path}", params=params, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def queue(self, name: str) -> list[str]:
        return [summary["id"] for summary in self.get("conversations", queue=name)["conversations"]]

    def open(self, conversation_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"conversations/{conversation_id}")
        return found

    def move(self, conversation_id: str, move: str, **more: str) -> requests.Response:
        epoch = self.open(conversation_id)["conversation"]["epoch"]
        return self.post(f"conversations/{conversation_id}/moves", {"move": move, "epoch": epoch, **more})

    def reply(self, conversation_id: str, text: str) -> requests.Response:
        return self.post(f"conversations/{conversation_id}/messages", {"message_id": uuid.uuid4().hex, "text": text})

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self._session.post(f"{self._api}/{path}", data=json.dumps(body), timeout=10)


def _free_ports(count: int) -> list[int]:
    holders = [socket.socket() for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports
