"""What an operator can count: kept in each process, gathered by Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """The process's counters, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.messages = Counter("frontdesk_messages", "Messages by author.", ["author"], registry=self._registry)
        self.turns = Counter("frontdesk_turns", "Turns by how they ended.", ["outcome"], registry=self._registry)
        self.moves = Counter("frontdesk_moves", "Moves of conversations.", ["move"], registry=self._registry)
        self.tasks = Counter(
            "frontdesk_tasks", "Tasks by kind and what became of them.", ["kind", "outcome"], registry=self._registry
        )
        self.decisions = Counter(
            "frontdesk_handoff_decisions",
            "Decisions about a person by the trigger that fired and what came of it.",
            ["trigger", "decision"],
            registry=self._registry,
        )
        self.sockets = Gauge("frontdesk_sockets", "Open sockets by side.", ["side"], registry=self._registry)
        self.rasa_up = Gauge(
            "frontdesk_rasa_up", "1 for a Rasa that answered its last check.", ["url"], registry=self._registry
        )
        self.assistant_failures = Counter(
            "frontdesk_assistant_failures",
            "Questions to Rasa that came to nothing: refused, slow, nonsense, error.",
            ["kind"],
            registry=self._registry,
        )
        self._queues = Gauge("frontdesk_queue_length", "What waits now.", ["queue"], registry=self._registry)

    def page(self, queue_lengths: dict[str, int]) -> bytes:
        """The page Prometheus reads, with the lengths of the queues as they are now; those not given are left out."""
        self._queues.clear()
        for name, length in queue_lengths.items():
            self._queues.labels(name).set(length)
        return generate_latest(self._registry)
