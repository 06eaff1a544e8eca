"""Erlang's formula, against the check values of its literature."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff_bridge.erlang import load, mean_wait, servers_needed, share_within, wait_probability


@pytest.mark.parametrize(
    ("servers", "requests_per_hour", "probability", "seconds"),
    [(3, 24, 0.4444, 133.3), (5, 45, 0.4618, 110.8), (10, 100, 0.4876, 87.8), (1, 6, 0.5, 300)],
)
def test_the_check_values(servers: int, requests_per_hour: float, probability: float, seconds: float) -> None:
    assert wait_probability(servers, requests_per_hour, 300) == pytest.approx(probability, abs=5e-5)
    assert mean_wait(servers, requests_per_hour, 300) == pytest.approx(seconds, abs=0.05)


def test_a_line_that_is_given_more_than_it_can_do_grows_without_end() -> None:
    assert (wait_probability(2, 24, 300), mean_wait(2, 24, 300), share_within(60, 2, 24, 300)) == (1, math.inf, 0)
    assert wait_probability(0, 1, 300) == 1


def test_without_requests_nobody_waits_and_nobody_is_needed() -> None:
    assert (wait_probability(1, 0, 300), mean_wait(1, 0, 300), share_within(60, 1, 0, 300)) == (0, 0, 1)
    assert servers_needed(0, 300, share=0.8, within=60) == 0


@given(st.floats(0.01, 2000), st.floats(1, 7200), st.floats(0.01, 0.99), st.floats(0, 600))
def test_the_servers_needed_are_just_enough(requests: float, seconds: float, share: float, within: float) -> None:
    needed = servers_needed(requests, seconds, share=share, within=within)
    assert share_within(within, needed, requests, seconds) >= share
    assert share_within(within, needed - 1, requests, seconds) < share


@given(st.integers(1, 200), st.floats(0.01, 1000), st.floats(1, 3600))
def test_one_server_more_never_makes_anybody_wait_longer(servers: int, requests: float, seconds: float) -> None:
    probability = wait_probability(servers, requests, seconds)
    assert 0 <= wait_probability(servers + 1, requests, seconds) <= probability <= 1
    if load(requests, seconds) < servers:
        assert mean_wait(servers + 1, requests, seconds) <= mean_wait(servers, requests, seconds)
