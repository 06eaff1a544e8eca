"""What every set of rules shares: the front desk, who is there, and the plainest book-keeping of what was promised."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation
from handoff_bridge.people import Agent
from handoff_bridge.services import Services
from tests.integration.bridge_machine import laws
from tests.integration.bridge_machine.actors import Actor
from tests.integration.bridge_machine.house import House, staff
from tests.integration.bridge_machine.rows import Rows, read_rows

CUSTOMERS = st.sampled_from(("kim", "lee"))
AGENTS = st.sampled_from(("sam", "jo", "maria"))
BRIDGES = st.sampled_from((0, 1))
WHICH = st.integers(0, 9)


@dataclass
class Customer:
    """One on the website: the token, whether it was ever sent back, and what was acknowledged."""

    visitor_id: str
    token: str | None
    has_used_token: bool
    accepted: list[Message]

    @property
    def conversation_id(self) -> str:
        return self.accepted[0].conversation_id


@dataclass
class Lease:
    """Until when nobody else may take a turn, counted as `Stage.elapsed`."""

    name: str
    until: float


class Stage(RuleBasedStateMachine):
    """A front desk, and the laws that hold after every step."""

    house: ClassVar[House]

    @initialize()
    def open(self) -> None:
        self.house.clear()
        self.world, self.store, self.clock = self.house.world, self.house.store, self.house.clock
        self.assistant, self.bridges = self.house.assistant, self.house.bridges
        self.elapsed = 0.0
        self.agents: dict[str, Agent] = staff(self.store)
        self.customers: dict[str, Customer] = {}
        self.actors: list[Actor] = []
        self.leases: dict[int, Lease] = {}
        self.known_offers: set[int] = set()
        for agent in self.agents.values():
            self.anybody.desk.seen(agent)
        for name in ("kim", "lee"):
            self.meet(name)

    @property
    def anybody(self) -> Services:
        """One of the bridges, where it does not matter which."""
        return self.bridges[0]

    def meet(self, name: str) -> None:
        """A customer's first message."""
        visitor_id = f"visitor-{name}"
        received = self.anybody.visitors.send(visitor_id, f"{name}-0", "hello", token=None)
        self.customers[name] = Customer(visitor_id, received.visitor_token, False, [received.message])

    def conversation(self, name: str) -> Conversation:
        with self.store.begin() as t:
            found = t.conversations.find(self.customers[name].conversation_id)
        assert found is not None
        return found

    def rows(self, name: str) -> Rows:
        return read_rows(self.world, self.store, self.customers[name].conversation_id)

    def pass_time(self, seconds: float) -> None:
        self.house.pass_time(seconds)
        self.elapsed += seconds

    @invariant()
    def the_laws_hold(self) -> None:
        for name, customer in self.customers.items():
            laws.check(self.rows(name), customer.accepted, self.assistant.askings)
        assert self.assistant.breaches == []
        with self.store.begin() as t:
            colleagues = t.routing.colleagues()
        assert all(colleague.held <= colleague.agent.capacity for colleague in colleagues)

    def settle(self) -> None:
        """Lets everything come to its end."""

    def let_go(self) -> None:
        """Ends what is under way, however it stands."""

    def teardown(self) -> None:
        """At the end of every run, unless something is wrong already, all work is done."""
        if sys.exc_info()[0] is None:
            self.settle()
        self.let_go()


def pick[T](several: Sequence[T], which: int) -> T:
    return several[which % len(several)]
