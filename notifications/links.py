"""Links in mails that do something for whoever holds them: a number, sealed with our secret. It is a notification's, or
for the page of an appointment that appointment's.

A token is of one purpose, names nobody and is stored nowhere.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
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
        seal = self._seal(f"mail:{purpose}:{notification.id}")
        return f"{self._public_url}/mail/{purpose}/{notification.id}.{seal}"

    def notification_id(self, purpose: Purpose, token: str) -> int | None:
        """Whose token it is; None for one that we never gave out. Here a stranger's word turns into trust."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        number = int(match[1])
        return number if hmac.compare_digest(self._seal(f"mail:{purpose}:{number}"), match[2]) else None

    def appointment_url(self, appointment_id: int, made_at: datetime) -> str:
        """The same for the appointment's life; `made_at` tells it from one of a database that is gone."""
        return f"{self._public_url}/appointment/{appointment_id}.{self._of_appointment(appointment_id, made_at)}"

    def claimed_appointment(self, token: str) -> int | None:
        """Which appointment a token says it is of. Nobody has proved it yet: `opens_appointment` does."""
        match = _TOKEN.fullmatch(token)
        return int(match[1]) if match else None

    def opens_appointment(self, token: str, appointment_id: int, made_at: datetime) -> bool:
        """Whether we gave the token out for this appointment. Here a stranger's word turns into trust."""
        wanted = f"{appointment_id}.{self._of_appointment(appointment_id, made_at)}"
        return token.isascii() and hmac.compare_digest(wanted, token)

    def _of_appointment(self, appointment_id: int, made_at: datetime) -> str:
        return self._seal(f"appointment:{appointment_id}:{made_at.astimezone(UTC).isoformat()}")

    def _seal(self, of: str) -> str:
        """128 bits."""
        sealed = hmac.new(self._secret, of.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(sealed[:16]).decode().rstrip("=")
