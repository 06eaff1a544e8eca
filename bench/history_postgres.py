"""The PostgreSQL of the history check, which is killed like everybody else and comes back."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_LOOK_EVERY = 0.1  # seconds
_SERVER_USER = "pgserver"  # whom the embedded PostgreSQL runs as where we are root


class KeptPostgres:
    """The embedded PostgreSQL whose data lie in `folder`, which has run before; its options are those of that run."""

    def __init__(self, folder: Path) -> None:
        self.name = "postgres"
        self.outages: list[float] = []
        self.own_ends = 0
        self._folder = folder
        self._killed_at: float | None = None
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper of postgres", daemon=True)

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    def start(self) -> None:
        self._keeper.start()

    def kill(self, *, hard: bool) -> None:
        """SIGKILL for the postmaster, or its immediate shutdown, in which it kills all its processes."""
        self._up.clear()
        self._killed_at = time.monotonic()
        os.kill(self._pid(), signal.SIGKILL if hard else signal.SIGQUIT)

    def stop(self) -> None:
        self._stopping.set()
        self._keeper.join(60)
        self._control("stop", "-m", "fast")

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            if _is_running(self._pid()):
                continue
            self.own_ends += self._up.is_set()
            self._up.clear()
            if self._control("restart"):  # which remembers the options; it fails while processes of before still end
                if self._killed_at is not None:
                    self.outages.append(time.monotonic() - self._killed_at)
                    self._killed_at = None
                self._up.set()

    def _pid(self) -> int:
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int((self._folder / "postmaster.pid").read_text().split()[0])
        return 0

    def _control(self, what: str, *options: str) -> bool:
        server = (self._folder / "postmaster.opts").read_text().split()[0]
        command = [str(Path(server).parent / "pg_ctl"), "-w", "-D", str(self._folder), "-l", str(self._folder / "log")]
        user = _SERVER_USER if os.geteuid() == 0 else None
        done = subprocess.run([*command, *options, what], user=user, capture_output=True, check=False)  # noqa: S603
        return done.returncode == 0


def _is_running(pid: int) -> bool:
    """Whether there is such a process that is more than its own entry in the table."""
    with suppress(psutil.NoSuchProcess):
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
