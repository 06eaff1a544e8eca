"""What the benches share: a database and bridge processes of their own, what these use, and how results are shown.

Everything is started on free ports, in a folder that is gone afterwards: a bench needs nothing and leaves nothing.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from database.embedded import embedded_server
from database.engine import connect
from database.migrate import migrate

SECRET = "the secret of a bench, known to nobody else"  # noqa: S105 - it guards nothing
_ROOT = Path(__file__).parent.parent
_START_WITHIN = 60  # seconds


class BenchError(Exception):
    """A process of the bench did not do what the bench needs; its log says why."""


@dataclass(frozen=True)
class Database:
    """A migrated PostgreSQL: its URL and the process id of its postmaster."""

    url: str
    pid: int


@contextmanager
def database(folder: Path | None = None) -> Iterator[Database]:
    """An embedded PostgreSQL, migrated, in `folder` or one of its own, up as long as the context is open."""
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-bench-")))
        url = stack.enter_context(embedded_server(home))
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        yield Database(url, int((home / "postmaster.pid").read_text().split()[0]))


@dataclass(frozen=True)
class BridgeProcess:
    """`python -m handoff_bridge`, up and listening at `url`; what it logs is in `log`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """Ends it as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 25) -> None:
        """Asks it to end (SIGTERM), and kills it when it does not."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def start_bridge(database_url: str, rasa_urls: str, log: Path, *, port: int = 0, **settings: str) -> BridgeProcess:
    """A bridge process on `port` (0: any free one), once it is up. `settings` are further environment variables.

    Raises `BenchError` when it ends or says nothing for a minute. The caller stops it.
    """
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "FRONTDESK_SECRET": SECRET,
        "RASA_URLS": rasa_urls,
        "BRIDGE_HOST": "127.0.0.1",
        "BRIDGE_PORT": str(port),
        **settings,
    }
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "handoff_bridge"], cwd=_ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        return BridgeProcess(process, _port_it_says(process, log, begin), log)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _port_it_says(process: subprocess.Popen[bytes], log: Path, begin: int) -> int:
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_bytes()[begin:].splitlines():
            if b'"action": "start"' in line:
                return int(json.loads(line)["port"])
        time.sleep(0.05)
    raise BenchError(f"A bridge did not start: {log.read_text(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Usage:
    """What a process and its children have used so far: CPU in seconds; memory now, resident, in MB."""

    cpu: float
    memory: float


def usage_of(pid: int) -> Usage:
    """Of a process with its children; those that ended count as far as they were waited for."""
    root = psutil.Process(pid)
    times = root.cpu_times()
    cpu = times.user + times.system + times.children_user + times.children_system
    memory = root.memory_info().rss
    for child in root.children(recursive=True):
        try:
            spent = child.cpu_times()
            cpu += spent.user + spent.system + spent.children_user + spent.children_system
            memory += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return Usage(cpu, memory / 1e6)


def pace() -> float:
    """CPU milliseconds of a fixed piece of work: how fast the machine is now, while others may use it as well."""
    began = time.process_time()
    sum(number * number for number in range(20_000))
    return (time.process_time() - began) * 1000


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least `percent` of them do not exceed; NaN when there are none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def table(title: str, rows: Sequence[Sequence[object]]) -> str:
    """The rows as aligned text under a title: the first column to the left, the others to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in cells if column < len(row)) for column in range(max(map(len, cells)))]
    lines = [
        "  ".join(
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=False))
        )
        for row in cells
    ]
    return "\n".join([title, *("  " + line.rstrip() for line in lines)])


def say(text: str) -> None:
    """Shows text to whoever runs the bench."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def conclude(result: Mapping[str, Any]) -> None:
    """Writes the last line: the result as one JSON object; a number that could not be measured is null."""
    say(json.dumps({name: _measured(value) for name, value in result.items()}, allow_nan=False))


def _measured(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, 2) if math.isfinite(value) else None


def _cell(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
