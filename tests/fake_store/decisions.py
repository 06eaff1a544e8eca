"""The triggers' decisions in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from handoff_bridge import ports_decisions
from handoff_bridge.model import Conversation
from handoff_bridge.triggers.model import Decision, DecisionRecord, Judged, OfferAnswer, Outcome, Said
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.work import Work


class FakeDecisions(ports_decisions.Decisions):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.decisions

    def add(self, conversation: Conversation, decision: Decision) -> DecisionRecord | None:
        self._work.locks.require(Kind.CONVERSATION, conversation.id)
        if self.of_message(decision.message_id) is not None:
            return None
        _check(decision)
        record = DecisionRecord(next(self._work.ids), conversation.id, decision, None, None)
        self._rows[record.id] = record
        return record

    def of_message(self, message_id: int) -> DecisionRecord | None:
        return next((record for record in self._rows.values() if record.decision.message_id == message_id), None)

    def get(self, decision_id: int) -> DecisionRecord | None:
        return self._rows.get(decision_id)

    def answer(self, decision_id: int, answer: OfferAnswer, now: datetime) -> None:
        record = self._rows[decision_id]
        if record.decision.outcome is not Outcome.OFFER:
            raise LawBrokenError("only an offer is answered")
        self._rows[decision_id] = replace(record, answer=answer, answered_at=now)

    def before(self, conversation_id: str, message_id: int, limit: int) -> Sequence[Judged]:
        theirs = (record for record in self._rows.values() if record.conversation_id == conversation_id)
        earlier = (record for record in theirs if record.decision.message_id < message_id)
        return [self._judged(record) for record in sorted(earlier, key=_message_id)[-limit:]]

    def page(
        self, *, before: int | None, trigger: str | None, outcome: Outcome | None, limit: int
    ) -> Sequence[DecisionRecord]:
        found = (
            record
            for record in reversed(self._rows.values())
            if (before is None or record.id < before)
            and trigger in (None, record.decision.trigger)
            and (record.decision.outcome is outcome if outcome else record.decision.outcome is not Outcome.NONE)
        )
        return list(found)[:limit]

    def counts(self) -> Mapping[tuple[str | None, Outcome], int]:
        return Counter((record.decision.trigger, record.decision.outcome) for record in self._rows.values())

    def _judged(self, record: DecisionRecord) -> Judged:
        decision, message = record.decision, self._work.tables.messages[record.decision.message_id]
        said = Said(
            message_id=message.id,
            at=message.created_at,
            text=message.text,
            is_button=message.payload is not None,
            intent=message.intent,
            confidence=message.confidence,
            sentiment=decision.sentiment,
            is_failed=decision.is_failed,
        )
        return Judged(said, record)


def _message_id(record: DecisionRecord) -> int:
    return record.decision.message_id


def _check(decision: Decision) -> None:
    is_lawful = (decision.outcome is Outcome.NONE) == (decision.trigger is None) and (
        decision.outcome is not Outcome.OFFER or decision.is_offered
    )
    if not is_lawful:
        raise LawBrokenError(f"a decision cannot be {decision}")
