"""Contacts, in any store."""

from datetime import timedelta

from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, met


def test_a_contact_is_added_once_and_found_by_channel_and_address(store: Store) -> None:
    with store.begin() as t:
        assert t.contacts.add("website", "visitor", b"hash", "message-1", NOW)
        assert not t.contacts.add("website", "visitor", b"other", "message-2", NOW)
        assert t.contacts.add("whatsapp", "visitor", None, None, NOW)
        found, other = t.contacts.find("website", "visitor"), t.contacts.find("whatsapp", "visitor")
        assert t.contacts.find("website", "nobody") is None
    assert found is not None
    assert other is not None
    assert (found.token_hash, found.first_message_id, found.token_used_at) == (b"hash", "message-1", None)
    assert (found.name, found.email, found.phone, found.account_id) == (None, None, None, 1)
    assert found.id != other.id


def test_a_token_is_first_used_once(store: Store) -> None:
    with store.begin() as t:
        contact_id = met(t)
        t.contacts.use_token(contact_id, NOW)
        t.contacts.use_token(contact_id, NOW + timedelta(hours=1))
        assert t.contacts.get(contact_id).token_used_at == NOW


def test_what_is_not_known_leaves_what_was_known(store: Store) -> None:
    with store.begin() as t:
        contact_id = met(t)
        t.contacts.describe(contact_id, "Kim", "kim@x.example", None)
        t.contacts.describe(contact_id, None, "k@x.example", "+15125550142")
        t.contacts.describe(contact_id, None, None, None)
        contact = t.contacts.get(contact_id)
    assert (contact.name, contact.email, contact.phone) == ("Kim", "k@x.example", "+15125550142")


def test_what_an_agent_settled_holds_over_what_is_heard(store: Store) -> None:
    with store.begin() as t:
        contact_id = met(t)
        t.contacts.describe(contact_id, "Kim", "kim@x.example", "+15125550142")
        t.contacts.settle(contact_id, {"email": "k@work.example", "phone": None}, NOW)
        t.contacts.describe(contact_id, "Kim B.", "kim@x.example", "+15125550143")
        contact = t.contacts.get(contact_id)
    assert (contact.name, contact.email, contact.phone) == ("Kim B.", "k@work.example", None)
    assert contact.settled == {"email": "k@work.example", "phone": None}
    assert (contact.name_settled_at, contact.email_settled_at) == (None, NOW)
