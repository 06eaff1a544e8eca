"""Conversations, their moves and their facts, in any store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff_bridge.errors import AlreadyMovedError
from handoff_bridge.model import Handoff, Move, Mover, State, Urgency, Who, move
from handoff_bridge.people import Place
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, begun, hired, met, moved, opened
from tests.integration.bridge_store.store_world import REFUSALS

LATER = NOW + timedelta(minutes=1)


def test_a_contact_has_one_conversation_the_first_that_was_opened(store: Store) -> None:
    with store.begin() as t:
        first = begun(met(t))
        assert t.conversations.of_contact(first.contact_id) is None
        assert t.conversations.lock_or_open(first) == first
        assert t.conversations.lock_or_open(begun(first.contact_id, LATER)) == first
        assert t.conversations.of_contact(first.contact_id) == first
        assert t.conversations.find(first.id) == first
        assert t.conversations.lock(first.id) == first


def test_nobody_finds_or_locks_a_conversation_that_is_not_there(store: Store) -> None:
    with store.begin() as t:
        assert t.conversations.find("nothing") is None
        assert t.conversations.lock("nothing") is None
        t.conversations.touch("nothing", NOW)
        t.conversations.mark_read("nothing", 1)


def test_a_move_writes_the_conversation_and_its_record(store: Store) -> None:
    agent, handoff = hired(store), Handoff("sales", Urgency.HIGH, "asked", "a note")
    before = replace(moved(store, opened(store), Move.REQUEST, handoff=handoff), language="es")
    after, transition = move(before, Move.ACCEPT, agent.who, LATER, reason="because")
    with store.begin() as t:
        t.conversations.move(after, transition)
        assert t.conversations.find(before.id) == after
        records = t.queues.transitions(before.id)
    assert [record.transition.move for record in records] == [Move.REQUEST, Move.ACCEPT]
    assert records[1].transition == transition
    assert [record.agent_name for record in records] == [None, "Sam"]


def test_of_two_moves_from_one_epoch_the_second_is_refused_and_writes_nothing(store: Store) -> None:
    conversation = opened(store)
    asking, closing = (
        move(conversation, Move.REQUEST, Who(Mover.ASSISTANT), NOW, handoff=Handoff("sales")),
        move(conversation, Move.RESOLVE, Who(Mover.CLOCK), NOW),
    )
    with store.begin() as t:
        t.conversations.move(*asking)
        with pytest.raises(AlreadyMovedError):
            t.conversations.move(*closing)
    with store.begin() as t:
        assert t.conversations.find(conversation.id) == asking[0]
        assert len(t.queues.transitions(conversation.id)) == 1


def test_a_move_leaves_what_agents_have_read(store: Store) -> None:
    conversation = opened(store)
    with store.begin() as t:
        t.conversations.mark_read(conversation.id, 5)
    moved(store, conversation, Move.REQUEST)
    with store.begin() as t:
        found = t.conversations.find(conversation.id)
        assert found is not None
        assert found.read_up_to == 5


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.WITH_AGENT},
        {"state": State.WAITING},
        {"state": State.WAITING, "waiting_since": NOW},
        {"waiting_since": NOW},
    ],
    ids=["an agent who is nobody", "waiting since never", "waiting for nobody", "a wait that is over"],
)
def test_an_illegal_state_is_refused(store: Store, change: dict[str, object]) -> None:
    conversation = opened(store)
    _, transition = move(conversation, Move.RESOLVE, Who(Mover.CLOCK), NOW)
    illegal = replace(conversation, epoch=1, **change)  # type: ignore[arg-type]
    with pytest.raises(REFUSALS), store.begin() as t:
        t.conversations.move(illegal, transition)
    with store.begin() as t:
        assert t.conversations.find(conversation.id) == conversation


def test_signs_of_life_change_only_what_they_name(store: Store) -> None:
    conversation = opened(store)
    with store.begin() as t:
        t.conversations.touch(conversation.id, LATER)
        assert t.conversations.find(conversation.id) == replace(conversation, updated_at=LATER)
        t.conversations.touch(conversation.id, NOW, "es")
        assert t.conversations.find(conversation.id) == replace(conversation, language="es")
        t.conversations.notice(conversation.id, LATER)
        t.conversations.mark_read(conversation.id, 5)
        t.conversations.mark_read(conversation.id, 3)
        told = replace(conversation, language="es", noticed_at=LATER, read_up_to=5)
        assert t.conversations.find(conversation.id) == told
        t.conversations.notice(conversation.id, None)
        assert t.conversations.find(conversation.id) == replace(told, noticed_at=None)


def test_new_facts_take_the_place_of_the_old_ones(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    with store.begin() as t:
        assert t.conversations.facts(conversation.id) == {}
        t.conversations.replace_facts(conversation, {"service": "oil_change", "email": "k@x.example"}, NOW)
        t.conversations.replace_facts(other, {"service": "test_drive"}, NOW)
        t.conversations.replace_facts(conversation, {"service": "test_drive", "offered": ["a", {"b": 1}]}, LATER)
        assert t.conversations.facts(conversation.id) == {"service": "test_drive", "offered": ["a", {"b": 1}]}
        t.conversations.replace_facts(conversation, {}, LATER)
        assert t.conversations.facts(conversation.id) == {}
        assert t.conversations.facts(other.id) == {"service": "test_drive"}


def test_who_has_waited_too_long_is_found_longest_wait_first_and_nobody_else(store: Store) -> None:
    waits = ((1, "sales"), (0, "service"), (0, "finance"), (2, "sales"))
    second, first, _, _ = (
        moved(store, opened(store), Move.REQUEST, at=NOW + timedelta(minutes=at), handoff=Handoff(department))
        for at, department in waits
    )
    opened(store)
    with store.begin() as t:
        limit = NOW + timedelta(minutes=2)
        assert list(t.conversations.waiting_since_before(limit, {"sales", "service"})) == [first.id, second.id]
        assert list(t.conversations.waiting_since_before(NOW, {"sales", "service"})) == []
        assert list(t.conversations.waiting_since_before(limit, ())) == []


def test_what_an_absent_agent_holds_is_found_and_nothing_else(store: Store) -> None:
    gone, there, unseen = (hired(store, name) for name in ("Gone", "There", "Unseen"))
    with store.begin() as t:
        t.agents.seen(gone.id, NOW)
        t.agents.seen(there.id, LATER)
    held = [moved(store, opened(store), Move.TAKE_OVER, agent) for agent in (gone, there, unseen)]
    opened(store)
    with store.begin() as t:
        assert set(t.conversations.held_by_absent(LATER)) == {held[0].id, held[2].id}
        assert set(t.conversations.held_by_absent(NOW)) == {held[2].id}


def test_a_phone_number_finds_the_conversation_that_changed_last(store: Store) -> None:
    older, newer = opened(store), opened(store, LATER)
    with store.begin() as t:
        assert t.conversations.of_phone("+15125550100") is None
        for conversation in (older, newer):
            t.contacts.describe(conversation.contact_id, None, None, "+15125550100")
        assert t.conversations.of_phone("+15125550100") == newer
    with store.begin() as t:
        t.conversations.touch(older.id, LATER + timedelta(minutes=1))
        found = t.conversations.of_phone("+15125550100")
    assert found is not None
    assert found.id == older.id


@pytest.mark.parametrize("address", ["+15125550100", "15125550100"])
def test_a_phone_number_is_found_as_an_address_too(store: Store, address: str) -> None:
    with store.begin() as t:
        t.contacts.add("whatsapp", address, None, None, NOW)
        contact = t.contacts.find("whatsapp", address)
        assert contact is not None
        conversation = t.conversations.lock_or_open(begun(contact.id))
        assert t.conversations.of_phone("+15125550100") == conversation


def test_nobody_can_see_that_somebody_outside_is_gone(store: Store) -> None:
    sam = hired(store, "Sam")
    with store.begin() as t:
        assert t.agents.add(replace(sam, email="outside@x.example", place=Place.OUTSIDE), "!", NOW)
        outside = t.agents.outside()
    assert outside is not None
    moved(store, opened(store), Move.TAKE_OVER, outside)
    with_sam = moved(store, opened(store), Move.TAKE_OVER, sam)
    with store.begin() as t:
        assert t.conversations.held_by_absent(NOW) == [with_sam.id]
