"""The switch that programs of the business use: whether the assistant answers a phone number, or somebody elsewhere.

Off is a take-over by an agent who stands for whoever of the business answers outside the inbox, on is their return
(docs/decisions/0007-switch.md).
"""

from dataclasses import dataclass

from business.clock import Clock
from business.model import Business
from handoff_bridge.errors import NotFoundError, NotYoursError
from handoff_bridge.handover import Handover
from handoff_bridge.model import Conversation, Move, State
from handoff_bridge.people import Agent, Availability, Place, Role
from handoff_bridge.ports import Store, Transaction
from handoff_bridge.reach import phone_number

_UNLIMITED = 2**31 - 1  # conversations
_NO_PASSWORD = "!"  # noqa: S105 - no hash: nobody logs in as somebody outside
_REASON = "switch"
_OFF = {State.WAITING: Move.ACCEPT, State.WITH_ASSISTANT: Move.TAKE_OVER}


@dataclass(frozen=True)
class Switched:
    """How the switch stands for a number in E.164; the assistant answers when it is on."""

    phone: str
    conversation_id: str
    state: State

    @property
    def is_on(self) -> bool:
        return self.state is not State.WITH_AGENT


class Switch:
    """Both raise `FieldInvalidError` for what is no number and `NotFoundError` when no conversation has it."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._handover = handover

    def status(self, written: str) -> Switched:
        number = phone_number(written, self._business.country)
        with self._store.begin() as t:
            return _switched(number, self._find(t, number))

    def toggle(self, written: str, enabled: bool | None) -> Switched:
        """Turns the assistant on or off, or over with None. Safe to repeat.

        Raises `NotYoursError` for turning it on while an agent of the inbox has the conversation, and for turning it
        off while the conversation is resolved.
        """
        number, outside = phone_number(written, self._business.country), self._outside()
        with self._store.begin() as t:
            conversation = t.conversations.lock(self._find(t, number).id)
            if conversation is None:
                raise NotFoundError
            is_wanted = conversation.state is State.WITH_AGENT if enabled is None else enabled
            turn = self._turn_on if is_wanted else self._turn_off
            return _switched(number, turn(t, conversation, outside))

    def _turn_on(self, t: Transaction, conversation: Conversation, outside: Agent) -> Conversation:
        if conversation.state is not State.WITH_AGENT:
            return conversation
        if conversation.agent_id != outside.id:
            raise NotYoursError
        return self._handover.make(t, conversation, Move.RETURN, outside.who, self._clock(), reason=_REASON)

    def _turn_off(self, t: Transaction, conversation: Conversation, outside: Agent) -> Conversation:
        if conversation.state is State.WITH_AGENT:
            return conversation
        if conversation.state not in _OFF:
            raise NotYoursError
        move = _OFF[conversation.state]
        return self._handover.make(t, conversation, move, outside.who, self._clock(), reason=_REASON)

    def _find(self, t: Transaction, number: str) -> Conversation:
        conversation = t.conversations.of_phone(number)
        if conversation is None:
            raise NotFoundError
        return conversation

    def _outside(self) -> Agent:
        """The agent outside, made when first needed; in a transaction of its own, since agents are locked last."""
        with self._store.begin() as t:
            if t.agents.outside() is None:
                t.agents.add(self._somebody(), _NO_PASSWORD, self._clock())
            outside = t.agents.outside()
        if outside is None:
            raise NotFoundError
        return outside

    def _somebody(self) -> Agent:
        """Busy and of no department, so that nothing is ever offered to them."""
        return Agent(
            id=0,
            account_id=1,
            name=self._business.name,
            email=f"outside@{self._business.domain}",
            role=Role.AGENT,
            departments=(),
            availability=Availability.BUSY,
            capacity=_UNLIMITED,
            last_seen_at=None,
            place=Place.OUTSIDE,
        )


def _switched(number: str, conversation: Conversation) -> Switched:
    return Switched(number, conversation.id, conversation.state)
