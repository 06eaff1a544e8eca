"""The relay's speed: what customers and agents say to each other, and how soon everybody sees who waits.

    .venv/bin/python -m bench.relay [--quick] [--bridges N] [--rate MESSAGES_A_MINUTE] [--seconds S]

A hundred agents have the inbox open and hold four conversations each. Half of the messages go each way, at random
times; once a second a new customer asks for a person, is answered, and the conversation ends. A message counts from the
answer to its POST until its frame is on the other side's socket; a notice from the answer to the request until its
frame is on an agent's page.
"""

import argparse
import asyncio
import signal
import tempfile
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from argon2 import PasswordHasher

from bench.relay_report import show
from bench.relay_run import Plan, measure
from bench.relay_town import AGENTS, PASSWORD, Town
from bench.wire import stand_in_rasa
from bench.world import conclude, database, start_bridge
from database.engine import connect
from handoff_bridge.people import Agent, Availability, Role
from handoff_bridge.storage import PostgresStore

_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A log-in is slow by design, and not what is measured here."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="20 seconds")
    arguments.add_argument("--seconds", type=float, help="how long it is measured (180)")
    arguments.add_argument("--bridges", type=int, default=1, help="bridge processes on the one database (1)")
    arguments.add_argument("--rate", type=float, default=10_500, help="messages a minute (10,500)")
    given = arguments.parse_args()
    seconds = given.seconds or (20 if given.quick else 180)
    with suppress(asyncio.CancelledError):
        uvloop.run(_bench(given.bridges, Plan(given.rate, seconds, warm_up=5 if seconds < 60 else 30)))


async def _bench(bridges: int, plan: Plan) -> None:
    task = asyncio.current_task()
    if task is not None:  # whoever ends it leaves no processes behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with ExitStack() as stack:
        server = stack.enter_context(database())
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        emails = _seed(server.url)
        async with stand_in_rasa(_reply) as rasa:
            running = []
            for number in range(bridges):
                running.append(start_bridge(server.url, rasa, logs / f"bridge-{number}.log"))
                stack.callback(running[-1].stop)
            town = Town(running, emails)
            await town.gather()
            outcome = await measure(town, server, running, plan)
            town.leave()
    conclude(show(outcome))


def _reply(_: dict[str, Any]) -> dict[str, Any]:
    """What the assistant says to everybody who comes."""
    intent = {"name": "greet", "confidence": 0.9}
    said = [{"text": "Hello, how can I help?"}]
    return {"messages": said, "intent": intent, "active_loop": None, "slots": {}, "paused": False, "error": None}


def _seed(url: str) -> list[str]:
    """Makes the agents, with room for whatever comes; their addresses."""
    engine = connect(url)
    password_hash, now = _HASHER.hash(PASSWORD), datetime.now(UTC)
    emails = [f"agent-{number}@bench.example" for number in range(AGENTS)]
    with PostgresStore(engine).begin() as t:
        for number, email in enumerate(emails):
            agent = Agent(
                id=0,
                account_id=1,
                name=f"Agent {number}",
                email=email,
                role=Role.AGENT,
                departments=("sales",),
                availability=Availability.ONLINE,
                capacity=1000,
                last_seen_at=None,
            )
            t.agents.add(agent, password_hash, now)
    engine.dispose()
    return emails


if __name__ == "__main__":
    main()
