"""A transaction happens as a whole or not at all, and so do its notices."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Author, Draft, Source
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, met, opened, said
from tests.integration.bridge_store.store_world import PATIENCE, eventually

MESSAGE, READ = Event(Kind.MESSAGE, "c", message_id=7), Event(Kind.READ, "c", author="customer", up_to=9)


class OwnError(Exception):
    pass


def test_an_exception_undoes_everything(store: Store) -> None:
    conversation = opened(store)
    with suppress(OwnError), store.begin() as t:
        t.conversations.mark_read(conversation.id, 5)
        t.conversations.replace_facts(conversation, {"service": "oil_change"}, NOW)
        t.contacts.add("website", "somebody", None, None, NOW)
        raise OwnError
    with store.begin() as t:
        assert t.conversations.find(conversation.id) == conversation
        assert t.conversations.facts(conversation.id) == {}
        assert t.contacts.find("website", "somebody") is None


def test_a_transaction_sees_its_own_changes_and_others_see_them_after_its_end(store: Store) -> None:
    with store.begin() as t:
        contact_id = met(t)
        assert t.contacts.get(contact_id).id == contact_id
    with store.begin() as t:
        assert t.contacts.get(contact_id).id == contact_id


def test_who_wants_a_locked_conversation_waits_and_sees_what_was_changed(store: Store) -> None:
    conversation = opened(store)

    def count(_: int) -> None:
        with store.begin() as t:
            t.conversations.lock(conversation.id)
            facts = t.conversations.facts(conversation.id)
            t.conversations.replace_facts(conversation, {"count": facts.get("count", 0) + 1}, NOW)

    with ThreadPoolExecutor(6) as many:
        list(many.map(count, range(30)))
    with store.begin() as t:
        assert t.conversations.facts(conversation.id) == {"count": 30}


def test_a_look_sees_what_was_committed(store: Store) -> None:
    conversation = opened(store)
    with store.look() as t:
        assert t.conversations.find(conversation.id) == conversation
        assert t.conversations.find("nothing") is None


def test_a_message_is_told_to_all_once(store: Store) -> None:
    heard: list[Event] = []
    listening = store.listen(heard.append)
    listening.start()
    eventually(lambda: heard == [Event(Kind.MISSED)])
    conversation = opened(store)
    message = said(store, conversation, "hello")
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        t.messages.add(conversation, Draft(Author.CUSTOMER, "hello", Source.WEBSITE, message.source_id), NOW)
        t.tell(READ)
    eventually(lambda: heard[1:] == [Event(Kind.MESSAGE, conversation.id, message.id), READ])
    listening.stop()


def test_what_is_told_is_heard_after_the_commit_in_order_and_once(store: Store) -> None:
    heard: list[Event] = []
    told, look = threading.Event(), threading.Event()
    listening = store.listen(heard.append)
    listening.start()
    eventually(lambda: heard == [Event(Kind.MISSED)])

    def tell() -> None:
        with store.begin() as t:
            for event in (MESSAGE, READ, MESSAGE):
                t.tell(event)
            told.set()
            assert look.wait(PATIENCE)

    teller = threading.Thread(target=tell)
    teller.start()
    assert told.wait(PATIENCE)
    assert heard == [Event(Kind.MISSED)]
    look.set()
    teller.join()
    eventually(lambda: heard[1:] == [MESSAGE, READ])
    listening.stop()


def test_what_was_undone_is_never_told(store: Store) -> None:
    heard: list[Event] = []
    listening = store.listen(heard.append)
    listening.start()
    eventually(lambda: heard == [Event(Kind.MISSED)])
    with suppress(OwnError), store.begin() as t:
        t.tell(MESSAGE)
        raise OwnError
    with store.begin() as t:
        t.tell(READ)
    eventually(lambda: len(heard) > 1)
    assert heard[1:] == [READ]
    listening.stop()


def test_a_store_that_is_there_answers(store: Store) -> None:
    store.ping()
