"""`python -m bench.history_planted`: a bridge with a planted bug, for the history check to find.

It acknowledges a customer's message at once and stores it a moment later, so that a kill in between loses it. The
first message is stored as it should be, because the visitor's token comes with it. The bridge knows nothing of this.
"""

import threading

import structlog

from handoff_bridge import __main__ as bridge
from handoff_bridge import services
from handoff_bridge.errors import BridgeError
from handoff_bridge.messages import Author, DeliveryState, Message, Source
from handoff_bridge.visitors import Received, Visitors

_LATE = 1.5  # seconds

log = structlog.get_logger(__name__)


class LateVisitors(Visitors):
    """Acknowledges before it stores."""

    def send(
        self,
        visitor_id: str,
        message_id: str,
        text: str,
        *,
        token: str | None,
        button: str | None = None,
        language: str | None = None,
    ) -> Received:
        if token is None:
            return super().send(visitor_id, message_id, text, token=token, button=button, language=language)
        conversation = self.enter(visitor_id, token)
        more = {"token": token, "button": button, "language": language}
        later = threading.Timer(_LATE, self._send_late, (visitor_id, message_id, text), more)
        later.daemon = True
        later.start()
        promised = Message(
            id=0,
            conversation_id=conversation.id,
            author=Author.CUSTOMER,
            name=None,
            agent_id=None,
            text=text,
            buttons=(),
            source=Source.WEBSITE,
            source_id=f"{visitor_id}:{message_id}",
            payload=None,
            status=DeliveryState.SENT,
            failure=None,
            intent=None,
            confidence=None,
            created_at=conversation.updated_at,
        )
        return Received(promised, None)

    def _send_late(self, *what: str, **more: str | None) -> None:
        try:
            super().send(*what, token=more["token"], button=more["button"], language=more["language"])
        except BridgeError as error:
            log.warning("A message that was acknowledged is lost.", action="planted", error=error.code)


def main() -> None:
    """Puts the bug in its place, and runs the bridge."""
    vars(services)["Visitors"] = LateVisitors
    bridge.main()


if __name__ == "__main__":
    main()
