"""What a visitor sends, the same by HTTP and by socket."""

from collections.abc import Mapping
from typing import Any

from handoff_bridge.messages import clean_text
from handoff_bridge.services import Services
from handoff_bridge.visitors import Received
from handoff_bridge.web.plumbing import optional_text, text_field

VISITOR_ID = r"[A-Za-z0-9_-]{16,64}", "16 to 64 of the characters A-Z a-z 0-9 _ -"
MESSAGE_ID = r"[A-Za-z0-9_-]{8,64}", "8 to 64 of the characters A-Z a-z 0-9 _ -"


def send(services: Services, visitor_id: str, data: Mapping[str, Any], token: str | None) -> Received:
    """Sends what a body or a frame holds: `message_id`, `text`, and perhaps `button` and `language`."""
    return services.visitors.send(
        visitor_id,
        text_field(data, "message_id", *MESSAGE_ID),
        clean_text(data.get("text")),
        token=token,
        button=optional_text(data, "button"),
        language=optional_text(data, "language"),
    )
