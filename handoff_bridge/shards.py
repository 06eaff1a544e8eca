"""Several Rasas as one assistant: each conversation has its own, the same for every bridge process.

Rendezvous hashing (Thaler and Ravishankar, 1998): the address with the highest hash wins, so that a Rasa more or
less moves only the conversations that it takes or leaves.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from handoff_bridge.assistant import RasaAssistant
from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation
from handoff_bridge.turns import Answer


class Shards:
    """Sends each conversation to its own Rasa."""

    def __init__(self, assistants: Sequence[RasaAssistant]) -> None:
        self._assistants = assistants

    def ask(self, conversation: Conversation, message: Message) -> Answer:
        return self.home(conversation).ask(conversation, message)

    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        self.home(conversation).tell(conversation, events)

    def home(self, conversation: Conversation) -> RasaAssistant:
        """The Rasa that has the conversation's tracker."""
        return max(self._assistants, key=lambda assistant: _weight(assistant.url, conversation.id))


def _weight(url: str, conversation_id: str) -> bytes:
    return hashlib.sha256(f"{url} {conversation_id}".encode()).digest()
