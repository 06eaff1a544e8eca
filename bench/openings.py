"""How long computing openings takes: 50 resources for a day, 30 days and a year, and how that grows.

Run it with `python -m bench.openings`. What is measured is what a search computes once its rows are read: opening hours
of days not seen before, minus visits and buffers, as the starts of each day. The same is computed minute by minute, for
a ratio; both must find the same starts. Times are processor time; by the clock, whatever else runs counts too.
"""

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.openings_reference import plain_starts
from bench.world import conclude, pace, percentile, say, table
from business.model import Business
from business.reader import read_business
from scheduling.agenda import Agenda, Use
from scheduling.hours import Hours
from scheduling.openings import Range, Rules, Taken, minute

LIMITS = {1: 5.0, 30: 50.0, 365: 250.0}  # milliseconds by days
RESOURCES = 50
VISITS = 4  # of each resource a day
_RULES = Rules(30, before=10, after=10, step=30)
_FIRST = date(2026, 12, 1)


@dataclass(frozen=True)
class World:
    """A business with so many resources, each with so many visits a day, for so many days."""

    resources: int = RESOURCES
    days: int = 30
    visits: int = VISITS

    def business(self, sample: Business) -> Business:
        alike = {f"bay_{number}": sample.resources["bay_1"] for number in range(self.resources)}
        return sample.model_copy(update={"resources": alike})

    def uses(self) -> dict[str, Use]:
        chance = random.Random(self.visits)  # noqa: S311 - visits to measure with
        return {f"bay_{number}": Use(self._taken(chance), number) for number in range(self.resources)}

    def _taken(self, chance: random.Random) -> Taken:
        visits: list[Range] = []
        for ahead in range(self.days):
            opens = minute(datetime(_FIRST.year, _FIRST.month, _FIRST.day, 14, tzinfo=UTC) + timedelta(days=ahead))
            places = sorted(chance.sample(range(15), self.visits))
            visits += [(opens + 40 * place, opens + 40 * place + 30) for place in places]
        buffers = [(first - 10, first) for first, _ in visits] + [(end, end + 10) for _, end in visits]
        return Taken(visits, buffers)


@dataclass(frozen=True)
class Took:
    """Milliseconds, and how many starts were found."""

    processor: float
    clock: float
    starts: int


def computed(business: Business, world: World, uses: dict[str, Use]) -> Took:
    """One computation, with hours that no other has prepared."""
    clock, processor = time.perf_counter(), time.thread_time()
    days = list(_agenda(business, world, uses).days())
    return Took((time.thread_time() - processor) * 1000, (time.perf_counter() - clock) * 1000, sum(map(len, days)))


def computed_plainly(business: Business, world: World, uses: dict[str, Use]) -> Took:
    """The same, minute by minute."""
    clock, processor = time.perf_counter(), time.thread_time()
    agenda = _agenda(business, world, uses)
    found = {
        start
        for resource, hours in agenda.hours.items()
        for start in plain_starts(agenda.rules, hours, uses[resource].taken, agenda.earliest)
    }
    return Took((time.thread_time() - processor) * 1000, (time.perf_counter() - clock) * 1000, len(found))


def _agenda(business: Business, world: World, uses: dict[str, Use]) -> Agenda:
    hours, last = Hours(business), _FIRST + timedelta(days=world.days - 1)
    stretches = {key: hours.stretches(_FIRST, last, department="service", resource=key) for key in business.resources}
    return Agenda(_FIRST, last, business.zone, _RULES, stretches, uses, 0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="3 rounds of each instead of 15")
    rounds = 3 if arguments.parse_args().quick else 15
    sample = read_business(Path("business.yml"))
    by_days = {days: _measured(sample, World(days=days), rounds) for days in LIMITS}
    head = ("ms", "limit", "p50", "p95", "by the clock p50", "starts")
    rows = [(_days(days), LIMITS[days], *_figures(took)) for days, took in by_days.items()]
    say(table(f"Openings of {RESOURCES} resources with {VISITS} visits a day each", [head, *rows]))
    _grow(sample, "resources", [World(resources=number) for number in (10, 25, 50, 100)], rounds)
    _grow(sample, "days", [World(days=number) for number in (1, 7, 30, 90, 365)], rounds)
    _grow(sample, "visits", [World(visits=number) for number in (0, 2, 4, 8, 15)], rounds)
    ratio = _compare(sample, World(days=1), by_days[1])
    day, month, year = (percentile([one.processor for one in took], 50) for took in by_days.values())
    conclude(
        {
            "day_ms": day,
            "month_ms": month,
            "year_ms": year,
            "resources": RESOURCES,
            "visits_a_day": VISITS,
            "times_faster_than_plain": ratio,
            "pace_ms": percentile([pace() for _ in range(rounds)], 50),
        }
    )


def _measured(sample: Business, world: World, rounds: int) -> list[Took]:
    business, uses = world.business(sample), world.uses()
    computed(business, world, uses)
    return [computed(business, world, uses) for _ in range(rounds)]


def _grow(sample: Business, name: str, worlds: Sequence[World], rounds: int) -> None:
    measured = [(getattr(world, name), _measured(sample, world, rounds)) for world in worlds]
    say(
        table(
            f"Growth by {name}",
            [(name, "p50", "p95", "by the clock p50", "starts")]
            + [(number, *_figures(took)) for number, took in measured],
        )
    )


def _compare(sample: Business, world: World, fast: Sequence[Took]) -> float:
    plain = computed_plainly(world.business(sample), world, world.uses())
    if {one.starts for one in fast} != {plain.starts}:
        raise SystemExit(f"Minute by minute there are {plain.starts} starts, and not {fast[0].starts}.")
    ratio = plain.processor / percentile([one.processor for one in fast], 50)
    say(table("One day, minute by minute", [("ms", "times as long", "starts"), (plain.processor, ratio, plain.starts)]))
    return ratio


def _figures(took: Sequence[Took]) -> tuple[float, float, float, int]:
    processor = [one.processor for one in took]
    clock = percentile([one.clock for one in took], 50)
    return percentile(processor, 50), percentile(processor, 95), clock, took[0].starts


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


if __name__ == "__main__":
    main()
