"""What a run of the relay came to, for people and as the bench's last line."""

import math
from collections.abc import Sequence
from typing import Any

from bench.relay_run import Outcome
from bench.world import percentile, say, table


def show(outcome: Outcome) -> dict[str, Any]:
    """Prints the tables; gives the last line."""
    messages, notices = _delays(outcome), _notices(outcome)
    count = len(messages)
    say(table("milliseconds", _latencies(outcome, messages, notices)))
    say(table("CPU", _cpu(outcome, count)))
    growth = _growth(outcome.memory)
    lost = sum(delay == math.inf for delay in messages.values())
    rows = [
        ["messages a minute", (count - lost) / outcome.took * 60],
        ["transactions a message, pings included", outcome.commits / count],
        ["lost", lost],
        ["refused", len(outcome.ledger.refused), *outcome.ledger.refused[:1]],
        ["memory of the bridges, MB", outcome.memory[0], outcome.memory[-1]],
        ["load of the machine", *outcome.load],
        ["its pace: ms for a fixed piece of work, p50 and p95", *(percentile(outcome.paces, p) for p in (50, 95))],
    ]
    say(table("besides", rows))
    return {
        "messages_per_minute": (count - lost) / outcome.took * 60,
        "p95_ms": percentile(list(messages.values()), 95),
        "notice_p95_ms": percentile(notices, 95),
        "agents": len(outcome.pages),
        "cpu_ms_per_message": sum(outcome.spent.values()) * 1000 / count,
        "memory_growth_mb": growth,
    }


def _delays(outcome: Outcome) -> dict[int, float]:
    """From accepted to arrived, by message; infinite if it never arrived."""
    accepted, arrived = outcome.ledger.accepted, outcome.ledger.arrived
    return {
        number: max(0.0, arrived.get(number, math.inf) - accepted[number]) * 1000
        for number in outcome.numbers
        if number in accepted
    }


def _notices(outcome: Outcome) -> list[float]:
    """From the answer to the request until a page showed it, for each page and each one who waited."""
    ledger = outcome.ledger
    return [
        max(0.0, ledger.noticed.get((waits, page), math.inf) - since) * 1000
        for waits, since in ledger.waits.items()
        for page in outcome.pages
        if since < math.inf
    ]


def _latencies(outcome: Outcome, messages: dict[int, float], notices: list[float]) -> list[list[object]]:
    answered = [outcome.ledger.answered_after[number] * 1000 for number in messages]
    rows = {
        "accepted to the agent's page": [delay for number, delay in messages.items() if number % 2],
        "accepted to the customer's socket": [delay for number, delay in messages.items() if not number % 2],
        "both ways": list(messages.values()),
        "sent to accepted": answered,
        "who waits, on every page": notices,
    }
    head: list[object] = ["", "p50", "p95", "p99", "worst", "number"]
    return [head, *([name, *(percentile(of, p) for p in (50, 95, 99, 100)), len(of)] for name, of in rows.items())]


def _cpu(outcome: Outcome, count: int) -> list[list[object]]:
    def row(name: str, spent: float, idle: float) -> list[object]:
        return [name, spent * 1000 / count, idle * outcome.took * 1000 / count, spent / outcome.took * 100]

    rows = [row(name, spent, outcome.idle[name]) for name, spent in outcome.spent.items()]
    whole = row("all", sum(outcome.spent.values()), sum(outcome.idle.values()))
    return [["", "ms a message", "of it when idle", "% of a core"], *rows, whole]


def _growth(memory: Sequence[float]) -> float:
    """From the first tenth of the run to its last, by their medians."""
    tenth = max(1, len(memory) // 10)
    return percentile(memory[-tenth:], 50) - percentile(memory[:tenth], 50)
