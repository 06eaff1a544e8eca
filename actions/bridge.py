"""The bridge as the actions see it, over HTTP: contract "Actions → bridge" of docs/interfaces.md."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

_PATIENCE = 5.0  # seconds


class BridgeUnavailableError(Exception):
    """The bridge did not answer, or not as agreed; the same may be asked again."""


@dataclass(frozen=True)
class Line:
    """Where a conversation stands: `state` of the conversation, `position` in line, name of the agent who has it."""

    state: str
    position: int | None = None
    assigned_to: str | None = None


@dataclass(frozen=True)
class Availability:
    """Whether a department is open, and when it opens next."""

    is_open: bool
    next_open: datetime | None
    agents_online: int


class Bridge:
    """Each call waits at most 5 s, may be repeated, and raises `BridgeUnavailableError`."""

    def __init__(self, url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-Frontdesk-Secret": secret}
        self._transport = transport

    async def availability(self, department: str) -> Availability:
        """Who is there in a department."""
        found = await self._ask("GET", f"/bridge/availability?department={department}")
        try:
            next_open = found.get("next_open")
            return Availability(
                is_open=bool(found["open"]),
                next_open=datetime.fromisoformat(next_open) if next_open else None,
                agents_online=int(found.get("agents_online") or 0),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BridgeUnavailableError("The bridge's answer is not of the agreed shape.") from error

    async def request_handoff(self, conversation_id: str, department: str, reason: str, urgency: str) -> Line:
        """Asks for a person."""
        body = {"department": department, "reason": reason, "urgency": urgency, "note": ""}
        return _line(await self._ask("POST", f"/bridge/conversations/{conversation_id}/handoff", body))

    async def withdraw(self, conversation_id: str) -> Line:
        """The customer does not want to wait any more."""
        return _line(await self._ask("POST", f"/bridge/conversations/{conversation_id}/withdraw", {}))

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            # A proxy of the environment has no business between two processes of one machine.
            async with httpx.AsyncClient(timeout=_PATIENCE, transport=self._transport, trust_env=False) as client:
                answer = await client.request(method, self._url + path, json=body, headers=self._headers)
            answer.raise_for_status()
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise BridgeUnavailableError(type(error).__name__) from error
        if not isinstance(content, dict):
            raise BridgeUnavailableError("The bridge's answer is not of the agreed shape.")
        return content


def _line(content: dict[str, Any]) -> Line:
    position = content.get("position")
    agent = content.get("assigned_to")
    return Line(
        state=str(content.get("state")),
        position=position if isinstance(position, int) else None,
        assigned_to=_name(agent),
    )


def _name(agent: Any) -> str | None:
    return (
        str(agent["name"])
        if isinstance(agent, dict) and agent.get("name")
        else agent
        if isinstance(agent, str)
        else None
    )
