"""Hears what the bridge's processes tell each other (PostgreSQL's LISTEN)."""

import select
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from database.patience import within
from handoff_bridge.events import CHANNEL, Event, Kind

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.25  # seconds between looks at whether to stop
_PROVE_EVERY = 5.0  # seconds of silence until the connection must prove that it is alive
_PROVE_WITHIN = 5.0
_CONNECT_EVERY = 1.0  # seconds between attempts to connect
_STOP_WITHIN = 2.0


class Listener:
    """A thread that calls `heard` with every event, and with `Kind.MISSED` after it had been cut off."""

    def __init__(self, engine: Engine, heard: Callable[[Event], None]) -> None:
        self._engine = engine
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the thread, but not for a database that does not answer."""
        self._stopping.set()
        self._thread.join(_STOP_WITHIN)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (DBAPIError, PoolTimeoutError, psycopg2.Error) as error:
                log.warning("The listener lost the database.", action="listener_lost", seen=type(error).__name__)
            except Exception:
                log.exception("The listener failed.", action="listener_failed")
            self._stopping.wait(_CONNECT_EVERY)

    def _listen(self) -> None:
        connection = self._connect()
        try:
            with connection.cursor() as cursor:
                with within(_PROVE_WITHIN):
                    cursor.execute(f"listen {CHANNEL}")
                self._heard(Event(Kind.MISSED))
                self._hear(connection, cursor)
        finally:
            connection.close()

    def _connect(self) -> Any:
        """A connection of its own, out of the pool."""
        with within(_PROVE_WITHIN):
            pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        connection.autocommit = True
        return connection

    def _hear(self, connection: Any, cursor: Any) -> None:
        poller = select.poll()  # not select(), which knows no descriptor above 1023
        poller.register(connection.fileno(), select.POLLIN)
        proven = time.monotonic()
        while not self._stopping.is_set():
            if poller.poll(_LOOK_EVERY * 1000):
                connection.poll()
                proven = time.monotonic()
            elif time.monotonic() - proven >= _PROVE_EVERY:
                with within(_PROVE_WITHIN):
                    cursor.execute("select 1")
                proven = time.monotonic()
            while connection.notifies:
                self._heard(Event.from_json(connection.notifies.pop(0).payload))
