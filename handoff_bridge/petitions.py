"""What the assistant asks of the bridge during a turn: a person for its customer, or none after all.

The turn in flight carries its own move, so that the assistant's words about it are still heard; a turn that was
overtaken by an agent moves nothing any more.
"""

from dataclasses import dataclass

from business.clock import Clock
from business.model import Business
from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.handover import Handover
from handoff_bridge.line import Line, Status
from handoff_bridge.model import Conversation, Handoff, Move, Mover, State, Urgency, Who
from handoff_bridge.ports import Store, Transaction


@dataclass(frozen=True)
class Petition:
    """A request for a person, as it came: department and urgency are not checked yet."""

    department: str | None
    urgency: str | None
    reason: str
    note: str


class Petitions:
    """Safe to repeat: a conversation that is already where it should be stays there."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover, line: Line) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._handover = handover
        self._line = line

    def request(self, conversation_id: str, petition: Petition) -> Status:
        """Puts the conversation in line. Raises `NotFoundError`, `FieldInvalidError`."""
        handoff = self._handoff(petition)
        with self._store.begin() as t:
            conversation = self._locked(t, conversation_id)
            if conversation.state is State.WITH_ASSISTANT and not was_overtaken(t, conversation):
                who = Who(Mover.ASSISTANT)
                conversation = self._handover.make(
                    t, conversation, Move.REQUEST, who, self._clock(), handoff=handoff, reason=handoff.reason
                )
            return self._line.status_in(t, conversation)

    def withdraw(self, conversation_id: str) -> Status:
        """Takes the conversation out of the line. Raises `NotFoundError`."""
        with self._store.begin() as t:
            conversation = self._locked(t, conversation_id)
            if conversation.state is State.WAITING and not was_overtaken(t, conversation):
                conversation = self._handover.make(t, conversation, Move.WITHDRAW, Who(Mover.CUSTOMER), self._clock())
            return self._line.status_in(t, conversation)

    def _locked(self, t: Transaction, conversation_id: str) -> Conversation:
        conversation = t.conversations.lock(conversation_id)
        if conversation is None:
            raise NotFoundError
        return conversation

    def _handoff(self, petition: Petition) -> Handoff:
        department = petition.department or self._business.handoff.default_department
        if department not in self._business.departments:
            raise FieldInvalidError("department", "one of " + ", ".join(self._business.departments))
        urgency = petition.urgency or Urgency.NORMAL
        if urgency not in list(Urgency):
            raise FieldInvalidError("urgency", "one of " + ", ".join(Urgency))
        return Handoff(department, Urgency(urgency), petition.reason, petition.note)


def was_overtaken(t: Transaction, conversation: Conversation) -> bool:
    """Whether the turn in flight was taken before somebody else moved the conversation."""
    taken_under = t.turns.epoch_in_flight(conversation.id)
    return taken_under is not None and taken_under != conversation.epoch
