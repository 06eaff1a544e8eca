"""The agents of the history check: they accept, take over, answer, transfer, return and resolve, as agents do."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.history_doors import Progress
from bench.history_inbox import Inbox, Summary
from bench.world import BenchError

_TICK = 1.2  # seconds between two looks at the queues
_TAKE_OVER_EVERY = 20.0  # seconds, about, between two conversations taken from the assistant unasked
_AT_ONCE = 4  # conversations accepted in one look


@dataclass
class Stay:
    """What an agent intends with a conversation: so many answers, not before `until`, and then `move`."""

    answers: int
    until: float
    move: str


class Agent(threading.Thread):
    """One agent at the inbox. `closing` makes it finish what there is and take nothing from the assistant."""

    def __init__(self, login: dict[str, str], number: int, urls: Sequence[str], seed: int, progress: Progress) -> None:
        super().__init__(name=login["name"], daemon=True)
        self.inbox = Inbox(login, number, urls, progress)
        self.closing = False
        self.failure: str | None = None
        self.stopping = threading.Event()
        self._random = Random(f"{seed} agent {number}")  # noqa: S311 - a schedule, not a secret
        self._stays: dict[str, Stay] = {}
        self._take_over_at = time.monotonic() + _TAKE_OVER_EVERY

    def run(self) -> None:
        try:
            self.inbox.log_in()
            while not self.stopping.wait(_TICK * self._random.uniform(0.7, 1.3)):
                self._answer_offers()
                self._accept()
                self._work()
                self._take_over()
        except (BenchError, LookupError, OSError, ValueError) as error:
            self.failure = f"{type(error).__name__}: {error}"

    def _answer_offers(self) -> None:
        for conversation_id in self.inbox.offers():
            self.inbox.answer_offer(conversation_id, "accept" if self._random.random() < 0.8 else "decline")

    def _accept(self) -> None:
        for_me = [summary for summary in self.inbox.queue("waiting") if self._is_for_me(summary)]
        for summary in for_me[:_AT_ONCE]:
            if self._random.random() < 0.5:
                self.inbox.move(summary, "accept")
            else:
                self.inbox.say(summary["id"], "Hello, how can I help you?")

    def _is_for_me(self, summary: Summary) -> bool:
        me, wanted = self.inbox.agent, summary["wanted"]
        return self.closing or (wanted["id"] == me["id"] if wanted else summary["department"] in me["departments"])

    def _work(self) -> None:
        mine = self.inbox.queue("mine")
        self._stays = {one["id"]: self._stays.get(one["id"]) or self._stay() for one in mine}
        for summary in mine:
            stay, last = self._stays[summary["id"]], summary["last_message"] or {}
            if last.get("author") == "customer" or (stay.answers > 0 and self._random.random() < 0.3):
                if self.inbox.say(summary["id"], f"I see. Number {self._random.randrange(10**6)} it is."):
                    stay.answers -= 1
            elif self.closing or (stay.answers <= 0 and time.monotonic() > stay.until):
                self._finish(summary, stay)

    def _stay(self) -> Stay:
        move = self._random.choices(["return", "resolve", "transfer"], [5, 2, 3])[0]
        return Stay(self._random.randint(1, 3), time.monotonic() + self._random.uniform(1, 12), move)

    def _finish(self, summary: Summary, stay: Stay) -> None:
        if stay.move != "transfer":
            self.inbox.move(summary, stay.move)
        elif self.closing:
            self.inbox.move(summary, "return")
        else:
            self.inbox.move(summary, "transfer", **self._to_whom())

    def _to_whom(self) -> dict[str, Any]:
        colleague = self._random.choice(self.inbox.colleagues)
        return self._random.choice([{"agent_id": colleague["id"]}, {"department": colleague["departments"][0]}])

    def _take_over(self) -> None:
        if self.closing or time.monotonic() < self._take_over_at:
            return
        self._take_over_at = time.monotonic() + self._random.expovariate(1 / _TAKE_OVER_EVERY)
        if among := self.inbox.queue("with_assistant"):
            summary = self._random.choice(among[:10])  # those that moved last: the assistant may be answering them now
            if self._random.random() < 0.5:
                self.inbox.move(summary, "take_over")
            else:
                self.inbox.say(summary["id"], "I was just passing by.")
