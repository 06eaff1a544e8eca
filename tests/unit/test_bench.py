"""What the benches say about their figures: percentiles, tables, and the last line that programs read."""

import json
import math
import os

import pytest

from bench.relay_people import Ledger
from bench.relay_report import show
from bench.relay_run import Outcome
from bench.world import conclude, percentile, table, usage_of


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 5), (90, 9), (95, 10), (99, 10), (100, 10)], ids=str)
def test_a_percentile_is_one_of_the_values_and_that_many_do_not_exceed_it(percent: float, value: float) -> None:
    assert percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], percent) == value


def test_a_percentile_of_one_value_is_that_value_and_of_none_is_not_a_number() -> None:
    assert percentile([7.5], 95) == 7.5
    assert math.isnan(percentile([], 95))


def test_a_table_stands_in_columns() -> None:
    rows: list[list[object]] = [["", "p50", "p95"], ["both ways", 1234.5, 7], ["x", 0.125]]
    assert table("milliseconds", rows).splitlines() == [
        "milliseconds",
        "                  p50  p95",
        "  both ways  1,234.50    7",
        "  x              0.12",
    ]


def test_the_last_line_is_one_json_object_without_numbers_that_json_does_not_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    conclude({"p95_ms": 12.3456, "agents": 100, "notice_p95_ms": math.inf, "memory_growth_mb": math.nan})
    last = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(last) == {"p95_ms": 12.35, "agents": 100, "notice_p95_ms": None, "memory_growth_mb": None}


def test_a_process_has_used_cpu_and_memory() -> None:
    used = usage_of(os.getpid())
    assert used.cpu > 0
    assert used.memory > 1


def test_a_relay_counts_what_arrived_and_forgives_nothing_that_was_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten messages in six seconds, the first arrived before its POST was answered, the last never; two pages."""
    accepted = {number: 100.0 + number for number in range(1, 12)}
    arrived = {number: at + 0.010 * (number - 1) for number, at in accepted.items() if number != 10}
    ledger = Ledger(
        accepted=accepted,
        arrived={**arrived, 1: 0.0},
        answered_after=dict.fromkeys(accepted, 0.004),
        waits={"c-1": 200.0, "c-2": math.inf},
        noticed={("c-1", "sam"): 200.02, ("c-1", "jo"): 200.05},
    )
    outcome = Outcome(
        ledger=ledger,
        pages=["sam", "jo"],
        numbers=range(1, 11),
        took=6.0,
        spent={"bridge 1": 0.03, "PostgreSQL": 0.02},
        idle={"bridge 1": 0.001, "PostgreSQL": 0.0},
        commits=30,
        memory=[100.0, 100.0, 130.0],
        paces=[1.0],
        load=(0.5, 0.6),
    )
    result = show(outcome)
    assert result["messages_per_minute"] == 90
    assert result["p95_ms"] == math.inf
    assert result["notice_p95_ms"] == pytest.approx(50)
    assert (result["agents"], result["cpu_ms_per_message"], result["memory_growth_mb"]) == (2, pytest.approx(5), 30)
    assert "lost" in capsys.readouterr().out
