"""The assistant: asks Rasa over HTTP, by the contract "Bridge → Rasa" of docs/interfaces.md.

One session a thread. What Rasa sends is not trusted: its size is bounded and its shape is checked.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from pydantic import BaseModel, Field, ValidationError

from handoff_bridge.messages import Message, tidy
from handoff_bridge.model import Conversation
from handoff_bridge.turns import Answer, Utterance

_CONNECT, _READ = 2.0, 30.0  # seconds
_LARGEST_ANSWER = 1_000_000  # bytes


class AssistantUnavailableError(Exception):
    """The assistant cannot be asked now; the same question may be asked again."""


class AssistantConfusedError(Exception):
    """The assistant answered what its contract does not allow."""


class _Button(BaseModel):
    title: str | None = None
    payload: str | None = None


class _Said(BaseModel):
    text: str | None = None
    buttons: tuple[_Button, ...] | None = None


class _Intent(BaseModel):
    name: str | None = None
    confidence: float | None = Field(None, ge=0, le=1)


class _Error(BaseModel):
    code: str


class _Reply(BaseModel):
    messages: tuple[_Said, ...]
    intent: _Intent | None = None
    slots: dict[str, Any] = {}
    paused: bool | None = None
    error: _Error | None = None


class RasaAssistant:
    """One Rasa at `url`."""

    def __init__(self, url: str, secret: str, *, timeout: float = _READ) -> None:
        self.url = url.rstrip("/")
        self._secret = secret
        self._timeout = timeout
        self._local = threading.local()

    def ask(self, conversation: Conversation, message: Message) -> Answer:
        """The assistant's answer. Raises `AssistantUnavailableError` or `AssistantConfusedError`."""
        body = {
            "conversation_id": conversation.id,
            "message_id": str(message.id),
            "text": message.text,
            "channel": conversation.channel,
            "language": conversation.language,
            "metadata": {"sent_at": message.created_at.isoformat(), "state": conversation.state.value},
        }
        if message.payload is not None:
            body["payload"] = message.payload
        return _answer(self._post("turn", body))

    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        """Echoes events to the tracker. Raises what `ask` raises."""
        self._post("events", {"conversation_id": conversation.id, "events": list(events)})

    def check(self) -> None:
        """Raises `AssistantUnavailableError` unless the model is loaded."""
        try:
            response = self._session().get(
                f"{self.url}/webhooks/bridge/", headers={"X-Frontdesk-Secret": self._secret}, timeout=_CONNECT
            )
        except requests.RequestException as error:
            raise AssistantUnavailableError(type(error).__name__) from error
        if response.status_code != 200:
            raise AssistantUnavailableError(f"status {response.status_code}")

    def _post(self, path: str, body: Mapping[str, Any]) -> bytes:
        try:
            with self._session().post(
                f"{self.url}/webhooks/bridge/{path}",
                json=body,
                headers={"X-Frontdesk-Secret": self._secret},
                timeout=(_CONNECT, self._timeout),
                stream=True,
            ) as response:
                _check(response.status_code)
                return _bounded(response)
        except requests.RequestException as error:
            raise AssistantUnavailableError(type(error).__name__) from error

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False  # no proxy stands between two processes of one machine
        session: requests.Session = self._local.session
        return session


def _check(status: int) -> None:
    if status >= 500 or status in (401, 403, 408, 429):  # also a secret that differs: to be mended, not dropped
        raise AssistantUnavailableError(f"status {status}")
    if status != 200:
        raise AssistantConfusedError(f"status {status}")


def _bounded(response: requests.Response) -> bytes:
    content = b""
    for chunk in response.iter_content(65536):
        content += chunk
        if len(content) > _LARGEST_ANSWER:
            raise AssistantConfusedError("the answer is over 1 MB")
    return content


def _answer(content: bytes) -> Answer:
    try:
        reply = _Reply.model_validate_json(content)
    except ValidationError as error:
        raise AssistantConfusedError("the answer is not of the contract's shape") from error
    intent = reply.intent or _Intent()
    return Answer(
        utterances=tuple(said for said in map(_utterance, reply.messages) if said.text),
        facts={name: value for name, value in reply.slots.items() if value is not None},
        intent=intent.name,
        confidence=intent.confidence,
        paused=bool(reply.paused),
        error=reply.error.code if reply.error else None,
    )


def _utterance(said: _Said) -> Utterance:
    buttons = ((button.title, button.payload) for button in said.buttons or ())
    return Utterance(
        text=tidy(said.text or ""),
        buttons=tuple((tidy(title), payload) for title, payload in buttons if title and payload),
    )
