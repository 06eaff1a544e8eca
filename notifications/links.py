"""Links in mails that do something for whoever holds them: a notification's number, sealed with our secret.

A token is of one purpose, names nobody and is stored nowhere.
"""

import base64
import hashlib
import hmac
import re
from typing import Literal

from notifications.model import Notification

Purpose = Literal["stop", "rating"]
_TOKEN = re.compile(r"([1-9]\d{0,17})\.([A-Za-z0-9_-]{22})", re.ASCII)


class Links:
    """`public_url` is how customers reach us, without a slash at its end."""

    def __init__(self, public_url: str, secret: str) -> None:
        self._public_url = public_url
        self._secret = secret.encode()

    def url(self, purpose: Purpose, notification: Notification) -> str:
        return f"{self._public_url}/mail/{purpose}/{notification.id}.{self._seal(purpose, notification.id)}"

    def notification_id(self, purpose: Purpose, token: str) -> int | None:
        """Whose token it is; None for one that we never gave out. Here a stranger's word turns into trust."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        number = int(match[1])
        return number if hmac.compare_digest(self._seal(purpose, number), match[2]) else None

    def _seal(self, purpose: Purpose, number: int) -> str:
        """128 bits."""
        sealed = hmac.new(self._secret, f"mail:{purpose}:{number}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(sealed[:16]).decode().rstrip("=")
