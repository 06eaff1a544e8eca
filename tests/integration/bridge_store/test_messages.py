"""Messages, in any store."""

from dataclasses import replace
from datetime import timedelta

from handoff_bridge.messages import Author, Button, DeliveryState, Draft, Message, Source
from handoff_bridge.model import Conversation
from handoff_bridge.ports import Store
from tests.integration.bridge_store.making import NOW, hired, opened, said

LATER = NOW + timedelta(minutes=1)
YES, NO = Button("1:0", "Yes", "/affirm"), Button("1:1", "No", "/deny")


def kept(store: Store, message: Message) -> Message:
    with store.begin() as t:
        found = t.messages.get(message.id)
    assert found is not None
    return found


def test_a_message_is_stored_once_for_its_source_and_id(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    draft = Draft(Author.ASSISTANT, "twice", Source.ASSISTANT, "17:0", name="Magnolia", buttons=(YES, NO))
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        first = t.messages.add(conversation, draft, NOW)
        assert t.messages.add(conversation, replace(draft, text="again"), NOW) is None
        assert t.messages.add(conversation, replace(draft, source=Source.BRIDGE), NOW) is not None
    with store.begin() as t:
        t.conversations.lock(other.id)
        assert t.messages.add(other, draft, NOW) is None
        assert t.messages.by_source(Source.ASSISTANT, "17:0") == first
        assert t.messages.by_source(Source.ASSISTANT, "17:1") is None
        assert t.messages.get(0) is None
    assert first is not None
    assert kept(store, first) == first
    assert first == Message(
        id=first.id,
        conversation_id=conversation.id,
        author=Author.ASSISTANT,
        name="Magnolia",
        agent_id=None,
        text="twice",
        buttons=(YES, NO),
        source=Source.ASSISTANT,
        source_id="17:0",
        payload=None,
        status=DeliveryState.SENT,
        failure=None,
        intent=None,
        confidence=None,
        created_at=NOW,
    )


def test_a_message_is_a_sign_of_life_and_agents_have_read_up_to_what_they_write(store: Store) -> None:
    conversation, agent = opened(store), hired(store)
    asked = Draft(Author.CUSTOMER, "are you there?", Source.WEBSITE, "one")
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        assert t.messages.add(conversation, asked, LATER) is not None
        assert t.conversations.find(conversation.id) == replace(conversation, updated_at=LATER)
        draft = Draft(Author.AGENT, "yes", Source.INBOX, "two", name="Sam", agent_id=agent.id)
        answer = t.messages.add(conversation, draft, NOW)
        assert answer is not None
        assert t.messages.add(conversation, asked, LATER) is None
        answered = replace(conversation, updated_at=NOW, read_up_to=answer.id)
        assert t.conversations.find(conversation.id) == answered


def test_an_agents_words_say_whose_they_are(store: Store) -> None:
    conversation, agent = opened(store), hired(store)
    draft = Draft(Author.AGENT, "I am", Source.INBOX, "1:a", name=agent.name, agent_id=agent.id, payload="/none")
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        message = t.messages.add(conversation, draft, NOW)
    assert message is not None
    assert (message.agent_id, message.name, message.payload) == (agent.id, "Sam", "/none")


def test_ids_rise_and_pages_go_both_ways(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    ids = []
    for number in range(5):
        ids.append(said(store, conversation, str(number)).id)
        said(store, other, "meanwhile")
    assert ids == sorted(set(ids))
    with store.begin() as t:
        assert [m.id for m in t.messages.after(conversation.id, 0, 99)] == ids
        assert [m.id for m in t.messages.after(conversation.id, ids[1], 2)] == ids[2:4]
        assert [m.id for m in t.messages.before(conversation.id, None, 2)] == ids[3:]
        assert [m.id for m in t.messages.before(conversation.id, ids[3], 2)] == ids[1:3]
        assert list(t.messages.before(conversation.id, ids[0], 2)) == []


def test_a_button_is_found_in_its_own_conversation(store: Store) -> None:
    conversation, other = opened(store), opened(store)
    draft = Draft(Author.ASSISTANT, "Shall I?", Source.ASSISTANT, "1:0", buttons=(YES, NO))
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        offered = t.messages.add(conversation, draft, NOW)
        assert t.messages.with_button(conversation.id, NO.id) == offered
        assert t.messages.with_button(conversation.id, "1:2") is None
        assert t.messages.with_button(other.id, NO.id) is None


def test_what_the_assistant_understood_is_kept_with_the_message(store: Store) -> None:
    message = said(store, opened(store), "hello")
    with store.begin() as t:
        t.messages.understood(message.id, "greet", 0.97)
    assert kept(store, message) == replace(message, intent="greet", confidence=0.97)


def test_a_mark_rises_and_is_for_what_was_said_to_the_customer(store: Store) -> None:
    conversation: Conversation = opened(store)
    theirs = said(store, conversation, "hello")
    ours = [said(store, conversation, str(number), Author.ASSISTANT) for number in range(3)]

    def marked(up_to: Message, status: DeliveryState) -> list[DeliveryState]:
        with store.begin() as t:
            t.messages.mark(conversation.id, up_to.id, status)
            return [message.status for message in t.messages.after(conversation.id, 0, 9)]

    sent, read, delivered = DeliveryState.SENT, DeliveryState.READ, DeliveryState.DELIVERED
    assert marked(ours[0], read) == [theirs.status, read, sent, sent]
    assert marked(ours[1], delivered) == [theirs.status, read, delivered, sent]
    assert marked(ours[2], sent) == [theirs.status, read, delivered, sent]
    assert marked(ours[2], read) == [theirs.status, read, read, read]
