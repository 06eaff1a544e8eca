"""A visitor of the website as the history check needs one: sends, repeats, follows along, and keeps count of it all."""

import threading
import time
import uuid
from collections.abc import Sequence
from typing import Any

from bench.history_check import Sent
from bench.history_doors import Doors, Progress
from bench.world import BenchError

_MESSAGES = "/channels/website/messages"
_PAGE = 200  # messages
_HASTE = 0.015  # seconds: the bridge has got the message or not when the visitor hangs up

type Body = dict[str, Any]


class RefusedError(BenchError):
    """The front desk refused what a visitor may say."""


class Visitor:
    """One visitor, known by a token from the first acknowledgement on.

    `sent` are the messages in the order in which they were acknowledged, `heard` those that came while following along.
    """

    def __init__(self, number: int, urls: Sequence[str], progress: Progress) -> None:
        self.sent: list[Sent] = []
        self.heard: list[dict[str, Any]] = []
        self.conversation_id = ""
        self._id = uuid.uuid4().hex
        self._progress = progress
        self._door = Doors(urls, number, progress)
        self._other_doors = [Doors(urls, first, progress) for first in range(len(urls))]

    def body(self, text: str, button: str | None = None) -> Body:
        """A new message."""
        body = {"visitor_id": self._id, "message_id": uuid.uuid4().hex, "text": text}
        return body | ({"button": button} if button else {})

    def send(self, body: Body, began: float | None = None, *, alone: bool = False) -> None:
        """Sends until it is acknowledged. Raises `RefusedError` or `HangError`."""
        began = began or time.monotonic()
        content = self._post(body)
        self.sent.append(Sent(body["message_id"], began, time.monotonic(), alone))
        self.conversation_id = content["conversation_id"]
        if token := content.get("visitor_token"):
            for door in (self._door, *self._other_doors):
                door.headers["Authorization"] = f"Bearer {token}"
        self._progress.accept()

    def send_everywhere(self, body: Body, *, alone: bool = False) -> None:
        """Sends, and at the same time once more to every bridge."""
        began, more = time.monotonic(), {"method": "POST", "path": _MESSAGES, "json": body}
        also = [threading.Thread(target=door.once, kwargs=more) for door in self._other_doors]
        for thread in also:
            thread.start()
        self.send(body, began, alone=alone)
        for thread in also:
            thread.join()

    def send_hastily(self, body: Body) -> float:
        """Hangs up before the answer; gives the time at which it was sent, for the `send` that must follow."""
        began = time.monotonic()
        self._door.once("POST", _MESSAGES, timeout=_HASTE, json=body)
        return began

    def repeat(self, body: Body) -> None:
        """Sends what was acknowledged before once more."""
        self._post(body)

    def listen(self) -> None:
        """Hears what is new."""
        self.heard += self._after(self.heard[-1]["id"] if self.heard else 0)

    def history(self) -> list[dict[str, Any]]:
        """Everything the door shows, from the beginning."""
        return self._after(0)

    def _after(self, last: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            asked = {"visitor_id": self._id, "after": str(found[-1]["id"] if found else last)}
            answer = self._door.ask("GET", _MESSAGES, params=asked)
            if answer.status_code != 200:
                raise RefusedError(f"{answer.status_code} to a look at the messages: {answer.text[:200]}")
            page = answer.json()["messages"]
            found += page
            if len(page) < _PAGE:
                return found

    def _post(self, body: Body) -> dict[str, Any]:
        answer = self._door.ask("POST", _MESSAGES, json=body)
        if answer.status_code != 202:
            raise RefusedError(f"{answer.status_code} to message {body['message_id']}: {answer.text[:200]}")
        content: dict[str, Any] = answer.json()
        return content
