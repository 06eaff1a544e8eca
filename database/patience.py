"""How long a thread waits for the database, in seconds of its own clock.

PostgreSQL's own limits help only while the server answers. A server that is stopped, or a network that swallows what is
sent, would hold a thread for as long as TCP believes in it; so psycopg2 waits by the callback it offers for this, which
gives up at the deadline and closes the connection.
"""

import math
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2 import OperationalError, extensions

LONGEST = 20.0
"""What an answer may take where nothing else is said; above the limits of `engine.connect`, which so speak first."""

_CONNECT = 3.0  # to reach the server and log in
_EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}
_limits = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whatever this thread asks of the database meanwhile must be answered within `seconds`, all of it together.

    What is late fails as psycopg2's `OperationalError`, and its connection is closed. `math.inf` waits without end.
    """
    outer: float | None = getattr(_limits, "deadline", None)
    _limits.deadline = time.monotonic() + seconds
    try:
        yield
    finally:
        _limits.deadline = outer


def be_impatient() -> None:
    """From now on the connections of this process keep to the limits above; harmless to repeat."""
    extensions.set_wait_callback(_wait)


def _wait(connection: extensions.connection) -> None:
    """Waits until the server has answered. psycopg2 calls it after each thing that it sends."""
    deadline = _deadline(connection)
    while (state := connection.poll()) != extensions.POLL_OK:
        poller = select.poll()  # not select(), which knows no descriptor above 1023
        poller.register(connection.fileno(), _EVENTS[state])
        left = max(0.0, deadline - time.monotonic())
        if not poller.poll(None if left == math.inf else left * 1000):
            raise OperationalError("the database did not answer in time")


def _deadline(connection: extensions.connection) -> float:
    limit: float = getattr(_limits, "deadline", None) or time.monotonic() + LONGEST
    if connection.status == extensions.STATUS_SETUP:
        return min(limit, time.monotonic() + _CONNECT)
    return limit
