"""The database repeats the law: what the model forbids cannot be stored by hand either."""

import itertools

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from database.engine import connect
from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.model import TABLE, Move, State
from handoff_bridge.storage import PostgresStore
from tests.integration.bridge_store.making import NOW, asked, moved, opened


@pytest.fixture
def store(engine: Engine) -> PostgresStore:
    return PostgresStore(engine)


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


def test_a_customer_is_erased_by_contact(store: PostgresStore, engine: Engine) -> None:
    conversation = opened(store)
    asked(store, conversation, "forget me")
    moved(store, conversation, Move.REQUEST)
    with store.begin() as t:
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
