"""Handoffs and assignments, in any store."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from handoff_bridge.handoffs import TAKE_OVER, HandoffDraft, HandoffRecord, Outcome, Seconds
from handoff_bridge.model import Conversation, Handoff, Urgency
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store, Transaction
from tests.integration.bridge_store.making import NOW, hired, opened
from tests.integration.bridge_store.store_world import REFUSALS

ASKED = Handoff("sales", Urgency.HIGH, "asked", "a red one")


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def requested(
    store: Store, conversation: Conversation, handoff: Handoff = ASKED, *, after: float = 0, epoch: int = 1
) -> HandoffRecord:
    draft = HandoffDraft(handoff, epoch, "assistant", NOW + later(after), {"summary": ["Asked for a person."]})
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        return t.handoffs.open(conversation, draft)


def changed(store: Store, conversation: Conversation, change: Callable[[Transaction], object]) -> HandoffRecord:
    """The last handoff after a change of it by whoever holds its conversation."""
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        change(t)
        last = t.handoffs.last(conversation.id)
    assert last is not None
    return last


def finished(
    store: Store, agent: Agent, handoff: Handoff = ASKED, *, seconds: float, outcome: Outcome = Outcome.RESOLVED
) -> tuple[Conversation, HandoffRecord]:
    """A handoff accepted after `seconds`, answered after twice and ended after three times as many."""
    conversation = opened(store)
    asked = requested(store, conversation, handoff)

    def do(t: Transaction) -> None:
        t.handoffs.accept(asked, agent.id, NOW + later(seconds))
        t.handoffs.answered(conversation.id, NOW + later(2 * seconds))
        t.handoffs.end(conversation.id, outcome, NOW + later(3 * seconds))

    return conversation, changed(store, conversation, do)


def test_a_handoff_begins_with_what_was_asked(store: Store) -> None:
    conversation = opened(store)
    made = requested(store, conversation)
    with store.begin() as t:
        assert (
            t.handoffs.current(conversation.id) == t.handoffs.last(conversation.id) == t.handoffs.get(made.id) == made
        )
    assert (made.department, made.urgency, made.reason, made.note) == ("sales", Urgency.HIGH, "asked", "a red one")
    assert (made.epoch, made.requested_by, made.requested_at) == (1, "assistant", NOW)
    assert made.context == {"summary": ["Asked for a person."]}
    assert (made.offered_at, made.accepted_at, made.answered_at, made.ended_at, made.outcome) == (None,) * 5


def test_a_conversation_has_one_open_handoff(store: Store) -> None:
    conversation = opened(store)
    first = requested(store, conversation)
    with pytest.raises(REFUSALS):
        requested(store, conversation)
    changed(store, conversation, lambda t: t.handoffs.end(conversation.id, Outcome.TRANSFERRED, NOW))
    second = requested(store, conversation, epoch=2)
    with store.begin() as t:
        assert t.handoffs.current(conversation.id) == second
        assert t.handoffs.last(conversation.id) == second
    assert second.id > first.id


def test_only_the_first_offer_and_the_first_answer_count(store: Store) -> None:
    conversation, agent = opened(store), hired(store)
    asked = requested(store, conversation)
    early = changed(store, conversation, lambda t: t.handoffs.answered(conversation.id, NOW))
    assert early.answered_at is None  # nobody has come yet
    changed(store, conversation, lambda t: t.handoffs.offered(conversation.id, NOW + later(10)))
    offered = changed(store, conversation, lambda t: t.handoffs.offered(conversation.id, NOW + later(20)))
    assert offered.offered_at == NOW + later(10)
    changed(store, conversation, lambda t: t.handoffs.accept(asked, agent.id, NOW + later(30)))
    changed(store, conversation, lambda t: t.handoffs.answered(conversation.id, NOW + later(40)))
    answered = changed(store, conversation, lambda t: t.handoffs.answered(conversation.id, NOW + later(50)))
    assert (answered.accepted_at, answered.accepted_by) == (NOW + later(30), agent.id)
    assert answered.answered_at == NOW + later(40)


def test_an_end_ends_the_assignment_too_and_is_harmless_where_nothing_is_open(store: Store) -> None:
    conversation, ended = finished(store, hired(store), seconds=10, outcome=Outcome.RETURNED)
    assert (ended.outcome, ended.ended_at) == (Outcome.RETURNED, NOW + later(30))
    again = changed(store, conversation, lambda t: t.handoffs.end(conversation.id, Outcome.RESOLVED, NOW + later(99)))
    assert again == ended
    with store.begin() as t:
        assignment = t.handoffs.last_assignment(conversation.id)
        assert t.handoffs.current(conversation.id) is None
    assert assignment is not None
    assert (assignment.began_at, assignment.ended_at) == (NOW + later(10), NOW + later(30))
    assert assignment.handoff_id == ended.id


def test_who_held_it_last_and_who_is_idle_since_when(store: Store) -> None:
    sam, jo, ben = hired(store, "Sam"), hired(store, "Jo"), hired(store, "Ben")
    conversation, _ = finished(store, sam, seconds=10)
    asked = requested(store, conversation, epoch=2)
    changed(store, conversation, lambda t: t.handoffs.accept(asked, jo.id, NOW + later(100)))
    finished(store, sam, seconds=5)
    with store.begin() as t:
        assert t.handoffs.last_agent(conversation.id) == jo.id
        assert t.handoffs.last_agent("nobody's") is None
        idle = t.handoffs.idle_since([sam.id, jo.id, ben.id])
        assert t.handoffs.idle_since([]) == {}
    assert idle == {sam.id: NOW + later(30), jo.id: NOW + later(100)}


def test_a_rating_needs_to_have_been_asked_of_somebody_who_was_answered(store: Store) -> None:
    conversation, ended = finished(store, hired(store), seconds=10)
    with pytest.raises(REFUSALS):
        changed(store, conversation, lambda t: t.handoffs.rate(ended.id, 5, NOW))
    changed(store, conversation, lambda t: t.handoffs.ask_rating(ended.id, NOW))
    with pytest.raises(REFUSALS):
        changed(store, conversation, lambda t: t.handoffs.rate(ended.id, 6, NOW))
    rated = changed(store, conversation, lambda t: t.handoffs.rate(ended.id, 5, NOW + later(60)))
    assert (rated.rating, rated.rated_at, rated.rating_asked_at) == (5, NOW + later(60), NOW)
    unanswered = requested(store, opened(store))
    with store.begin() as t:
        other = t.conversations.find(unanswered.conversation_id)
    assert other is not None
    with pytest.raises(REFUSALS):
        changed(store, other, lambda t: t.handoffs.ask_rating(unanswered.id, NOW))


def test_a_comment_is_awaited_until_it_comes(store: Store) -> None:
    conversation, ended = finished(store, hired(store), seconds=10)
    changed(store, conversation, lambda t: t.handoffs.ask_rating(ended.id, NOW))
    with store.begin() as t:
        assert t.handoffs.awaiting_comment(conversation.id) is None
    changed(store, conversation, lambda t: t.handoffs.await_comment(ended.id, NOW))
    with store.begin() as t:
        awaited = t.handoffs.awaiting_comment(conversation.id)
    assert awaited is not None
    assert awaited.id == ended.id
    commented = changed(store, conversation, lambda t: t.handoffs.comment(ended.id, "kind"))
    assert (commented.rating_comment, commented.comment_awaited_at) == ("kind", None)


def test_figures_are_of_a_period_by_department_and_in_total(store: Store) -> None:
    agent = hired(store)
    for seconds in (10, 20):
        conversation, ended = finished(store, agent, seconds=seconds)
    changed(store, conversation, lambda t: t.handoffs.ask_rating(ended.id, NOW))
    changed(store, conversation, lambda t: t.handoffs.rate(ended.id, 4, NOW))
    finished(store, agent, Handoff("service"), seconds=0, outcome=Outcome.TRANSFERRED)
    finished(store, agent, Handoff("sales", reason=TAKE_OVER), seconds=0)
    requested(store, opened(store), after=3600)
    with store.begin() as t:
        sales, service, total = t.handoffs.figures(NOW, NOW + later(3600))
        (nothing,) = t.handoffs.figures(NOW - later(60), NOW)
    assert (sales.department, service.department, total.department) == ("sales", "service", None)
    assert (sales.requested, sales.accepted, sales.succeeded, sales.taken_over) == (2, 2, 2, 1)
    assert (sales.waiting, sales.resolution) == (Seconds(15, 19), Seconds(45, 57))
    assert (sales.first_answer.median, sales.mean_rating, sales.rated) == (30, 4, 1)
    assert (service.transferred, service.succeeded, service.success_rate) == (1, 0, 0)
    assert (total.requested, total.succeeded, total.rated) == (3, 2, 1)
    assert (nothing.requested, nothing.waiting, nothing.mean_rating, nothing.success_rate) == (
        0,
        Seconds(None, None),
        None,
        None,
    )
