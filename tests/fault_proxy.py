"""A TCP proxy with faults: put between two programs that must live with a bad network.

It runs in threads, so that a test whose own loop is busy cannot disturb it. The far side is an address or, as
PostgreSQL may have it, a socket file.
"""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url

type Target = tuple[str, int] | Path


class FaultProxy:
    """Passes everything on until told otherwise. All faults but `cut`, `half_close` and `strand` last until `heal`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._latency = 0.0
        self._flows = threading.Event()
        self._flows.set()
        self._stranded: list[threading.Event] = []
        self._refuses = False
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._accepting(self._listener)

    def slow_down(self, seconds: float) -> None:
        """Each piece that passes, in either direction, is late by so much."""
        self._latency = seconds

    def hang(self) -> None:
        """Connections stay open and new ones are taken, but nothing passes any more."""
        self._flows.clear()

    def strand(self) -> None:
        """Those who are connected now never hear anything again, as from a machine without power; new ones do."""
        self._flows.clear()
        self._stranded.append(self._flows)
        self._flows = threading.Event()
        self._flows.set()

    def cut(self) -> None:
        """Cuts off everybody who is connected, in mid-sentence; new connections pass."""
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def half_close(self) -> None:
        """The near sides hear that nothing more will come, and may go on sending."""
        with self._lock:
            ends = tuple(self._ends)
        for end in ends:
            if end.family == socket.AF_INET and end.getsockname()[1] == self.port:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_WR)

    def refuse(self) -> None:
        """Cuts everybody off and takes no connections, as a port does where nobody listens."""
        self._refuses = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def close(self) -> None:
        """Ends the proxy."""
        for flows in self._stranded:
            flows.set()
        self.heal()
        self.refuse()

    def heal(self) -> None:
        """Everything passes again; what a hang held back passes late, as on a real network."""
        self._latency = 0.0
        self._flows.set()
        if self._refuses:
            self._refuses = False
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self._accepting(self._listener)

    def _accepting(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = self._reach()
        except OSError:
            near.close()
            return
        with self._lock:
            self._ends |= {near, far}
            flows = self._flows
        back = threading.Thread(target=self._pump, args=(far, near, flows), daemon=True)
        back.start()
        self._pump(near, far, flows)
        back.join()
        with self._lock:
            self._ends -= {near, far}
        near.close()
        far.close()

    def _reach(self) -> socket.socket:
        if isinstance(self._target, tuple):
            return socket.create_connection(self._target)
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._target))
        return far

    def _pump(self, source: socket.socket, sink: socket.socket, flows: threading.Event) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                time.sleep(self._latency)
                flows.wait()
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class DatabaseProxy(FaultProxy):
    """A proxy before the PostgreSQL of `url`; its own `url` leads through it."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        folder = str(address.query.get("host") or address.host)
        port = address.port or 5432
        super().__init__(Path(folder) / f".s.PGSQL.{port}" if folder.startswith("/") else (folder, port))
        through = address.set(drivername="postgresql", host="127.0.0.1", port=self.port, query={})
        self.url = through.render_as_string(hide_password=False)
