"""All rules together: whatever can happen to conversations, in any order."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from business.model import Business
from handoff_bridge.model import Move
from tests.integration.bridge_machine.agents import ENDS
from tests.integration.bridge_machine.assistant import Script
from tests.integration.bridge_machine.customers import WORDS
from tests.integration.bridge_machine.house import House
from tests.integration.bridge_machine.others import OtherRules
from tests.integration.bridge_machine.routing import RoutingRules
from tests.integration.bridge_machine.stage import AGENTS, BRIDGES, CUSTOMERS
from tests.integration.bridge_machine.workers import MOST_ACTORS, SCRIPTS, WorkerRules
from tests.integration.bridge_store.store_world import World


class BridgeMachine(RoutingRules, OtherRules, WorkerRules):
    """Customers, agents, programs, and the bridges' own threads."""

    @precondition(lambda self: len(self.actors) < MOST_ACTORS)
    @rule(name=CUSTOMERS, words=WORDS, at=BRIDGES, script=SCRIPTS, who=AGENTS, end=ENDS, is_at_once=st.booleans())
    def overtake(
        self, *, name: str, words: str, at: int, script: Script, who: str, end: Move | None, is_at_once: bool
    ) -> None:
        """An agent answers while a worker is in the middle of a turn, perhaps the one of this customer."""
        self.say(name, at, words)
        self.begin(at, script)
        self.help(who, name, end)
        while is_at_once and self.actors:
            self.step(0)


def explore(world: World, business: Business, *, examples: int, steps: int, **more: Any) -> None:
    """Lets the machine run in so many ways, of so many steps each."""
    machine = type("Machine", (BridgeMachine,), {"house": House(world, business)})
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        **more,
    )
    run_state_machine_as_test(machine, settings=how)
