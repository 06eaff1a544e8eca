"""Five hundred customers want the last opening at once: one gets it, and all others get alternatives.

Run it with `python -m bench.booking_race`. As many as there are connections have looked at the
calendar before anybody may take, and the others press behind them. With `--without-guard` the constraint is dropped in
that database; the bench then reports the double booking and exits with 1.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Barrier, Semaphore
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine, text

from bench.world import conclude, database, percentile, say, table
from business.model import Business
from business.reader import read_business
from database.engine import connect
from scheduling.agenda import Use
from scheduling.errors import OpeningTakenError
from scheduling.service import Calendar
from scheduling.storage import PostgresStore, PostgresTransaction

RACERS = 500
_CONNECTIONS = 40  # at once, all of which have looked before any may take; the other racers queue for one
_NOW = datetime(2026, 12, 1, 14, tzinfo=UTC)
_LAST = datetime(2026, 12, 3, 10, tzinfo=ZoneInfo("America/Chicago"))
_DROPPED = text("alter table occupancies drop constraint ex_occupancies_no_overlap")
_OVERLAPS = text("""
    select count(*) from occupancies a join occupancies b
        on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
    where a.blocking and b.blocking and a.kind = 'visit' and b.kind = 'visit'
""")
_APPOINTMENTS = text("select count(*) from appointments where blocking")


@dataclass(frozen=True)
class Outcome:
    """What came to one racer: an appointment, or so many alternatives, and after how many seconds."""

    has_won: bool
    alternatives: int
    seconds: float


class MeetingStore(PostgresStore):
    """A store for `connections` at once, none of which goes on from the first look before all have looked."""

    def __init__(self, engine: Engine, connections: int) -> None:
        super().__init__(engine)
        self._free, self._barrier, self._looks = Semaphore(connections), Barrier(connections, timeout=120), count()
        self._connections = connections

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        with self._free, super().transaction() as transaction:
            look = transaction.uses

            def look_and_wait(*arguments: Any, **options: Any) -> Mapping[str, Use]:
                found = look(*arguments, **options)
                if next(self._looks) < self._connections:
                    self._barrier.wait()
                return found

            transaction.uses = look_and_wait  # type: ignore[method-assign]
            yield transaction


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--without-guard", action="store_true", help="drop the constraint; exits with 1")
    arguments.add_argument("--racers", type=int, default=RACERS)
    chosen = arguments.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with database() as server:
        engine = connect(server.url, pool_size=_CONNECTIONS)
        if chosen.without_guard:
            with engine.begin() as connection:
                connection.execute(_DROPPED)
        outcomes, seconds = _raced(engine, chosen.racers)
        with engine.connect() as connection:
            appointments = connection.execute(_APPOINTMENTS).scalar_one()
            overlaps = connection.execute(_OVERLAPS).scalar_one()
        engine.dispose()
    _show(outcomes, appointments, overlaps, seconds)
    refused = sum(not outcome.has_won and outcome.alternatives > 0 for outcome in outcomes)
    conclude(
        {
            "racers": chosen.racers,
            "appointments": appointments,
            "overlaps": overlaps,
            "refused_with_alternatives": refused,
            "seconds": seconds,
            "seen_without_guard": chosen.without_guard and overlaps > 0,
        }
    )
    sys.exit(0 if (appointments, overlaps, refused) == (1, 0, chosen.racers - 1) else 1)


def _raced(engine: Engine, racers: int) -> tuple[list[Outcome], float]:
    meeting = MeetingStore(engine, min(racers, _CONNECTIONS))
    calendar = Calendar(_one_bay(read_business(Path("business.yml"))), meeting, lambda: _NOW)
    began = time.perf_counter()
    with ThreadPoolExecutor(racers) as pool:
        outcomes = list(pool.map(lambda number: _race(calendar, f"racer{number}"), range(racers)))
    return outcomes, time.perf_counter() - began


def _race(calendar: Calendar, name: str) -> Outcome:
    began = time.perf_counter()
    try:
        calendar.hold("oil_change", _LAST, conversation_id=name, request_key=f"{name}:1")
    except OpeningTakenError as taken:
        others = [opening for opening in taken.offer.openings if opening.start != _LAST]
        return Outcome(False, len(others), time.perf_counter() - began)
    return Outcome(True, 0, time.perf_counter() - began)


def _one_bay(business: Business) -> Business:
    change = business.services["oil_change"].model_copy(update={"resources": ("bay_1",)})
    return business.model_copy(update={"services": {"oil_change": change}})


def _show(outcomes: Sequence[Outcome], appointments: int, overlaps: int, seconds: float) -> None:
    waits = [outcome.seconds for outcome in outcomes]
    refused = [outcome.alternatives for outcome in outcomes if not outcome.has_won]
    rows = [
        ("told that they have it", sum(outcome.has_won for outcome in outcomes)),
        ("appointments", appointments),
        ("pairs of them that overlap", overlaps),
        ("refused with alternatives", sum(number > 0 for number in refused)),
        ("alternatives, fewest", min(refused, default=0)),
        ("seconds for all", seconds),
        ("seconds for one, p50", percentile(waits, 50)),
        ("seconds for one, p95", percentile(waits, 95)),
    ]
    say(table(f"{len(outcomes)} at once for the last opening", rows))
    if overlaps:
        say(f"A double booking: {appointments} appointments for one opening.")


if __name__ == "__main__":
    main()
