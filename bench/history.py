"""Says 5,000 messages in 200 conversations while processes are killed 100 times, and looks whether all is there.

    .venv/bin/python -m bench.history [--seed N] [--conversations 200] [--messages 5000] [--kills 100] [--quick]

Two bridges on one database, two Rasas with the trained model, the actions and PostgreSQL, each killed with `kill -9`
(PostgreSQL every other time by its immediate shutdown) and brought back by a keeper. Customers use HTTP, repeat,
reorder and hang up; agents accept, answer, transfer, return and resolve. When all is quiet it is read from outside what
the front desk shows, and then from the rows which answer belongs to which message. The last line counts what may not
be; the status is 1 when there is any. `--plant acknowledge_before_store` runs bridges with that bug.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import SystemRandom

from bench.history_check import Kind, check
from bench.history_plan import plan
from bench.history_report import outages, what_was_done, what_was_looked_at
from bench.history_rows import check_rows
from bench.history_storage import open_turns, read_rows
from bench.history_storm import Storm
from bench.history_world import FrontDesk, front_desk, names
from bench.world import BenchError, conclude, say, table

_QUICK = {"conversations": 16, "messages": 160, "kills": 8}
_SHOWN = 40  # violations
_PLANTED = {"acknowledge_before_store": "bench.history_planted"}


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is stopped
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-history-"))
    folder.chmod(0o755)  # PostgreSQL may be another user
    say(f"The seed is {options.seed}. The logs are in {folder}, and stay there if anything is wrong.")
    is_clean = _run(options, folder)
    if is_clean and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if is_clean else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.history", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rasas", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a small run with one Rasa")
    parser.add_argument("--keep", action="store_true", help="keep the logs even if nothing is wrong")
    parser.add_argument("--plant", choices=sorted(_PLANTED))
    options = parser.parse_args()
    if options.quick:
        vars(options).update(_QUICK, rasas=1)
    return options


def _run(options: argparse.Namespace, folder: Path) -> bool:
    """Whether nothing was wrong."""
    planned = plan(
        options.seed,
        conversations=options.conversations,
        messages=options.messages,
        kills=options.kills,
        targets=names(options.rasas),
    )
    with front_desk(folder, rasas=options.rasas, bridge=_PLANTED.get(options.plant, "handoff_bridge")) as desk:
        storm, began = Storm(desk, planned), time.monotonic()
        hangs = _run_storm(storm, desk)
        took = time.monotonic() - began
        talks, (messages, moves) = storm.talks(), read_rows(desk.database_url)
    violations = [*(wrong for talk in talks for wrong in check(talk)), *check_rows(messages, moves)]
    say(outages(storm, desk.processes, took))
    say(what_was_done(storm))
    say(what_was_looked_at(talks, messages))
    for violation in violations[:_SHOWN]:
        say(f"{violation.kind.value}: conversation {violation.conversation_id}: {violation.what}")
    counts = Counter(violation.kind for violation in violations)
    conclude(
        {"messages": storm.progress.accepted, "kills": storm.killed.total()}
        | {kind.value: counts[kind] for kind in Kind}
        | {"seed": options.seed}
    )
    return not hangs and not violations


def _run_storm(storm: Storm, desk: FrontDesk) -> bool:
    """Whether something hangs, which is then shown."""
    try:
        storm.run()
    except BenchError as error:
        say(f"It did not come to an end: {error}")
        say(table("turns that are open", open_turns(desk.database_url)))
        return True
    return False


if __name__ == "__main__":
    main()
