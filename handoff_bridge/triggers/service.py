"""Decides on each message of a customer whether a person is needed, writes the decision down, and does what follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from business.clock import Clock
from handoff_bridge.messages import Author, Message
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, State
from handoff_bridge.ports import Transaction
from handoff_bridge.triggers.judge import Judge, settle
from handoff_bridge.triggers.model import Decision, DecisionRecord, Fired, JudgedBy, Outcome, Verdict
from handoff_bridge.triggers.signals import Heard, Listener
from handoff_bridge.triggers.usher import Usher
from handoff_bridge.turns import Answer

log = structlog.get_logger(__name__)

_BY_ITSELF = "assistant"
"""The trigger on record when the assistant asked for a person and nothing of ours fired."""
_UNANSWERED = 10  # of a customer's last messages those that are looked at when the assistant is slow


class Triggers:
    """All in the transaction of whoever calls, where the conversation is locked. One decision a message."""

    def __init__(self, clock: Clock, judge: Judge, listener: Listener, usher: Usher, metrics: Metrics) -> None:
        self._clock = clock
        self._judge = judge
        self._listener = listener
        self._usher = usher
        self._metrics = metrics

    def answered(
        self, t: Transaction, conversation: Conversation, message: Message, answer: Answer, *, moved: bool
    ) -> None:
        """After the assistant's answer was said; `moved`: the turn itself has moved the conversation."""
        waits = conversation.state is State.WAITING
        if waits and not moved:
            self._heard_while_waiting(t, conversation, message, answer)
        if conversation.state is not State.WITH_ASSISTANT and not (waits and moved):
            return
        now = self._clock()
        heard = self._listener.listen(t, conversation, message, now, answer)
        fired = () if moved and not waits else self._judge.fired(heard.signals)
        if moved and waits and not fired:
            fired = (Fired(_BY_ITSELF, 1.0, 1.0, JudgedBy.MODEL),)
        verdict = settle(fired, self._judge, is_moved=moved, is_offered=heard.is_shown, is_held_back=heard.is_held_back)
        self._carry_out(t, conversation, heard, verdict, now)

    def unanswered(self, t: Transaction, conversation: Conversation, message: Message) -> None:
        """After the customer was told that there is no answer."""
        if conversation.state is State.WITH_ASSISTANT:
            now = self._clock()
            heard = _failed(self._listener.listen(t, conversation, message, now))
            verdict = settle(self._judge.fired(heard.signals), self._judge, is_held_back=heard.is_held_back)
            self._carry_out(t, conversation, heard, verdict, now)

    def at_once(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        """What waits for no answer, while the assistant is slow: whether the front desk has dealt with the message."""
        if conversation.state is not State.WITH_ASSISTANT:
            return False
        heard = self._listener.listen(t, conversation, message, now)
        fired = self._judge.fired(heard.signals, at_once=True)
        verdict = settle(fired, self._judge, is_held_back=heard.is_held_back)
        if verdict.outcome not in (Outcome.CONNECT, Outcome.OFFER):
            return False
        return self._carry_out(t, conversation, heard, verdict, now) is not None

    def overdue(self, t: Transaction, conversation: Conversation, now: datetime) -> bool:
        """The same for the messages that the assistant has not answered in time."""
        return any(self.at_once(t, conversation, message, now) for message in unanswered_in(t, conversation))

    def given_up(self, t: Transaction, conversation: Conversation, reason: str, limit: float, now: datetime) -> None:
        """Puts on record that the assistant was gone for `limit` seconds, and somebody asks for a person for that."""
        for message in unanswered_in(t, conversation)[-1:]:
            heard = _failed(self._listener.listen(t, conversation, message, now))
            waited = (now - message.created_at).total_seconds()
            verdict = Verdict((Fired(reason, round(waited, 1), limit),), Outcome.CONNECT, reason)
            self._record(t, conversation, heard, verdict, now)

    def commanded(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        """Whether the message is a command of the front desk; then it is done."""
        rule = self._judge.command(conversation.channel, message.text) if message.payload is None else None
        if rule is None:
            return False
        heard = self._listener.listen(t, conversation, message, now)
        is_free = conversation.state in (State.WITH_ASSISTANT, State.RESOLVED)
        outcome = Outcome.CONNECT if is_free else Outcome.ALREADY
        self._record(t, conversation, heard, Verdict((Fired(rule.name, 1.0, 1.0),), outcome, rule.name), now)
        if is_free:
            self._usher.connect(t, conversation, rule, now)
        else:
            self._usher.say_where_in_line(t, conversation, str(message.id), now)
        return True

    def _heard_while_waiting(
        self, t: Transaction, conversation: Conversation, message: Message, answer: Answer
    ) -> None:
        """A person has been asked to come; what fires now may make it more urgent."""
        now = self._clock()
        heard = self._listener.listen(t, conversation, message, now, answer)
        verdict = settle(self._judge.fired(heard.signals), self._judge, is_moved=True)
        if self._record(t, conversation, heard, verdict, now) is not None:
            rules = (self._judge.rule(one.trigger) for one in verdict.fired)
            self._usher.hurry(t, conversation, [rule for rule in rules if rule is not None], now)

    def _carry_out(
        self, t: Transaction, conversation: Conversation, heard: Heard, verdict: Verdict, now: datetime
    ) -> DecisionRecord | None:
        record, rule = self._record(t, conversation, heard, verdict, now), self._judge.rule(verdict.trigger)
        if record is not None and rule is not None:
            if verdict.outcome is Outcome.CONNECT:
                self._usher.connect(t, conversation, rule, now)
            elif verdict.outcome is Outcome.OFFER:
                self._usher.offer(t, conversation, rule, record.id, now)
        return record

    def _record(
        self, t: Transaction, conversation: Conversation, heard: Heard, verdict: Verdict, now: datetime
    ) -> DecisionRecord | None:
        """The decision on record; None when the message has one already."""
        said = heard.signals.last
        decision = Decision(
            message_id=said.message_id,
            at=now,
            fired=verdict.fired,
            outcome=verdict.outcome,
            trigger=verdict.trigger,
            judge=verdict.judge,
            version=self._judge.version,
            epoch=conversation.epoch,
            sentiment=said.sentiment,
            is_failed=said.is_failed,
            form=heard.form,
            is_offered=heard.is_offered or verdict.outcome is Outcome.OFFER,
        )
        record = t.decisions.add(conversation, decision)
        if record is not None and verdict.trigger is not None:
            self._tell(conversation, decision)
        return record

    def _tell(self, conversation: Conversation, decision: Decision) -> None:
        self._metrics.decisions.labels(decision.trigger, decision.outcome.value).inc()
        log.info(
            "A trigger fired.",
            action="handoff_decision",
            conversation_id=conversation.id,
            message_id=decision.message_id,
            trigger=decision.trigger,
            decision=decision.outcome.value,
            judge=decision.judge.value,
            version=decision.version,
        )


def unanswered_in(t: Transaction, conversation: Conversation) -> Sequence[Message]:
    """What the customer wrote since anybody else but the front desk itself spoke, oldest first."""
    last: list[Message] = []
    for message in reversed(t.messages.before(conversation.id, None, _UNANSWERED)):
        if message.author in (Author.ASSISTANT, Author.AGENT):
            break
        if message.author is Author.CUSTOMER:
            last.append(message)
    return last[::-1]


def _failed(heard: Heard) -> Heard:
    said = heard.signals.said
    return replace(heard, signals=replace(heard.signals, said=(*said[:-1], replace(said[-1], is_failed=True))))
