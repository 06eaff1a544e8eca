"""One measured run of the relay: people talk at random times, and what that takes is written down."""

import asyncio
import itertools
import math
import os
import random
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from bench.relay_people import AgentPage, Ledger
from bench.relay_town import Town, expect
from bench.world import BridgeProcess, Database, pace, usage_of
from database.engine import connect

_AT_ONCE = 400  # messages under way; a bridge that is further behind is given fewer
_IDLE = 5.0  # seconds in which nobody says anything, for comparison
_SETTLE = 60.0  # seconds given at the end to what is under way


@dataclass(frozen=True)
class Plan:
    """`rate` in messages a minute, times in seconds."""

    rate: float
    seconds: float
    warm_up: float


@dataclass(frozen=True)
class Outcome:
    """CPU in seconds by process: what was spent in the `took` seconds measured, and what a second costs when nobody
    talks. Each second: `memory` of all bridges in MB, and the machine's `paces`. `numbers` are those that count."""

    ledger: Ledger
    pages: Sequence[str]
    numbers: range
    took: float
    spent: Mapping[str, float]
    idle: Mapping[str, float]
    commits: int
    memory: Sequence[float]
    paces: Sequence[float]
    load: tuple[float, float]


async def measure(town: Town, server: Database, bridges: Sequence[BridgeProcess], plan: Plan) -> Outcome:
    """Idles, warms up, measures."""
    before = _used(server, bridges)
    await asyncio.sleep(_IDLE)
    idle = {name: (value - before[name]) / _IDLE for name, value in _used(server, bridges).items()}
    talk = Talk(town, plan.rate)
    memory: list[float] = []
    paces: list[float] = []
    newcomers = asyncio.create_task(talk.bring_newcomers())
    await talk.go_on(plan.warm_up)
    watching = asyncio.create_task(_watch(bridges, memory, paces))
    first, load = talk.reached, os.getloadavg()[0]
    began, used, commits = time.monotonic(), _used(server, bridges), _commits(server)
    await talk.go_on(plan.seconds)
    took, last = time.monotonic() - began, talk.reached
    spent = {name: value - used[name] for name, value in _used(server, bridges).items()}
    commits = _commits(server) - commits
    for task in (watching, newcomers):
        task.cancel()
    await talk.settle()
    town.check()
    pages = [agent.email for agent in town.agents]
    numbers = range(first + 1, last + 1)
    loads = load, os.getloadavg()[0]
    return Outcome(town.ledger, pages, numbers, took, spent, idle, commits, memory, paces, loads)


class Talk:
    """Messages at random times, half of them each way: odd ones are customers', even ones agents'."""

    def __init__(self, town: Town, rate: float) -> None:
        self._town = town
        self._ledger = town.ledger
        self._rate = rate
        self._random = random.Random(20261120)  # noqa: S311 - a load that can be repeated
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self.reached = 0

    async def go_on(self, seconds: float) -> None:
        due = time.monotonic()
        until = due + seconds
        while (due := due + self._random.expovariate(self._rate / 60)) < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._slots.acquire()
            self.reached += 1
            self._start(self._say_something(self.reached))
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def bring_newcomers(self) -> None:
        """One a second."""
        for number in itertools.count():
            self._start(self._be_served(self._town.agents[number % len(self._town.agents)]))
            await asyncio.sleep(1)

    async def settle(self) -> None:
        """Waits until all is said and has arrived, or the time for it is over."""
        deadline = time.monotonic() + _SETTLE
        while time.monotonic() < deadline and (self._under_way or self._ledger.missing()):
            await asyncio.sleep(0.1)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._ledger.refused.append(repr(error))

    async def _say_something(self, number: int) -> None:
        agent = self._random.choice(self._town.agents)
        customer = self._random.choice(agent.holds)
        began = time.monotonic()
        try:
            if number % 2:
                expect(await customer.say(f"c{number}"), 202)
            else:
                expect(await agent.reply(customer, f"a{number}"), 201)
        finally:
            self._slots.release()
        self._ledger.accepted[number] = now = time.monotonic()
        self._ledger.answered_after[number] = now - began

    async def _be_served(self, agent: AgentPage) -> None:
        """A new customer asks for a person, is answered, and the conversation ends."""
        customer, waits = self._town.customer(), self._ledger.waits
        expect(await customer.say("hello"), 202)
        await asyncio.sleep(0.5)
        waits[customer.conversation_id] = math.inf
        self._ledger.watched.add(customer.conversation_id)
        expect(await customer.ask_for_a_person(), 200)
        waits[customer.conversation_id] = time.monotonic()
        await asyncio.sleep(2)
        self._ledger.watched.discard(customer.conversation_id)
        expect(await agent.reply(customer, "I am here"), 201)
        expect(await agent.resolve(customer), 200)


async def _watch(bridges: Sequence[BridgeProcess], memory: list[float], paces: list[float]) -> None:
    while True:
        memory.append(sum(usage_of(bridge.pid).memory for bridge in bridges))
        paces.append(pace())
        await asyncio.sleep(1)


def _used(server: Database, bridges: Sequence[BridgeProcess]) -> dict[str, float]:
    """CPU seconds so far, by process."""
    used = {f"bridge {number}": usage_of(bridge.pid).cpu for number, bridge in enumerate(bridges, 1)}
    return {**used, "PostgreSQL": usage_of(server.pid).cpu, "this driver": time.process_time()}


def _commits(server: Database) -> int:
    engine = connect(server.url)
    with engine.connect() as connection:
        query = text("select xact_commit from pg_stat_database where datname = current_database()")
        number = int(connection.execute(query).scalar_one())
    engine.dispose()
    return number
