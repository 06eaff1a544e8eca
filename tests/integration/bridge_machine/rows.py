"""What the store holds of one conversation, as the laws look at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from handoff_bridge.handoffs import Assignment, HandoffRecord
from handoff_bridge.messages import Author, Message, Source
from handoff_bridge.model import Conversation, Transition
from handoff_bridge.offers import Offer
from handoff_bridge.ports import Store
from tests.fake_store.tables import TurnRow
from tests.integration.bridge_store.store_world import World


@dataclass(frozen=True)
class Phrase:
    """A sentence of the front desk itself: which one, and on what occasion (an epoch, or a message's id)."""

    name: str
    occasion: str
    message: Message


@dataclass(frozen=True)
class Rows:
    conversation: Conversation
    messages: Sequence[Message]
    transitions: Sequence[Transition]
    turns: Sequence[TurnRow]
    handoff: HandoffRecord | None
    assignment: Assignment | None
    offer: Offer | None

    def by(self, author: Author) -> list[Message]:
        return [message for message in self.messages if message.author is author]

    @property
    def turned(self) -> set[int]:
        """The ids of the messages that were passed on to the assistant."""
        return {turn.message_id for turn in self.turns if turn.message_id is not None}

    @property
    def phrases(self) -> list[Phrase]:
        keys = ((message.source_id.split(":", 2), message) for message in self.messages)
        return [Phrase(key[1], key[2], message) for key, message in keys if message.source is Source.BRIDGE]

    def phrase_of_move(self, epoch: int, *names: str) -> Message | None:
        """What was said of the move that led to `epoch`."""
        found = (said.message for said in self.phrases if said.name in names and said.occasion == str(epoch))
        return next(found, None)


def read_rows(world: World, store: Store, conversation_id: str) -> Rows:
    with store.begin() as t:
        conversation = t.conversations.find(conversation_id)
        messages = t.messages.after(conversation_id, 0, 10_000)
        transitions = [record.transition for record in t.queues.transitions(conversation_id)]
        handoff = t.handoffs.current(conversation_id)
        assignment = t.handoffs.last_assignment(conversation_id)
        offer = t.offers.open_of(conversation_id)
    assert conversation is not None
    turns = [turn for turn in world.turns() if turn.conversation_id == conversation_id]
    return Rows(conversation, messages, transitions, turns, handoff, assignment, offer)
