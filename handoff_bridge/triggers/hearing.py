"""What the front desk hears at the door, before the assistant: commands, answers to its offers, and calls for a person
while the assistant is slow."""

from datetime import datetime

import structlog

from handoff_bridge.messages import Author, Message
from handoff_bridge.model import Conversation, State
from handoff_bridge.ports import Transaction
from handoff_bridge.triggers.heard import Answers
from handoff_bridge.triggers.judge import Judge
from handoff_bridge.triggers.model import DecisionRecord, OfferAnswer, Outcome
from handoff_bridge.triggers.service import Triggers
from handoff_bridge.triggers.usher import VERB, Usher

log = structlog.get_logger(__name__)


class Hearing:
    """A `reception.Hearer`."""

    def __init__(self, triggers: Triggers, judge: Judge, usher: Usher, answers: Answers) -> None:
        self._triggers = triggers
        self._judge = judge
        self._usher = usher
        self._answers = answers

    def hear(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        """Whether the message was meant for the front desk, which has dealt with it."""
        if message.payload is not None and message.payload.startswith(f"{VERB}:"):
            self._press(t, conversation, message, now)
            return True
        if self._triggers.commanded(t, conversation, message, now):
            return True
        if message.payload is None and self._answer_in_words(t, conversation, message, now):
            return True
        is_slow = conversation.noticed_at is not None
        return is_slow and self._triggers.at_once(t, conversation, message, now)

    def _press(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> None:
        record = _meant(t, conversation, message.payload or "")
        if record is not None:
            is_yes = (message.payload or "").startswith(f"{VERB}:yes:")
            self._take(t, conversation, record, message, now, is_yes=is_yes)

    def _answer_in_words(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        """A bare yes or no, where nothing has been said since the offer."""
        is_yes = self._answers(message.text)
        if is_yes is None or conversation.state is not State.WITH_ASSISTANT:
            return False
        record = _open_offer(t, conversation, message)
        if record is not None:
            self._take(t, conversation, record, message, now, is_yes=is_yes)
        return record is not None

    def _take(
        self,
        t: Transaction,
        conversation: Conversation,
        record: DecisionRecord,
        message: Message,
        now: datetime,
        *,
        is_yes: bool,
    ) -> None:
        """The latest word holds as long as nobody has been asked to come."""
        if conversation.state is State.WITH_AGENT:
            return  # the agent reads it
        if conversation.state is State.WAITING:
            self._usher.say_where_in_line(t, conversation, str(message.id), now)
            return
        answer = OfferAnswer.ACCEPTED if is_yes else OfferAnswer.DECLINED
        t.decisions.answer(record.id, answer, now)
        if is_yes:
            self._usher.connect(t, conversation, self._judge.rule(record.decision.trigger), now)
        else:
            self._usher.say_declined(t, conversation, str(message.id), now)
        log.info(
            "A customer answered the offer of a person.",
            action="offer_answered",
            conversation_id=conversation.id,
            decision_id=record.id,
            answer=answer.value,
        )


def _open_offer(t: Transaction, conversation: Conversation, message: Message) -> DecisionRecord | None:
    last = t.messages.before(conversation.id, message.id, 1)
    if not last or last[-1].author is not Author.SYSTEM:
        return None
    return next(filter(None, (_meant(t, conversation, button.payload) for button in last[-1].buttons)), None)


def _meant(t: Transaction, conversation: Conversation, payload: str) -> DecisionRecord | None:
    """The offer that a button belongs to, if it is one of this conversation."""
    number = payload.rpartition(":")[2]
    if not payload.startswith(f"{VERB}:") or not number.isdecimal():
        return None
    record = t.decisions.get(int(number))
    is_theirs = record is not None and record.conversation_id == conversation.id
    return record if is_theirs and record and record.decision.outcome is Outcome.OFFER else None
