"""Hears what the bridge's processes tell each other (PostgreSQL's LISTEN)."""

import select
import threading
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Engine

from handoff_bridge.events import Event, Kind

CHANNEL = "frontdesk"
"""The name under which the bridge's processes notify each other."""

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.25  # seconds between looks at whether to stop
_CONNECT_EVERY = 1.0  # seconds between attempts to connect


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
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except Exception:
                log.exception("The listener lost the database.", action="listener_lost")
                self._stopping.wait(_CONNECT_EVERY)

    def _listen(self) -> None:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
            self._heard(Event(Kind.MISSED))
            while not self._stopping.is_set():
                if select.select([connection], [], [], _LOOK_EVERY)[0]:
                    connection.poll()
                while connection.notifies:
                    self._heard(Event.from_json(connection.notifies.pop(0).payload))
        finally:
            connection.close()
