"""HTTP as cheap as a bench needs it: it shares two cores with what it measures.

A client keeps connections open and speaks only what our own servers speak: HTTP/1.1 with Content-Length.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

type Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_KEPT = 30.0  # seconds: servers close what has been idle for longer than they like


class Answer(NamedTuple):
    """What came back; `head` is the status line and the headers as they came."""

    status: int
    head: str
    body: bytes

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class HttpClient:
    """Requests to one server over as many kept connections as there are requests at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = []

    async def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """Raises OSError or EOFError when the connection ends first; nothing is tried twice."""
        content = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        reader, writer = self._kept() or await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            answer = await _answer(reader)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer, time.monotonic()))
        return answer

    def close(self) -> None:
        for _, writer, _ in self._idle:
            writer.close()

    def _kept(self) -> Connection | None:
        """The one used last, unless the server may be about to close it."""
        if not self._idle:
            return None
        reader, writer, since = self._idle.pop()
        if time.monotonic() - since < _KEPT:
            return reader, writer
        writer.close()
        self.close()  # the others have been idle for longer
        self._idle.clear()
        return None


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    body = await reader.readexactly(_length(head))
    return Answer(int(head[9:12]), head, body)


def _length(head: str) -> int:
    _, _, rest = head.lower().partition("content-length:")
    return int(rest.partition("\r\n")[0]) if rest else 0


@asynccontextmanager
async def stand_in_rasa(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A server in Rasa's place while the context is open; gives its URL. `answer` turns a request's body into one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                body = json.loads(await reader.readexactly(_length(head)) or b"{}")
                content = json.dumps(answer(body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
        except (OSError, EOFError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
