"""What an operator can count: kept in each process, gathered by Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """The process's counters, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.messages = Counter("frontdesk_messages", "Messages by author.", ["author"], registry=self._registry)
        self.turns = Counter("frontdesk_turns", "Turns by how they ended.", ["outcome"], registry=self._registry)
        self.moves = Counter("frontdesk_moves", "Moves of conversations.", ["move"], registry=self._registry)
        self.sockets = Gauge("frontdesk_sockets", "Open sockets by side.", ["side"], registry=self._registry)
        self._queues = Gauge("frontdesk_queue_length", "What waits now.", ["queue"], registry=self._registry)

    def page(self, queue_lengths: dict[str, int]) -> bytes:
        """The page Prometheus reads, with the lengths of the queues as they are now."""
        for name, length in queue_lengths.items():
            self._queues.labels(name).set(length)
        return generate_latest(self._registry)
