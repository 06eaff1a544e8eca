"""Processes that are killed and come back: each has a keeper that starts it again half a second after its death."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bench.world import BenchError

ROOT = Path(__file__).resolve().parent.parent
_PAUSE = 0.5  # seconds between a death and the next start
_LOOK_EVERY = 0.1  # seconds


class Kept(Protocol):
    """What a killer and a keeper have in common.

    `outages` are seconds from a kill to being up again; `own_ends` counts the times it ended without being killed.
    """

    name: str
    outages: list[float]
    own_ends: int

    @property
    def is_up(self) -> bool: ...
    def start(self) -> None: ...
    def kill(self, *, hard: bool) -> None: ...
    def stop(self) -> None: ...


class KeptProcess:
    """A command that is kept running; `answers` says whether it is up."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, answers: Callable[[], bool]
    ) -> None:
        self.name = name
        self.outages: list[float] = []
        self.own_ends = 0
        self._command, self._environment, self._log, self._answers = command, environment, log, answers
        self._process: subprocess.Popen[bytes] | None = None
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._killed_at: float | None = None
        self._was_killed = False
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {name}", daemon=True)

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    def start(self) -> None:
        self._keeper.start()

    def kill(self, *, hard: bool) -> None:  # noqa: ARG002 - there is one way only
        self._up.clear()
        self._killed_at, self._was_killed = time.monotonic(), True
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            self._keeper.join(30)
            self._process.kill()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._log.open("ab") as output:
                self._process = subprocess.Popen(  # noqa: S603
                    self._command, cwd=ROOT, env=self._environment, stdout=output, stderr=output, start_new_session=True
                )
            self._wait_until_up(self._process)
            self._process.wait()
            self.own_ends += not (self._was_killed or self._stopping.is_set())
            self._was_killed = False
            self._up.clear()
            self._stopping.wait(_PAUSE)

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None and not self._stopping.is_set():
            if self._answers():
                if self._killed_at is not None:
                    self.outages.append(time.monotonic() - self._killed_at)
                    self._killed_at = None
                self._up.set()
                return
            time.sleep(_LOOK_EVERY)


def wait_until_up(kept: Sequence[Kept], seconds: float) -> None:
    """Raises `BenchError` naming what is not up in time."""
    deadline = time.monotonic() + seconds
    while missing := [one.name for one in kept if not one.is_up]:
        if time.monotonic() > deadline:
            raise BenchError(f"not up within {seconds:.0f} s: {', '.join(missing)}")
        time.sleep(_LOOK_EVERY)
