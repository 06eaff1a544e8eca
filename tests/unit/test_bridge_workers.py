"""The clock's thread: one part of the front desk that fails does not keep the others from their work."""

import threading
from typing import Any, cast

from handoff_bridge.clockwork import Clockwork
from handoff_bridge.delivery import Delivery
from handoff_bridge.workers import Workers

PATIENCE = 10  # seconds until something that must happen counts as not happening


class IdleDelivery:
    lease = 15.0

    def claim(self) -> None:
        return None

    def renew(self) -> None: ...


class HalfBrokenClock:
    def __init__(self) -> None:
        self.was_reached = threading.Event()

    @property
    def steps(self) -> tuple[Any, ...]:
        return self._break, self.was_reached.set

    def tidy(self) -> None: ...

    def _break(self) -> None:
        raise ZeroDivisionError


def test_a_step_of_the_clock_that_fails_keeps_no_other_from_being_done() -> None:
    clock = HalfBrokenClock()
    workers = Workers(cast(Delivery, IdleDelivery()), cast(Clockwork, clock))
    workers.start()
    assert clock.was_reached.wait(PATIENCE)
    assert workers.stop(PATIENCE)
