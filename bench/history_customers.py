"""The customers of the history check: each says the lines of one conversation, as badly as planned."""

import threading
import time
from collections.abc import Sequence

from bench.history_doors import Progress
from bench.history_plan import Line, Manner
from bench.history_visitors import Body, Visitor
from bench.history_words import PRESS
from bench.world import BenchError

_ANSWER_WITHIN = 20.0  # seconds after which a patient customer goes on; whether it was answered is checked in the end
_LOOK_AFTER, _LOOK_AT_MOST_EVERY = 0.3, 2.5  # seconds


class Customer(threading.Thread):
    """One conversation from first line to last. `doing` says where it is, and is empty when all is said."""

    def __init__(self, number: int, lines: Sequence[Line], urls: Sequence[str], progress: Progress) -> None:
        super().__init__(name=f"customer {number}", daemon=True)
        self.visitor = Visitor(number, urls, progress)
        self.doing = "nothing yet"
        self.failure: str | None = None
        self._lines = lines
        self._all_is_answered = True
        self._to_repeat: Body | None = None
        self._unsure: tuple[Body, float] | None = None

    def run(self) -> None:
        try:
            for number, line in enumerate(self._lines, start=1):
                self.doing = f"line {number} of {len(self._lines)} ({line.manner})"
                time.sleep(line.pause)
                self._say(line)
            self._say_what_is_unsure()
            self.doing = ""
        except (BenchError, LookupError, ValueError) as error:
            self.failure = f"{type(error).__name__}: {error}"

    def _say(self, line: Line) -> None:
        body = self._body(line)
        if line.manner is Manner.HASTY:
            self._say_what_is_unsure()
            self._unsure = (body, self.visitor.send_hastily(body))
            self._all_is_answered = False
            return
        self._send(body, line.manner)
        self._say_what_is_unsure()
        if self._to_repeat:
            self.visitor.repeat(self._to_repeat)
        self._to_repeat = body if line.manner is Manner.AGAIN_LATER else None
        if line.patient:
            self._wait_for_answer(body["message_id"])
        else:
            self._all_is_answered = False

    def _send(self, body: Body, manner: Manner) -> None:
        alone = self._all_is_answered
        if manner is Manner.TOGETHER:
            self.visitor.send_everywhere(body, alone=alone)
        else:
            self.visitor.send(body, alone=alone)
        if manner is Manner.TWICE:
            self.visitor.repeat(body)

    def _say_what_is_unsure(self) -> None:
        if self._unsure:
            body, began = self._unsure
            self._unsure = None
            self._all_is_answered = False
            self.visitor.send(body, began)

    def _wait_for_answer(self, message_id: str) -> None:
        """Waits for the assistant or an agent; an agent's word settles all that was open before."""
        deadline, pause = time.monotonic() + _ANSWER_WITHIN, _LOOK_AFTER
        while time.monotonic() < deadline:
            time.sleep(pause)
            self.visitor.listen()
            authors = self._authors_after(message_id)
            if "agent" in authors:
                self._all_is_answered = True
            if authors & {"agent", "assistant"}:
                return
            pause = min(pause * 1.5, _LOOK_AT_MOST_EVERY)
        self._all_is_answered = False

    def _authors_after(self, message_id: str) -> set[str]:
        heard = self.visitor.heard
        own = next((n for n, said in enumerate(heard) if said.get("message_id") == message_id), len(heard))
        return {said["author"] for said in heard[own:]}

    def _body(self, line: Line) -> Body:
        if line.text != PRESS:
            return self.visitor.body(line.text)
        buttons = next((said["buttons"] for said in reversed(self.visitor.heard) if said["buttons"]), None)
        if buttons is None:
            return self.visitor.body("yes please")
        button = buttons[int(line.place * len(buttons))]
        return self.visitor.body(button["title"], button["id"])
