"""Notices who of the agents comes, goes or vanishes while somebody waits."""

from collections.abc import Mapping

from business.clock import Clock
from handoff_bridge.candidates import Hindrance, absence
from handoff_bridge.events import Event, Kind
from handoff_bridge.ports import Store


class PresenceWatch:
    """A job of the clockwork: who is there changes how long customers wait, and nothing else tells them of it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._there: Mapping[int, Hindrance | None] = {}

    def tick(self) -> None:
        """Tells that the line changed if who is there did."""
        with self._store.look() as t:
            if not t.routing.is_anybody_waiting():
                return
            there = {agent.id: absence(agent, self._clock()) for agent in t.agents.all()}
        if there != self._there:
            self._there = there
            with self._store.begin() as t:
                t.tell(Event(Kind.QUEUE))
