"""What the bridges' own threads do, at once or with anything in between, and what befalls them."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.model import Move, Mover, Transition
from handoff_bridge.services import Services
from handoff_bridge.turns import Turn
from tests.integration.bridge_machine.actors import Actor, KilledError
from tests.integration.bridge_machine.assistant import Asks, Says, Script
from tests.integration.bridge_machine.customers import WORDS, CustomerRules, petition
from tests.integration.bridge_machine.fates import check_settled
from tests.integration.bridge_machine.stage import AGENTS, BRIDGES, CUSTOMERS, WHICH, Lease, pick

SCRIPTS = st.builds(
    Script,
    says=st.sampled_from((Says.ANSWER, Says.ANSWER, *Says)),
    asks=st.sampled_from(((), (), (), (Asks.REQUEST,), (Asks.REQUEST, Asks.REQUEST), *((asks,) for asks in Asks))),
)
SECONDS = st.sampled_from((0.7, 7.3, 16.1, 61.0, 130.9, 960.3))
"""Longer than a retry, a notice, a lease, a missed heartbeat, the assistant's limit, the longest wait."""

_LEASE = 15.0
_SLACK = 3.0  # seconds by which a database's clock may have gone on by itself
MOST_ACTORS = 3
_ROUNDS = 100
_LONG = 16.1


class WorkerRules(CustomerRules):
    @rule(at=BRIDGES, script=SCRIPTS)
    def work(self, at: int, script: Script) -> None:
        self.work_a_turn(self.bridges[at], script)

    @rule(name=CUSTOMERS, at=BRIDGES, words=WORDS, script=SCRIPTS)
    def write_and_be_answered(self, name: str, at: int, words: str, script: Script) -> None:
        self.say(name, at, words)
        for _ in range(3 if script.says in (Says.CONFUSED, Says.BROKEN) else 1):
            while self.work_a_turn(self.bridges[at], script):
                pass
            self.pass_time(2.1)  # so that a second and a third attempt are due

    @rule(seconds=SECONDS, are_alive=st.booleans(), there=st.sets(AGENTS), at=BRIDGES)
    def wait(self, seconds: float, are_alive: bool, there: set[str], at: int) -> None:
        """For bridges that hold on to their turns or hang, and with some agents there; then the clock looks."""
        while seconds > 0:
            step = min(seconds, _LEASE / 3) if are_alive and self.actors else seconds
            self.pass_time(step)
            seconds -= step
            if are_alive:
                self.renew()
        for who in sorted(there):
            self.anybody.desk.seen(self.agents[who])
        self.bridges[at].clockwork.tick()

    @precondition(lambda self: len(self.actors) < MOST_ACTORS)
    @rule(at=BRIDGES, script=st.none() | SCRIPTS)
    def begin(self, at: int, script: Script | None) -> None:
        """A worker begins its turn, or without a script the clock its round."""
        services = self.bridges[at]
        use_case = partial(self.work_a_turn, services, script) if script else services.clockwork.tick
        self.actors.append(Actor(use_case, "a worker" if script else "a clock"))
        self.actors[-1].step()
        self.dismiss()

    @precondition(lambda self: len(self.actors) < MOST_ACTORS)
    @rule(at=BRIDGES, script=SCRIPTS, other=SCRIPTS)
    def hang(self, at: int, script: Script, other: Script) -> None:
        """A worker that hangs loses its turn to another, and comes back some time."""
        self.begin(at, script)
        self.pass_time(_LONG)
        self.work(1 - at, other)

    @precondition(lambda self: self.actors)
    @rule(which=WHICH)
    def step(self, which: int) -> None:
        pick(self.actors, which).step()
        self.dismiss()

    @precondition(lambda self: self.actors)
    @rule(which=WHICH, error=st.sampled_from((KilledError, StoreUnavailableError)))
    def fail(self, which: int, error: type[BaseException]) -> None:
        """A process is killed, or cannot reach the database."""
        pick(self.actors, which).fail(error())
        self.dismiss()

    @rule()
    def settle(self) -> None:
        for actor in self.actors:
            while not actor.is_done:
                actor.step()
        self.dismiss()
        rounds = 0
        while any(turn.is_open for turn in self.world.turns()):
            rounds += 1
            assert rounds < _ROUNDS, "the work never ends"
            self.pass_time(_LONG)
            for services in self.bridges:
                while self.work_a_turn(services, Script()):
                    pass
        for name, customer in self.customers.items():
            check_settled(self.rows(name), self.assistant.trackers.get(customer.conversation_id))

    def let_go(self) -> None:
        for actor in self.actors:
            while not actor.is_done:
                actor.fail(KilledError())
        self.actors = []

    def renew(self) -> None:
        before = {turn.id: turn.lease_until for turn in self.world.turns()}
        for services in self.bridges:
            services.delivery.renew()
        for turn in self.world.turns():
            if turn.lease_until != before[turn.id]:
                self.leases[turn.id].until = self.elapsed + _LEASE

    def dismiss(self) -> None:
        self.actors = [actor for actor in self.actors if not actor.is_done]

    def work_a_turn(self, services: Services, script: Script) -> bool:
        """Whether there was one. Its lease is forgotten only if it came to its end."""
        turn = services.delivery.claim()
        if turn is None:
            return False
        self.check_claim(turn)
        self.assistant.follow(script, partial(self.ask_in_turn, services))
        services.delivery.work(turn)
        if self.leases[turn.id].name == turn.lease:  # nobody has taken it meanwhile
            self.leases[turn.id].until = 0
        return True

    def ask_in_turn(self, services: Services, conversation_id: str, asks: Asks) -> None:
        """What the assistant asks for moves nothing when its turn was overtaken meanwhile."""
        before = self.last_move(conversation_id)
        petition(services, conversation_id, asks)
        after = self.last_move(conversation_id)
        with self.world.store.begin() as t:
            in_flight = t.turns.epoch_in_flight(conversation_id)
        if after != before and after and after.move in (Move.REQUEST, Move.WITHDRAW) and in_flight is not None:
            is_by_petition = after.who.kind in (Mover.ASSISTANT, Mover.CUSTOMER)
            if is_by_petition and in_flight != after.epoch:
                self.assistant.breaches.append(f"an overtaken turn made the move {after.move}")

    def last_move(self, conversation_id: str) -> Transition | None:
        with self.world.store.begin() as t:
            done = t.queues.transitions(conversation_id)
        return done[-1].transition if done else None

    def check_claim(self, turn: Turn) -> None:
        """Nobody takes a turn while another's lease holds."""
        held = self.leases.get(turn.id)
        assert held is None or held.until < self.elapsed + _SLACK, "a turn is worked by two"
        self.leases[turn.id] = Lease(turn.lease, self.elapsed + _LEASE)
