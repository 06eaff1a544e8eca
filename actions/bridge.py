"""The bridge as the actions see it, over HTTP: contract "Actions → bridge" of docs/interfaces.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

_PATIENCE = 5.0  # seconds


class BridgeUnavailableError(Exception):
    """The bridge did not answer, or not as agreed; the same may be asked again."""


class CallbackTimeError(Exception):
    """The department cannot call at that time; `next_times` are the next at which it can."""

    def __init__(self, next_times: tuple[datetime, ...]) -> None:
        super().__init__()
        self.next_times = next_times


@dataclass(frozen=True)
class Line:
    """Where a conversation stands: `state` of the conversation, `position` in line, name of the agent who has it.
    It will wait at least `wait_low` seconds, if that can be told."""

    state: str
    position: int | None = None
    assigned_to: str | None = None
    wait_low: int | None = None


@dataclass(frozen=True)
class Availability:
    """Whether a department is open, and when it opens next."""

    is_open: bool
    next_open: datetime | None
    agents_online: int


class Bridge:
    """Each call waits at most 5 s, may be repeated, and raises `BridgeUnavailableError`."""

    def __init__(self, url: str, secret: str, transport: httpx.MockTransport | None = None) -> None:
        self._url = url.rstrip("/")
        # A proxy of the environment has no business between two processes of one machine.
        self._settings: dict[str, Any] = {
            "headers": {"X-Frontdesk-Secret": secret},
            "timeout": _PATIENCE,
            "transport": transport,
            "trust_env": False,
        }

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

    def call_back(self, conversation_id: str, department: str, at: datetime, phone: str, note: str) -> None:
        """Asks the department to call. For forms, whose turns are not of the event loop. Raises `CallbackTimeError`."""
        body = {"department": department, "at": at.isoformat(), "phone": phone, "note": note}
        self._leave(f"/bridge/conversations/{conversation_id}/callback", body)

    def leave_message(
        self, conversation_id: str, department: str, note: str, phone: str | None, email: str | None
    ) -> None:
        """Passes a message on to the department. For forms, as `call_back` is."""
        body = {"department": department, "note": note, "phone": phone, "email": email}
        self._leave(f"/bridge/conversations/{conversation_id}/message", body)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(**self._settings) as client:
                answer = await client.request(method, self._url + path, json=body)
            answer.raise_for_status()
            return _content(answer)
        except httpx.HTTPError as error:
            raise BridgeUnavailableError(type(error).__name__) from error

    def _leave(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            with httpx.Client(**self._settings) as client:
                answer = client.post(self._url + path, json=body)
            if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                _check_time(_content(answer))
            answer.raise_for_status()
            _content(answer)
        except httpx.HTTPError as error:
            raise BridgeUnavailableError(type(error).__name__) from error


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError as error:
        raise BridgeUnavailableError(type(error).__name__) from error
    if not isinstance(content, dict):
        raise BridgeUnavailableError("The bridge's answer is not of the agreed shape.")
    return content


def _check_time(refusal: Mapping[str, Any]) -> None:
    """Raises `CallbackTimeError` if it was the time that was refused."""
    try:
        if refusal["error"]["code"] == "callback_time":
            raise CallbackTimeError(tuple(datetime.fromisoformat(at) for at in refusal["next"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BridgeUnavailableError("The bridge's answer is not of the agreed shape.") from error


def _line(content: Mapping[str, Any]) -> Line:
    position, wait = content.get("position"), content.get("wait_seconds")
    low = wait.get("low") if isinstance(wait, dict) else None
    return Line(
        state=str(content.get("state")),
        position=position if isinstance(position, int) else None,
        assigned_to=_name(content.get("assigned_to")),
        wait_low=low if isinstance(low, int) else None,
    )


def _name(agent: Any) -> str | None:
    return (
        str(agent["name"])
        if isinstance(agent, dict) and agent.get("name")
        else agent
        if isinstance(agent, str)
        else None
    )
