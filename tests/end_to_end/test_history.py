"""The history check in small: nothing may be lost, doubled or out of order, and a bug that loses messages is seen."""

import json
import subprocess
import sys

import pytest

from tests.desk import ROOT

A_MIXTURE = "9"
"""A seed whose eight kills hit bridges, PostgreSQL, actions and Rasa."""
MOSTLY_BRIDGES = "44"
"""A seed whose eight kills hit bridges seven times and PostgreSQL once."""


def history(seed: str, *options: str) -> tuple[int, dict[str, int], str]:
    """The exit status, the last line, and everything that was said."""
    command = [sys.executable, "-m", "bench.history", "--quick", "--seed", seed, *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_kills_at_any_moment_lose_nothing_double_nothing_and_give_the_customer_one_voice() -> None:
    status, result, said = history(A_MIXTURE)
    wrong = {kind: result[kind] for kind in ("lost", "doubled", "out_of_order", "double_voice")}
    assert wrong == dict.fromkeys(wrong, 0), said
    assert (result["messages"], result["kills"], result["seed"]) == (160, 8, 9), said
    assert status == 0, said


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_a_bridge_that_acknowledges_before_it_stores_is_found_out() -> None:
    status, result, said = history(MOSTLY_BRIDGES, "--plant", "acknowledge_before_store")
    assert result["lost"] > 0, said
    assert status == 1, said
