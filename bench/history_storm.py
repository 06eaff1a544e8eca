"""The storm of the history check: customers talk, agents answer, processes are killed, until all is said and done."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from bench.history_agents import Agent
from bench.history_check import Sent, Talk
from bench.history_customers import Customer
from bench.history_doors import Doors, Progress
from bench.history_inbox import Inbox
from bench.history_plan import Plan
from bench.history_processes import wait_until_up
from bench.history_reading import read_talk
from bench.history_world import FrontDesk
from bench.world import BenchError, say

_LOOK_EVERY, _TELL_EVERY = 1.0, 5.0  # seconds
_LONGEST, _MARGIN = 4.0, 300.0  # times as long as planned, and seconds on top of that
_QUIET_WITHIN = 300.0  # seconds; the bridge gives a silent assistant up after 120
_UP_WITHIN = 300.0  # seconds
_OPEN_TURNS = 'frontdesk_queue_length{queue="turns"} '


class Storm:
    """One run of a plan on a front desk that is up."""

    def __init__(self, desk: FrontDesk, plan: Plan) -> None:
        self.progress = Progress()
        self.killed: Counter[str] = Counter()
        said, logins = enumerate(plan.conversations), enumerate(desk.logins)
        self.customers = [Customer(n, lines, desk.urls, self.progress) for n, lines in said]
        self.agents = [Agent(login, n, desk.urls, plan.seed, self.progress) for n, login in logins]
        self._desk = desk
        self._plan = plan
        self._reader = Inbox(desk.logins[0], 0, desk.urls, self.progress)
        self._door = Doors(desk.urls, 0, self.progress)
        self._over = threading.Event()
        self._killer = threading.Thread(target=self._kill_as_planned, name="killer", daemon=True)
        self._began = time.monotonic()

    def run(self) -> None:
        """Returns when all is said and nothing is open any more. Raises `BenchError` that says what hangs."""
        try:
            self._reader.log_in()
            for person in (*self.agents, *self.customers):
                person.start()
            self._killer.start()
            self._wait("the storm", self._plan.seconds * _LONGEST + _MARGIN, self._what_goes_on)
            wait_until_up(list(self._desk.processes.values()), _UP_WITHIN)
            for agent in self.agents:
                agent.closing = True
            self._wait("the calm after the storm", _QUIET_WITHIN, self._what_is_open)
        finally:
            self._over.set()
            for agent in self.agents:
                agent.stopping.set()
            for agent in self.agents:
                agent.join(30)

    def talks(self) -> list[Talk]:
        """Every conversation as it stands now, read from outside."""
        replies: dict[str, list[Sent]] = {}
        for agent in self.agents:
            for conversation_id, sent in agent.inbox.replies.items():
                replies.setdefault(conversation_id, []).extend(sent)
        visitors = [customer.visitor for customer in self.customers if customer.visitor.conversation_id]
        return [read_talk(one, self._reader, replies.get(one.conversation_id, [])) for one in visitors]

    def _kill_as_planned(self) -> None:
        for kill in self._plan.kills:
            self.progress.wait_for(kill.after, self._over.is_set)
            self._over.wait(kill.delay)
            while not self._over.is_set():
                if up := next((name for name in kill.order if self._desk.processes[name].is_up), None):
                    self._desk.processes[up].kill(hard=kill.hard)
                    self.killed[up] += 1
                    break
                time.sleep(0.1)

    def _wait(self, what: str, seconds: float, open_still: Callable[[], list[str]]) -> None:
        deadline, told = time.monotonic() + seconds, 0.0
        while open_ones := open_still():
            self._raise_failures()
            now = time.monotonic()
            if now > deadline:
                raise BenchError(f"{what} is not over after {seconds:.0f} s:\n  " + "\n  ".join(open_ones[:40]))
            if now - told > _TELL_EVERY:
                told = now
                self._tell(open_ones)
            time.sleep(_LOOK_EVERY)
        self._raise_failures()

    def _what_goes_on(self) -> list[str]:
        talking = [c for c in self.customers if c.doing]
        found = [f"{c.name}, conversation {c.visitor.conversation_id}: {c.doing}" for c in talking]
        return found + (["kills are still to come"] if self._killer.is_alive() else [])

    def _what_is_open(self) -> list[str]:
        metrics = self._door.ask("GET", "/metrics").text.splitlines()
        turns = sum(float(line.removeprefix(_OPEN_TURNS)) for line in metrics if line.startswith(_OPEN_TURNS))
        counts = self._reader.get("conversations", queue="waiting")["counts"]
        held = {
            "open turns": int(turns),
            "waiting": counts["waiting"],
            "with agents": counts["mine"] + counts["others"],
        }
        return [f"{number} {what}" for what, number in held.items() if number]

    def _tell(self, open_ones: list[str]) -> None:
        down = [name for name, one in self._desk.processes.items() if not one.is_up]
        say(
            f"{time.monotonic() - self._began:6.0f} s"
            f"  {self.progress.accepted:5,} of {self._plan.messages:,} messages"
            f"  {self.killed.total():3} of {len(self._plan.kills)} kills"
            f"  down: {', '.join(down) or 'none'}"
            f"  {len(open_ones)} open, such as: {open_ones[0]}"
        )

    def _raise_failures(self) -> None:
        everyone: list[Customer | Agent] = [*self.customers, *self.agents]
        if failed := [f"{one.name}: {one.failure}" for one in everyone if one.failure]:
            raise BenchError("\n  ".join(failed[:10]))
