"""The people of the relay's bench: customers with the website's socket, agents with the inbox open.

They use public doors only. What they hear is noted with the time at which it arrived, on the one clock of this process.
"""

import asyncio
import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.wire import Answer, HttpClient
from bench.world import SECRET, BenchError

HEARTBEAT = 30.0  # seconds, as the inbox's page has it
_BY_CUSTOMER, _BY_AGENT = re.compile(rb'"text":"c(\d+)"'), re.compile(rb'"text":"a(\d+)"')
_PLAIN: dict[str, Any] = {"compression": None, "ping_interval": None, "max_queue": None}


@dataclass
class Ledger:
    """When each message was accepted and arrived, by its number, and when an agent's page showed who waits; seconds."""

    accepted: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    answered_after: dict[int, float] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    """Conversations that wait, by when the request for a person was answered; infinite until then."""
    watched: set[str] = field(default_factory=set)
    """Those of them that pages are looked at for."""
    noticed: dict[tuple[str, str], float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def missing(self) -> bool:
        """Whether something that was accepted has not arrived yet."""
        return not self.accepted.keys() <= self.arrived.keys()


class Customer:
    """A visitor of the website."""

    def __init__(self, http: HttpClient, port: int, ledger: Ledger) -> None:
        self._http = http
        self._port = port
        self._ledger = ledger
        self.visitor_id = secrets.token_hex(16)
        self.token: str | None = None
        self.conversation_id = ""

    async def say(self, text: str) -> Answer:
        body = {"visitor_id": self.visitor_id, "message_id": secrets.token_hex(8), "text": text}
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = await self._http.post("/channels/website/messages", body, headers)
        if self.token is None and answer.status == 202:
            first = answer.json()
            self.token, self.conversation_id = first["visitor_token"], first["conversation_id"]
        return answer

    async def ask_for_a_person(self) -> Answer:
        """What the assistant's action does for the customer."""
        path = f"/bridge/conversations/{self.conversation_id}/handoff"
        return await self._http.post(path, {"department": "sales", "reason": "asked"}, {"X-Frontdesk-Secret": SECRET})

    async def listen(self) -> None:
        """Holds the socket open and notes what agents say. Raises `BenchError` when it is dropped."""
        url = f"ws://127.0.0.1:{self._port}/channels/website/socket?visitor_id={self.visitor_id}"
        async with connect(url, **_PLAIN) as socket:
            await socket.send(json.dumps({"type": "hello", "token": self.token, "after": 0}))
            await _note(socket, self._ledger, _BY_AGENT)


class AgentPage:
    """An agent who is logged in, holds conversations and has one of them open."""

    def __init__(self, http: HttpClient, port: int, ledger: Ledger, email: str) -> None:
        self._http = http
        self._port = port
        self._ledger = ledger
        self.email = email
        self.holds: list[Customer] = []
        self._headers: dict[str, str] = {}

    async def log_in(self, password: str) -> None:
        answer = await self._http.post("/inbox/api/login", {"email": self.email, "password": password})
        if answer.status != 200:
            raise BenchError(f"{self.email} cannot log in: {answer.body!r}")
        found = re.search(r"(?i)set-cookie: \s*(frontdesk_session=[^;]+)", answer.head)
        self._headers = {"Cookie": found[1] if found else "", "X-CSRF-Token": answer.json()["csrf"]}

    async def reply(self, customer: Customer, text: str) -> Answer:
        path = f"/inbox/api/conversations/{customer.conversation_id}/messages"
        return await self._http.post(path, {"message_id": secrets.token_hex(8), "text": text}, self._headers)

    async def resolve(self, customer: Customer) -> Answer:
        """Ends a conversation that was asked for and accepted, and nothing else."""
        path = f"/inbox/api/conversations/{customer.conversation_id}/moves"
        return await self._http.post(path, {"move": "resolve", "epoch": 2}, self._headers)

    async def listen(self) -> None:
        """Holds the socket open, and notes what customers say and who waits. Raises `BenchError` when it is dropped."""
        url, origin = f"ws://127.0.0.1:{self._port}/inbox/api/socket", f"http://127.0.0.1:{self._port}"
        headers = {"Cookie": self._headers["Cookie"]}
        async with connect(url, origin=origin, additional_headers=headers, **_PLAIN) as socket:  # type: ignore[arg-type]
            watched = self.holds[0].conversation_id if self.holds else None
            await socket.send(json.dumps({"type": "watch", "conversation_id": watched}))
            beats = asyncio.create_task(self._beat(socket))
            try:
                await _note(socket, self._ledger, _BY_CUSTOMER, page=self.email)
            finally:
                beats.cancel()

    async def _beat(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send('{"type":"heartbeat"}')
                await asyncio.sleep(HEARTBEAT)


async def _note(socket: ClientConnection, ledger: Ledger, said: re.Pattern[bytes], page: str | None = None) -> None:
    """Reads as little of a frame as can be: the cost of a page's reading is the browser's, not the relay's."""
    while True:
        try:
            frame = await socket.recv(decode=False)
        except ConnectionClosed as closed:
            raise BenchError(f"A socket was dropped: {closed}") from closed
        now = time.monotonic()
        if frame.startswith(b'{"type":"message"'):
            for number in said.findall(frame):
                ledger.arrived.setdefault(int(number), now)
        elif page is not None and ledger.watched and frame.startswith(b'{"type":"conversation'):
            _note_waiting(ledger, frame, page, now)


def _note_waiting(ledger: Ledger, frame: bytes, page: str, now: float) -> None:
    if not any(waits.encode() in frame and (waits, page) not in ledger.noticed for waits in ledger.watched):
        return
    content = json.loads(frame)
    for one in content.get("conversations") or [content["conversation"]]:
        if one["id"] in ledger.watched and one["state"] == "waiting":
            ledger.noticed.setdefault((one["id"], page), now)
