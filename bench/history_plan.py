"""What will happen, from a seed: who says what and how badly, and when which process is killed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from random import Random

from bench.history_words import SCRIPTS

SECONDS_PER_KILL = 7.0
_AT_LEAST = 40.0  # seconds
_WEIGHTS = {"bridge": 4.0, "postgres": 4.0, "actions": 3.0, "rasa": 2.5}


class Manner(StrEnum):
    """How a client sends a message. Whatever the manner, the client goes on until it is acknowledged."""

    ONCE = "once"
    TWICE = "twice"  # again right after the acknowledgement
    TOGETHER = "together"  # three times at once, to every bridge
    AGAIN_LATER = "again later"  # again after the next message
    HASTY = "hasty"  # gives up before the answer, says the next thing first, then tries again


_MANNERS = {Manner.ONCE: 70, Manner.TWICE: 8, Manner.TOGETHER: 8, Manner.AGAIN_LATER: 7, Manner.HASTY: 7}


@dataclass(frozen=True)
class Line:
    """One thing a customer says: `text`, or, when that is `PRESS`, the button at `place` (0 to 1) of those shown last.

    `pause` are the seconds before it; one who is `patient` waits for an answer afterwards.
    """

    text: str
    place: float
    pause: float
    manner: Manner
    patient: bool


@dataclass(frozen=True)
class Kill:
    """Once `after` messages were accepted, and `delay` seconds, the first of `order` that is up is killed.

    `hard` matters to PostgreSQL only: its postmaster gets SIGKILL, otherwise it is shut down at once (SIGQUIT).
    """

    after: int
    delay: float
    order: tuple[str, ...]
    hard: bool


@dataclass(frozen=True)
class Plan:
    """The lines of each conversation, and the kills in their order."""

    seed: int
    seconds: float
    conversations: tuple[tuple[Line, ...], ...]
    kills: tuple[Kill, ...]

    @property
    def messages(self) -> int:
        return sum(map(len, self.conversations))


def plan(seed: int, *, conversations: int, messages: int, kills: int, targets: Sequence[str]) -> Plan:
    """The whole run; the same seed, the same plan. `targets` names the processes (`rasa-1`, `postgres` …)."""
    seconds = max(_AT_LEAST, kills * SECONDS_PER_KILL)
    shares = [messages // conversations + (n < messages % conversations) for n in range(conversations)]
    return Plan(
        seed,
        seconds,
        tuple(_conversation(_random(seed, f"conversation {n}"), share, seconds) for n, share in enumerate(shares)),
        _kills(_random(seed, "kills"), kills, messages, targets),
    )


def _conversation(random: Random, length: int, seconds: float) -> tuple[Line, ...]:
    pause = 0.6 * seconds / length  # the rest of the time goes into waiting
    return tuple(
        Line(
            text=text,
            place=random.random(),
            pause=random.uniform(0, seconds / length) if first else min(random.expovariate(1 / pause), 4 * pause),
            manner=Manner.ONCE if first else random.choices(list(_MANNERS), list(_MANNERS.values()))[0],
            patient=random.random() < 0.75,
        )
        for first, text in zip([True] + [False] * (length - 1), islice(_texts(random), length), strict=True)
    )


def _texts(random: Random) -> Iterator[str]:
    while True:
        yield from random.choices([lines for lines, _ in SCRIPTS], [weight for _, weight in SCRIPTS])[0]


def _kills(random: Random, number: int, messages: int, targets: Sequence[str]) -> tuple[Kill, ...]:
    moments = sorted(random.randint(max(1, messages // 40), messages - messages // 40) for _ in range(number))
    return tuple(Kill(after, random.random(), _order(random, targets), random.random() < 0.5) for after in moments)


def _order(random: Random, targets: Sequence[str]) -> tuple[str, ...]:
    """The targets in random order, likely ones first."""
    return tuple(sorted(targets, key=lambda name: -(random.random() ** (1 / _WEIGHTS[name.partition("-")[0]]))))


def _random(seed: int, what: str) -> Random:
    return Random(f"{seed} {what}")  # noqa: S311 - a schedule, not a secret
