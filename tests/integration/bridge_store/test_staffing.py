"""What staffing is computed from, in any store."""

from datetime import datetime, timedelta

from handoff_bridge.handoffs import TAKE_OVER, HandoffDraft, Outcome
from handoff_bridge.model import Handoff
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, hired, opened


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def asked_for(store: Store, department: str, at: float, reason: str = "asked") -> None:
    conversation = opened(store)
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        t.handoffs.open(conversation, HandoffDraft(Handoff(department, reason=reason), 1, "customer", minutes(at), {}))


def helped(store: Store, department: str, came: float, left: float | None) -> None:
    agent, conversation = hired(store, f"Agent {came} {department}"), opened(store)
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        draft = HandoffDraft(Handoff(department), 1, "customer", NOW, {})
        t.handoffs.accept(t.handoffs.open(conversation, draft), agent.id, minutes(came))
        if left is not None:
            t.handoffs.end(conversation.id, Outcome.RESOLVED, minutes(left))


def test_requests_are_counted_by_the_hour_of_the_business(store: Store) -> None:
    with store.begin() as t:
        assert t.staffing.first_request() is None
    for at in (-1, 0, 59, 60, 61):
        asked_for(store, "sales", at)
    asked_for(store, "service", 1)
    asked_for(store, "sales", 2, TAKE_OVER)
    with store.begin() as t:
        assert dict(t.staffing.requests("sales", NOW, "America/Chicago")) == {
            datetime(2026, 12, 1, 9): 2,  # noqa: DTZ001 - as clocks show it
            datetime(2026, 12, 1, 10): 2,  # noqa: DTZ001
        }
        assert dict(t.staffing.requests("finance", NOW, "America/Chicago")) == {}
        assert t.staffing.first_request() == minutes(-1)


def test_handling_is_of_what_began_since_and_has_ended(store: Store) -> None:
    helped(store, "sales", 0, 10)
    helped(store, "sales", 1, 3)
    helped(store, "sales", 2, None)
    helped(store, "sales", -1, 99)
    helped(store, "service", 0, 99)
    with store.begin() as t:
        assert t.staffing.handling("sales", NOW) == (2, 360)
        assert t.staffing.handling("finance", NOW) == (0, None)
