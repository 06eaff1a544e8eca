"""Progress for people: what is being done, and how long it took."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import NoReturn

_TICK = 0.5  # seconds


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Says `what` is under way, ticks the seconds on a terminal, and says at the end how long it took."""
    began = time.monotonic()
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(what, began, done), daemon=True)
    if sys.stdout.isatty():
        ticker.start()
    else:
        say("… " + what)
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        done.set()
        if ticker.is_alive():
            ticker.join()
        _line(f"{mark} {what} ({time.monotonic() - began:.1f} s)")


def say(text: str = "") -> None:
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    """Ends the program with `text` and status 1."""
    sys.exit("\n" + text)


def _tick(what: str, began: float, done: threading.Event) -> None:
    while not done.wait(_TICK):
        sys.stdout.write(f"\r\033[K… {what} ({time.monotonic() - began:.0f} s)")
        sys.stdout.flush()


def _line(text: str) -> None:
    clear = "\r\033[K" if sys.stdout.isatty() else ""
    print(clear + text, flush=True)
