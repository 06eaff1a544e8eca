"""The mail of one bridge process: news of the calendar and what falls due become notifications, and those are sent.

Runs in a thread of its own, because a bad mail server may hold an attempt for minutes.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from business.clock import Clock
from handoff_bridge.appointment_links import AppointmentLinks
from notifications.answers import Answers
from notifications.ports import Troubled

log = structlog.get_logger(__name__)

_EVERY = 1.0  # seconds between looks


class Kept(Protocol):
    """A mail that was kept instead of sent."""

    @property
    def id(self) -> int: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def recipient(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> str: ...


class Mailbox(Protocol):
    """Where mail is kept when there is no server to send it."""

    def latest(self) -> Sequence[Kept]: ...


class Job(Protocol):
    """Turns what happened, or fell due, into notifications; how many."""

    def run_once(self, now: datetime) -> int: ...


class Outbox(Protocol):
    """Makes an attempt at what is due; how many."""

    def send_due(self, now: datetime) -> int: ...


class Mailroom:
    """Starts and stops the thread. `mailbox` is None where a mail server is set; `answers` takes what people do with
    the links in their mails, `appointments` is
    behind the one to an appointment's page, and `troubled` knows what did not arrive."""

    def __init__(
        self,
        jobs: Sequence[Job],
        outbox: Outbox,
        clock: Clock,
        mailbox: Mailbox | None,
        *,
        answers: Answers,
        appointments: AppointmentLinks,
        troubled: Troubled,
    ) -> None:
        self.mailbox = mailbox
        self.answers = answers
        self.appointments = appointments
        self.troubled = troubled
        self._jobs = jobs
        self._outbox = outbox
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mailroom", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Waits at most `seconds` for the attempt under way; what does not end by then is left to its lease."""
        self._stopping.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            for job in self._jobs:
                self._guarded(job.run_once)
            self._guarded(self._outbox.send_due)

    def _guarded(self, step: Callable[[datetime], int]) -> None:
        """The edge of the thread: whatever fails is logged, and tried again at the next look."""
        try:
            step(self._clock())
        except Exception:
            log.exception("The mailroom could not finish a round.", action="mailroom_failed")
