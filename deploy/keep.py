"""`python -m deploy.keep NAME COMMAND…` runs a command, and runs it again when it dies.

Honcho stops everything when one process ends; a front desk rather has the one that died back. Waits half a second
before the first restart and twice as long before each further one, 10 s at most; a minute of life resets that.
The process id stands in `$FRONTDESK_VAR/run/NAME.pid`.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

_FIRST_WAIT, _LONGEST_WAIT, _HEALTHY = 0.5, 10.0, 60.0  # seconds


class Keeper:
    """Keeps one command running until a signal asks it to stop."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self._name, self._command = name, command
        self._pid_file = folder / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False
        folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wait = _FIRST_WAIT
        while True:
            began = time.monotonic()
            status = self._run_once()
            if self._stopping:
                return 0
            wait = _FIRST_WAIT if time.monotonic() - began > _HEALTHY else wait
            print(f"{self._name} ended with status {status}; starting it again in {wait:.1f} s", flush=True)
            time.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _run_once(self) -> int:
        self._child = subprocess.Popen(self._command, preexec_fn=_die_with_parent)  # noqa: PLW1509 - no threads here
        self._pid_file.write_text(str(self._child.pid), encoding="ascii")
        try:
            return self._child.wait()
        finally:
            self._pid_file.unlink(missing_ok=True)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if self._child is None or self._child.poll() is not None:
            sys.exit(0)
        self._child.terminate()


def _die_with_parent() -> None:
    """Asks Linux to end the child when its keeper is killed; elsewhere honcho's process group does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def main() -> None:
    name, *command = sys.argv[1:]
    sys.exit(Keeper(name, command, Path(os.environ.get("FRONTDESK_VAR", "var")) / "run").run())


if __name__ == "__main__":
    main()
