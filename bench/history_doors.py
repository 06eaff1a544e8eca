"""How the bench's customers and agents reach the front desk: by HTTP, from bridge to bridge until one answers."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import requests

from bench.world import BenchError

PATIENCE = 240.0  # seconds for which one request is tried again
_TIMEOUT = 12.0  # seconds for one attempt
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)  # seconds between attempts; the last one stays


class HangError(BenchError):
    """The front desk did not answer a request for minutes."""


class Progress:
    """How many messages were accepted, and how requests were answered; shared by all threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.accepted = 0
        self.answers: Counter[str] = Counter()

    def accept(self) -> None:
        with self._changed:
            self.accepted += 1
            self._changed.notify_all()

    def note(self, answer: str) -> None:
        with self._changed:
            self.answers[answer] += 1

    def wait_for(self, accepted: int, is_over: Callable[[], bool]) -> None:
        """Returns when so many were accepted, or when it is over."""
        with self._changed:
            while self.accepted < accepted and not is_over():
                self._changed.wait(0.5)


class Doors:
    """One person's connections to all bridges; begins with the bridge number `first` and stays where it is answered."""

    def __init__(self, urls: Sequence[str], first: int, progress: Progress) -> None:
        self._urls = urls
        self._at = first % len(urls)
        self._progress = progress
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def headers(self) -> Any:
        """What is sent along with every request."""
        return self._session.headers

    def ask(self, method: str, path: str, *, patience: float = PATIENCE, **more: Any) -> requests.Response:
        """The answer of whichever bridge gives one that is not a 5xx or 429. Raises `HangError`."""
        deadline, attempt = time.monotonic() + patience, 0
        while (answer := self.once(method, path, **more)) is None:
            if time.monotonic() > deadline:
                raise HangError(f"{method} {path}: no bridge answered for {patience:.0f} s")
            time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1
        return answer

    def once(self, method: str, path: str, *, timeout: float = _TIMEOUT, **more: Any) -> requests.Response | None:
        """One attempt at one bridge; None when there is no answer that settles it, and the next one goes elsewhere."""
        try:
            answer = self._session.request(method, self._urls[self._at] + path, timeout=timeout, **more)
            answer.content  # noqa: B018 - read while the time-out holds
        except requests.RequestException as error:
            self._progress.note(type(error).__name__)
            self._at = (self._at + 1) % len(self._urls)
            return None
        self._progress.note(str(answer.status_code))
        if answer.status_code >= 500 or answer.status_code == 429:
            self._at = (self._at + 1) % len(self._urls)
            return None
        return answer
