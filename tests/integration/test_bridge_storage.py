"""The database repeats the law: what the model forbids cannot be stored by hand either."""

import itertools
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from database.engine import connect
from handoff_bridge.errors import AlreadyMovedError, StoreUnavailableError
from handoff_bridge.messages import Author, Draft, Source
from handoff_bridge.model import TABLE, Conversation, Handoff, Move, Mover, State, Who, move
from handoff_bridge.storage import PostgresStore
from handoff_bridge.turns import TurnState

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.fixture
def store(engine: Engine) -> PostgresStore:
    return PostgresStore(engine)


def opened(store: PostgresStore) -> Conversation:
    """A conversation that has just begun."""
    address = secrets.token_hex(16)
    with store.begin() as t:
        t.contacts.add("website", address, b"hash", "message-1", NOW)
        contact = t.contacts.find("website", address)
        assert contact is not None
        return t.conversations.lock_or_open(
            Conversation(
                id=secrets.token_hex(12),
                account_id=1,
                contact_id=contact.id,
                channel="website",
                language="en",
                state=State.WITH_ASSISTANT,
                epoch=0,
                agent_id=None,
                waiting_since=None,
                handoff=None,
                noticed_at=None,
                read_up_to=0,
                created_at=NOW,
                updated_at=NOW,
            )
        )


def say(store: PostgresStore, conversation: Conversation, words: str) -> None:
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        draft = Draft(Author.CUSTOMER, words, Source.WEBSITE, secrets.token_hex(8))
        message = t.messages.add(conversation, draft, NOW)
        assert message is not None
        t.turns.add_message(message, conversation)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'dreaming'",
        "state = 'with_agent'",
        "state = 'waiting'",
        "state = 'waiting', waiting_since = now()",
        "waiting_since = now()",
        "epoch = -1",
        "department = 'sales'",
        "department = 'sales', urgency = 'panic'",
        "id = 'no such: id'",
    ],
)
def test_an_illegal_state_cannot_be_stored_by_hand(store: PostgresStore, engine: Engine, change: str) -> None:
    opened(store)
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"update conversations set {change}"))


def test_the_database_knows_exactly_the_moves_of_the_table(store: PostgresStore, engine: Engine) -> None:
    conversation = opened(store)
    insert = text(
        "insert into transitions (conversation_id, epoch, move, before, after, mover, reason, at) "
        "values (:id, :epoch, :move, :before, :after, 'agent', '', now())"
    )
    accepted = set()
    for epoch, (before, what, after) in enumerate(itertools.product(State, Move, State)):
        values = {"id": conversation.id, "epoch": epoch, "move": what, "before": before, "after": after}
        try:
            with engine.begin() as connection:
                connection.execute(insert, values)
            accepted.add((before, what, after))
        except IntegrityError:
            continue
    assert accepted == {(before, what, rule.after) for (before, what), rule in TABLE.items()}


def test_of_two_moves_from_one_epoch_the_second_is_refused(store: PostgresStore) -> None:
    conversation = opened(store)
    moves = [move(conversation, Move.REQUEST, Who(Mover.ASSISTANT), NOW, handoff=Handoff("sales")) for _ in range(2)]
    with store.begin() as t:
        t.conversations.move(*moves[0])
    with pytest.raises(AlreadyMovedError), store.begin() as t:
        t.conversations.move(*moves[1])


def test_a_message_is_stored_once_for_its_source_and_id(store: PostgresStore) -> None:
    conversation = opened(store)
    draft = Draft(Author.ASSISTANT, "twice", Source.ASSISTANT, "17:0")
    with store.begin() as t:
        assert t.messages.add(conversation, draft, NOW) is not None
        assert t.messages.add(conversation, draft, NOW) is None


def test_workers_share_the_turns_and_never_one_conversation(store: PostgresStore) -> None:
    conversations = [opened(store) for _ in range(5)]
    for words, conversation in itertools.product(("one", "two"), conversations):
        say(store, conversation, words)

    def claim(number: int) -> str | None:
        with store.begin() as t:
            turn = t.turns.claim(f"worker:{number}", 60)
        return f"{turn.conversation.id} {turn.message.text}" if turn and turn.message else None

    with ThreadPoolExecutor(10) as many:
        claimed = [found for found in many.map(claim, range(20)) if found]
    assert sorted(claimed) == sorted(f"{conversation.id} one" for conversation in conversations)


def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_has_lost_it(store: PostgresStore) -> None:
    say(store, opened(store), "hello")
    with store.begin() as t:
        first = t.turns.claim("dead:1", -1)
    with store.begin() as t:
        second = t.turns.claim("alive:1", 60)
    assert first is not None
    assert second is not None
    assert (first.id, second.attempts) == (second.id, 2)
    with store.begin() as t:
        assert t.turns.hold(first) is None
        assert t.turns.hold(second) == 0
        t.turns.finish(second, TurnState.DONE)
        assert t.turns.claim("alive:2", 60) is None


def test_a_living_process_keeps_its_leases_and_only_those(store: PostgresStore, engine: Engine) -> None:
    for _ in range(2):
        say(store, opened(store), "hello")
    with store.begin() as t:
        mine, theirs = t.turns.claim("me:1", 60), t.turns.claim("me_too:1", 60)
    assert mine is not None
    assert theirs is not None
    with engine.begin() as connection:
        connection.execute(text("update turns set lease_until = now() - interval '1 s'"))
    with store.begin() as t:
        t.turns.renew("me:", 60)
    with store.begin() as t:
        left = t.turns.claim("other:1", 60)
        assert left is not None
        assert left.id == theirs.id
        assert t.turns.claim("other:2", 60) is None


def test_a_customer_is_erased_by_contact(store: PostgresStore, engine: Engine) -> None:
    conversation = opened(store)
    say(store, conversation, "forget me")
    with store.begin() as t:
        t.conversations.move(*move(conversation, Move.REQUEST, Who(Mover.ASSISTANT), NOW, handoff=Handoff("sales")))
        t.conversations.replace_facts(conversation, {"customer_name": "Kim"}, NOW)
    with engine.begin() as connection:
        connection.execute(text("delete from contacts"))
        tables = ("conversations", "messages", "turns", "transitions", "facts")
        assert {connection.scalar(text(f"select count(*) from {table}")) for table in tables} == {0}


def test_a_database_that_is_gone_is_an_error_with_a_name() -> None:
    nowhere = connect("postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(StoreUnavailableError):
        PostgresStore(nowhere).ping()
    nowhere.dispose()
