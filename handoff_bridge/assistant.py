"""The assistant: asks one Rasa over HTTP, by the contract "Bridge → Rasa" of docs/interfaces.md.

One session a thread. What Rasa sends is not trusted: its size is bounded here, and `reply` checks its shape.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation
from handoff_bridge.reply import ReplyInvalidError, read_answer
from handoff_bridge.turns import Answer

_CONNECT, _READ, _CHECK = 2.0, 30.0, 1.5  # seconds
_LARGEST_ANSWER = 4 * 1024 * 1024  # bytes


class AssistantError(Exception):
    """A question to the assistant came to nothing; `kind` is the metric's word for how."""

    kind = "error"


class AssistantUnavailableError(AssistantError):
    """The assistant cannot be asked now; the same question may be asked again."""


class AssistantRefusedError(AssistantUnavailableError):
    """Nothing takes connections there, so the question never arrived."""

    kind = "refused"


class AssistantSlowError(AssistantUnavailableError):
    """No answer in time; the question may still be under way."""

    kind = "slow"


class AssistantConfusedError(AssistantError):
    """The assistant answered what its contract does not allow."""

    kind = "nonsense"


class RasaAssistant:
    """One Rasa at `url`; it has `timeout` seconds for a turn."""

    def __init__(self, url: str, secret: str, *, timeout: float = _READ) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._secret = secret
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
        try:
            return read_answer(self._post("turn", body))
        except ReplyInvalidError as error:
            raise AssistantConfusedError(str(error)) from error

    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        """Echoes events to the tracker. Raises what `ask` raises."""
        self._post("events", {"conversation_id": conversation.id, "events": list(events)})

    def check(self) -> None:
        """Raises `AssistantUnavailableError` unless the model is loaded."""
        try:
            with self._session().get(
                f"{self.url}/webhooks/bridge/",
                headers=self._headers,
                timeout=_CHECK,
                stream=True,
                allow_redirects=False,
            ) as response:
                status = response.status_code
        except requests.RequestException as error:
            raise _unavailable(error) from error
        if status != 200:
            raise AssistantUnavailableError(f"status {status}")

    def _post(self, path: str, body: Mapping[str, Any]) -> bytes:
        try:
            with self._session().post(
                f"{self.url}/webhooks/bridge/{path}",
                json=body,
                headers=self._headers,
                timeout=(_CONNECT, self.timeout),
                stream=True,
                allow_redirects=False,
            ) as response:
                _check_status(response.status_code)
                return _bounded(response)
        except requests.RequestException as error:
            raise _unavailable(error) from error

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-Frontdesk-Secret": self._secret, "Accept-Encoding": "identity"}

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False  # no proxy stands between two processes of one machine
        session: requests.Session = self._local.session
        return session


def _unavailable(error: requests.RequestException) -> AssistantUnavailableError:
    """What requests reports, by what is known of the question: it never arrived, it may be under way, or neither."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.Timeout) or isinstance(reason, ReadTimeoutError):
        return AssistantSlowError(type(error).__name__)
    if isinstance(reason, NewConnectionError):
        return AssistantRefusedError(type(reason).__name__)
    return AssistantUnavailableError(type(error).__name__)


def _check_status(status: int) -> None:
    if status >= 500 or status in (401, 403, 408, 429):  # also a secret that differs: to be mended, not dropped
        raise AssistantUnavailableError(f"status {status}")
    if status != 200:
        raise AssistantConfusedError(f"status {status}")


def _bounded(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(65536):
        content += chunk
        if len(content) > _LARGEST_ANSWER:
            raise AssistantConfusedError("the answer is over 4 MB")
    return bytes(content)
