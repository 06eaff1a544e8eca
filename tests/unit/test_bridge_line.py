"""How long a wait is said to be."""

import pytest

from handoff_bridge.line import Wait, estimate
from handoff_bridge.ports import QueueNumbers


def numbers(*, slots: int, free: int = 0, mean: float | None = 300, finished: int = 10) -> QueueNumbers:
    return QueueNumbers(
        waiting=0,
        agents_online=1,
        agents_free=0,
        slots=slots,
        slots_free=free,
        finished=finished,
        mean_seconds=mean,
    )


@pytest.mark.parametrize(
    ("position", "slots", "free", "wait"),
    [
        (1, 1, 0, Wait(180, 480)),  # 300 s expected
        (3, 3, 0, Wait(180, 480)),
        (6, 2, 0, Wait(600, 1380)),  # 900 s expected
        (5, 4, 2, Wait(120, 360)),  # 225 s expected
        (1, 2, 1, Wait(0, 0)),
        (2, 2, 2, Wait(0, 0)),
    ],
)
def test_the_line_drains_by_the_slots_there_are(position: int, slots: int, free: int, wait: Wait) -> None:
    assert estimate(position, numbers(slots=slots, free=free)) == wait


@pytest.mark.parametrize(
    "unknown", [numbers(slots=0), numbers(slots=3, finished=9), numbers(slots=3, mean=None, finished=0)]
)
def test_too_little_to_go_by_gives_no_number(unknown: QueueNumbers) -> None:
    assert estimate(1, unknown) is None
