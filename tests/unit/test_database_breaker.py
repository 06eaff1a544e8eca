"""Who is spared the wait for a database that does not answer, and for how long."""

from contextlib import suppress

import pytest

from database.breaker import Breaker, DatabaseStuckError


class Time:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


class SilenceError(Exception):
    pass


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker(time: Time) -> Breaker:
    return Breaker(time)


def call(breaker: Breaker, time: Time, seconds: float = 0.0, failure: Exception | None = None) -> None:
    with breaker.call(lambda error: isinstance(error, SilenceError)):
        time.passes(seconds)
        if failure is not None:
            raise failure


def wait_in_vain(breaker: Breaker, time: Time) -> None:
    with pytest.raises(SilenceError):
        call(breaker, time, 5, SilenceError())


def test_after_one_has_waited_in_vain_the_others_are_refused_at_once(breaker: Breaker, time: Time) -> None:
    wait_in_vain(breaker, time)
    with pytest.raises(DatabaseStuckError):
        call(breaker, time)


@pytest.mark.parametrize(
    ("seconds", "failure"),
    [(0.1, SilenceError()), (5.0, LookupError()), (5.0, None)],
    ids=["a quick failure", "another failure", "a slow success"],
)
def test_nothing_else_refuses_anybody(breaker: Breaker, time: Time, seconds: float, failure: Exception | None) -> None:
    with suppress(SilenceError, LookupError):
        call(breaker, time, seconds, failure)
    call(breaker, time)


def test_one_at_a_time_looks_whether_it_is_back(breaker: Breaker, time: Time) -> None:
    wait_in_vain(breaker, time)
    time.passes(1.5)
    with breaker.call(lambda _: True), pytest.raises(DatabaseStuckError):
        call(breaker, time)
    call(breaker, time)
    call(breaker, time)


def test_a_look_in_vain_refuses_on(breaker: Breaker, time: Time) -> None:
    wait_in_vain(breaker, time)
    time.passes(1.5)
    wait_in_vain(breaker, time)
    with pytest.raises(DatabaseStuckError):
        call(breaker, time)


@pytest.mark.parametrize("failure", [SilenceError(), LookupError()])
def test_a_look_that_ends_otherwise_is_followed_by_the_next(breaker: Breaker, time: Time, failure: Exception) -> None:
    wait_in_vain(breaker, time)
    time.passes(1.5)
    with pytest.raises(type(failure)):
        call(breaker, time, 0.1, failure)
    time.passes(1.5)
    call(breaker, time)


def test_a_look_that_never_comes_back_is_given_up(breaker: Breaker, time: Time) -> None:
    wait_in_vain(breaker, time)
    time.passes(1.5)
    lost = breaker.call(lambda _: True)
    lost.__enter__()
    time.passes(15)
    call(breaker, time)
