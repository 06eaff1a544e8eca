"""Everybody who takes part in the relay's bench, brought to where the measuring can begin."""

import asyncio
import itertools
import secrets
from collections.abc import Sequence

from bench.relay_people import AgentPage, Customer, Ledger
from bench.wire import Answer, HttpClient
from bench.world import BenchError, BridgeProcess

AGENTS, HELD = 100, 4
PASSWORD = secrets.token_hex(8)
_SETTLED_AFTER = 8.0  # seconds until what the opening of all sockets stirred up is over


class Town:
    """Each has a bridge process as theirs, by turns, so that half of what is said crosses from one to another."""

    def __init__(self, bridges: Sequence[BridgeProcess], emails: Sequence[str]) -> None:
        self.ledger = Ledger()
        self._doors = [(HttpClient(bridge.port), bridge.port) for bridge in bridges]
        self._of_agents, self._of_customers = itertools.cycle(self._doors), itertools.cycle(self._doors)
        self.agents = [AgentPage(*next(self._of_agents), self.ledger, email) for email in emails]
        self._sockets: list[asyncio.Task[None]] = []

    def customer(self) -> Customer:
        return Customer(*next(self._of_customers), self.ledger)

    async def gather(self) -> None:
        """Logs everybody in, hands each agent their conversations and opens all sockets."""
        for agent in self.agents:
            await agent.log_in(PASSWORD)
            for _ in range(HELD):
                customer = self.customer()
                expect(await customer.say("hello"), 202)
                expect(await agent.reply(customer, "hello"), 201)
                agent.holds.append(customer)
        everybody: list[AgentPage | Customer] = [*self.agents]
        everybody += [customer for agent in self.agents for customer in agent.holds]
        for number, one in enumerate(everybody):
            self._sockets.append(asyncio.create_task(one.listen()))
            if number % 20 == 0:
                await asyncio.sleep(0.1)
        await asyncio.sleep(_SETTLED_AFTER)
        self.check()

    def check(self) -> None:
        """Raises `BenchError` when a socket was dropped."""
        for socket in self._sockets:
            if socket.done():
                socket.result()

    def leave(self) -> None:
        for socket in self._sockets:
            socket.cancel()
        for http, _ in self._doors:
            http.close()


def expect(answer: Answer, status: int) -> None:
    """Raises `BenchError` for another status."""
    if answer.status != status:
        raise BenchError(f"{answer.status}: {answer.body!r}")
