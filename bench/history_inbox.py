"""The inbox as the agents of the history check use it: its API, and what its answers mean to them."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.history_check import Sent
from bench.history_doors import Doors, Progress
from bench.world import BenchError

_API = "/inbox/api"

type Summary = dict[str, Any]


class LoginError(BenchError):
    """An agent of the bench could not log in."""


class Inbox:
    """One agent's inbox. `replies` are what was said in each conversation, `outcomes` how often what came of what."""

    def __init__(self, login: dict[str, str], number: int, urls: Sequence[str], progress: Progress) -> None:
        self.replies: dict[str, list[Sent]] = {}
        self.outcomes: Counter[str] = Counter()
        self.agent: dict[str, Any] = {}
        self.colleagues: list[dict[str, Any]] = []
        self._login = login
        self._doors = Doors(urls, number, progress)
        self._has_offers = True

    def log_in(self) -> None:
        """Raises `LoginError`."""
        known = {"email": self._login["email"], "password": self._login["password"]}
        answer = self._doors.ask("POST", f"{_API}/login", json=known)
        if answer.status_code != 200:
            raise LoginError(f"{self._login['email']}: {answer.status_code} {answer.text[:200]}")
        self._doors.headers["X-CSRF-Token"] = answer.json()["csrf"]
        me = self.get("me")
        self.agent = me["agent"]
        self.colleagues = [one for one in me["agents"] if one["id"] != self.agent["id"]]

    def get(self, path: str, **params: str) -> Any:
        answer = self._doors.ask("GET", f"{_API}/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def queue(self, name: str) -> list[Summary]:
        found: list[Summary] = self.get("conversations", queue=name)["conversations"]
        return found

    def offers(self) -> list[str]:
        """The conversations that are offered to this agent."""
        if not self._has_offers:
            return []
        answer = self._doors.ask("GET", f"{_API}/offers")
        self._has_offers = answer.ok  # a front desk that offers nothing has no such door
        return [offer["conversation"]["id"] for offer in answer.json()["offers"]] if answer.ok else []

    def answer_offer(self, conversation_id: str, wish: str) -> bool:
        return self._post(f"conversations/{conversation_id}/offer", {"answer": wish}, f"offer {wish}")

    def move(self, summary: Summary, move: str, **to: Any) -> bool:
        """Whether the conversation was still where the summary has it."""
        body = {"move": move, "epoch": summary["epoch"], **to}
        return self._post(f"conversations/{summary['id']}/moves", body, move)

    def say(self, conversation_id: str, text: str) -> bool:
        """Whether it was taken; tried again until that is certain."""
        message_id, began = uuid.uuid4().hex, time.monotonic()
        body = {"message_id": message_id, "text": text}
        taken = self._post(f"conversations/{conversation_id}/messages", body, "reply")
        sent = Sent(message_id, began, time.monotonic() if taken else None)
        self.replies.setdefault(conversation_id, []).append(sent)
        return taken

    def _post(self, path: str, body: dict[str, Any], what: str) -> bool:
        """Whether it was done. A 4xx is what happens to agents: somebody was faster, or they hold enough."""
        answer = self._doors.ask("POST", f"{_API}/{path}", json=body)
        if answer.ok:
            self.outcomes[what] += 1
            return True
        code = answer.json()["error"]["code"]
        self.outcomes[f"{what}: {answer.status_code} {code}"] += 1
        if code == "set_offline":
            self._doors.ask("POST", f"{_API}/availability", json={"availability": "online"})
        return False
