"""What the triggers need from a store: their decisions, one a message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from handoff_bridge.model import Conversation
from handoff_bridge.triggers.model import Decision, DecisionRecord, Judged, OfferAnswer, Outcome


class Decisions(Protocol):
    def add(self, conversation: Conversation, decision: Decision) -> DecisionRecord | None:
        """The record, or None when the message has a decision. Needs the conversation's lock."""
        ...

    def of_message(self, message_id: int) -> DecisionRecord | None: ...
    def get(self, decision_id: int) -> DecisionRecord | None: ...
    def answer(self, decision_id: int, answer: OfferAnswer, now: datetime) -> None:
        """Writes down what the customer said to an offer; the latest word holds."""
        ...

    def before(self, conversation_id: str, message_id: int, limit: int) -> Sequence[Judged]:
        """The conversation's last decisions on messages before this one, with the messages, oldest first."""
        ...

    def page(
        self, *, before: int | None, trigger: str | None, outcome: Outcome | None, limit: int
    ) -> Sequence[DecisionRecord]:
        """Newest first, of all conversations; without an `outcome` those on which a trigger fired or was held back."""
        ...

    def counts(self) -> Mapping[tuple[str | None, Outcome], int]:
        """How many decisions there are by trigger and outcome."""
        ...
