"""The triggers' decisions, in any store."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation
from handoff_bridge.ports import Store
from handoff_bridge.triggers.model import Decision, DecisionRecord, Fired, JudgedBy, OfferAnswer, Outcome
from tests.integration.bridge_store.making import NOW, opened, said
from tests.integration.bridge_store.store_world import REFUSALS

COMPLAINT = Fired("complaint", 0.9, 0.7, JudgedBy.MODEL)


def made(message: Message, outcome: Outcome = Outcome.NONE, fired: Fired | None = None, **more: Any) -> Decision:
    known: dict[str, Any] = {
        "message_id": message.id,
        "at": NOW,
        "fired": (fired,) if fired else (),
        "outcome": outcome,
        "trigger": fired.trigger if fired else None,
        "judge": fired.judge if fired else JudgedBy.RULE,
        "version": "v1",
        "epoch": 0,
        "is_offered": outcome is Outcome.OFFER,
    }
    return Decision(**{**known, **more})


def decided(store: Store, conversation: Conversation, decision: Decision) -> DecisionRecord | None:
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        return t.decisions.add(conversation, decision)


def answered(
    store: Store, conversation: Conversation, record: DecisionRecord, answer: OfferAnswer, at: datetime = NOW
) -> None:
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        t.decisions.answer(record.id, answer, at)


def listed(store: Store, **wanted: Any) -> list[int]:
    filters: dict[str, Any] = {"before": None, "trigger": None, "outcome": None, "limit": 10, **wanted}
    with store.begin() as t:
        return [record.decision.message_id for record in t.decisions.page(**filters)]


def test_a_message_has_one_decision_however_often_it_is_judged(store: Store) -> None:
    conversation = opened(store)
    message = said(store, conversation, "this is a complaint")
    decision = made(message, Outcome.OFFER, COMPLAINT, sentiment=-0.6, is_failed=True, form="booking_form")
    record = decided(store, conversation, decision)
    assert record is not None
    assert (record.conversation_id, record.decision, record.answer) == (conversation.id, decision, None)
    assert decided(store, conversation, made(message)) is None
    with store.begin() as t:
        assert t.decisions.of_message(message.id) == record == t.decisions.get(record.id)
        assert t.decisions.get(record.id + 1) is None


def test_the_latest_answer_to_an_offer_holds(store: Store) -> None:
    conversation = opened(store)
    record = decided(store, conversation, made(said(store, conversation, "hm"), Outcome.OFFER, COMPLAINT))
    assert record is not None
    answered(store, conversation, record, OfferAnswer.DECLINED)
    answered(store, conversation, record, OfferAnswer.ACCEPTED, later := NOW + timedelta(minutes=1))
    with store.begin() as t:
        assert t.decisions.get(record.id) == replace(record, answer=OfferAnswer.ACCEPTED, answered_at=later)


def test_only_an_offer_has_an_answer(store: Store) -> None:
    conversation = opened(store)
    record = decided(store, conversation, made(said(store, conversation, "hm"), Outcome.CONNECT, COMPLAINT))
    assert record is not None
    with pytest.raises(REFUSALS):
        answered(store, conversation, record, OfferAnswer.DECLINED)


@pytest.mark.parametrize(
    "unlawful",
    [{"outcome": Outcome.CONNECT}, {"trigger": "complaint"}, {"outcome": Outcome.OFFER, "trigger": "complaint"}],
)
def test_what_contradicts_itself_is_refused(store: Store, unlawful: dict[str, Any]) -> None:
    conversation = opened(store)
    message = said(store, conversation, "hm")
    with pytest.raises(REFUSALS):
        decided(store, conversation, replace(made(message), **unlawful))


def test_what_was_judged_before_a_message_comes_oldest_first_and_of_its_conversation_only(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    messages = [said(store, conversation, text) for text in ("one", "two", "three", "four")]
    decided(store, other, made(said(store, other, "elsewhere")))
    for message in messages:
        decided(store, conversation, made(message, sentiment=-0.5, is_failed=True))
    with store.begin() as t:
        t.messages.understood(messages[1].id, "inform", 0.25)
        before = t.decisions.before(conversation.id, messages[3].id, 2)
    assert [one.said.text for one in before] == ["two", "three"]
    second = before[0].said
    assert (second.message_id, second.at, second.is_button) == (messages[1].id, NOW, False)
    assert (second.intent, second.confidence, second.sentiment, second.is_failed) == ("inform", 0.25, -0.5, True)
    assert before[0].record.decision.message_id == messages[1].id


def test_decisions_are_listed_newest_first_by_what_came_of_them(store: Store) -> None:
    conversation = opened(store)
    outcomes = [Outcome.NONE, Outcome.OFFER, Outcome.HELD_BACK, Outcome.CONNECT]
    first, *fired = [said(store, conversation, str(outcome)) for outcome in outcomes]
    records = [
        decided(store, conversation, made(message, outcome, None if message is first else COMPLAINT))
        for message, outcome in zip([first, *fired], outcomes, strict=True)
    ]
    newest = [message.id for message in reversed(fired)]
    assert listed(store) == newest
    assert listed(store, limit=2) == newest[:2]
    assert listed(store, before=records[2].id if records[2] else None) == newest[2:]
    assert listed(store, outcome=Outcome.NONE) == [first.id]
    assert listed(store, trigger="complaint", outcome=Outcome.OFFER) == [fired[0].id]
    assert listed(store, trigger="nothing") == []
    with store.begin() as t:
        counts = dict(t.decisions.counts())
    assert counts == {(None, Outcome.NONE): 1} | {("complaint", outcome): 1 for outcome in outcomes[1:]}
