"""Threads that come with the work, as many as it needs and no more than are allowed."""

import threading
from collections.abc import Iterator

import pytest

from handoff_bridge.crew import Bell, Crew

PATIENCE = 10  # seconds until something that must happen counts as not happening


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_each_job_under_way_has_a_thread_of_its_own(go_on: threading.Event) -> None:
    crew, all_there = Crew(50), threading.Barrier(51)
    for _ in range(50):
        assert crew.reserve(PATIENCE)
        crew.do(lambda: (all_there.wait(PATIENCE), go_on.wait(PATIENCE)))
    all_there.wait(PATIENCE)
    assert not crew.wait(0)
    go_on.set()
    assert crew.wait(PATIENCE)


def test_there_is_no_room_for_more_than_allowed_until_one_ends(go_on: threading.Event) -> None:
    crew = Crew(2)
    for _ in range(2):
        assert crew.reserve(0)
        crew.do(lambda: go_on.wait(PATIENCE))
    assert not crew.reserve(0)
    go_on.set()
    assert crew.reserve(PATIENCE)


def test_room_that_was_not_needed_is_there_for_the_next() -> None:
    crew = Crew(1)
    for _ in range(3):
        assert crew.reserve(0)
        crew.give_back()
    assert crew.wait(0)


def test_jobs_that_follow_each_other_share_a_thread() -> None:
    crew, seen = Crew(10), []
    for _ in range(20):
        assert crew.reserve(PATIENCE)
        crew.do(lambda: seen.append(threading.current_thread()))
        assert crew.wait(PATIENCE)
        # the thread is idle a moment after its job has ended, so now and then one more is begun
    assert len(seen) == 20
    assert len(set(seen)) < 20


def test_a_job_is_never_lost_between_threads_that_come_and_go() -> None:
    crew, done = Crew(8, leaves_after=0.0), threading.Semaphore(0)
    for _ in range(500):
        assert crew.reserve(PATIENCE)
        crew.do(done.release)
    assert all(done.acquire(timeout=PATIENCE) for _ in range(500))
    assert crew.wait(PATIENCE)


def test_rings_while_nobody_waits_count_as_one() -> None:
    bell, woken = Bell(), threading.Semaphore(0)
    bell.ring()
    bell.ring()
    bell.wait()

    def wait() -> None:
        bell.wait()
        woken.release()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not woken.acquire(timeout=0.1)
    bell.ring()
    assert woken.acquire(timeout=PATIENCE)
    waiting.join()


def test_a_closed_bell_holds_nobody() -> None:
    bell = Bell()
    waiting = [threading.Thread(target=bell.wait) for _ in range(3)]
    for thread in waiting:
        thread.start()
    bell.close()
    for thread in waiting:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in waiting)
