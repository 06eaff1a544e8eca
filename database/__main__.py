"""`python -m database serve [folder]`: the embedded PostgreSQL, migrated, until its input closes or a signal comes.

Prints its URL on the first line. Without `serve`, migrates the database named in DATABASE_URL.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from database.embedded import embedded_server
from database.engine import check_server, connect
from database.migrate import migrate


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2] if len(sys.argv) > 2 else "var/postgres"))
    elif os.environ.get("DATABASE_URL"):
        _bring_up(os.environ["DATABASE_URL"])
    else:
        sys.exit("DATABASE_URL is not set; use `python -m database serve` for the embedded PostgreSQL.")


def serve(folder: Path) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    with embedded_server(folder) as url:
        _bring_up(url)
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        stop.wait()


def _wait_for_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _bring_up(url: str) -> None:
    engine = connect(url)
    check_server(engine)
    migrate(engine)
    engine.dispose()


if __name__ == "__main__":
    main()
