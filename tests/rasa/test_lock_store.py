"""One turn at a time in a conversation, in the order of asking, and no second of polling."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from addons.lock_store import ConversationLockStore


@pytest.fixture
def store() -> ConversationLockStore:
    endpoint = EndpointConfig(type="addons.lock_store.ConversationLockStore")
    made = LockStore.create(endpoint)
    assert isinstance(made, ConversationLockStore)
    return made


async def test_turns_of_a_conversation_follow_one_another_in_the_order_of_asking(store: ConversationLockStore) -> None:
    log: list[str] = []

    async def turn(number: int) -> None:
        async with store.lock("a"):
            log.append(f"{number} begins")
            await asyncio.sleep(0)
            log.append(f"{number} ends")

    await asyncio.gather(*(turn(number) for number in range(20)))
    assert log == [line for number in range(20) for line in (f"{number} begins", f"{number} ends")]


async def test_the_next_turn_begins_without_a_timer(store: ConversationLockStore, monkeypatch) -> None:
    """Ten turns hand over within steps of the event loop: were anybody to sleep, the loop would run dry."""
    monkeypatch.setattr(asyncio, "sleep", _never)
    order: list[int] = []

    async def turn(number: int) -> None:
        async with store.lock("a"):
            order.append(number)

    await asyncio.gather(*(turn(number) for number in range(10)))
    assert order == list(range(10))


async def test_different_conversations_do_not_wait_for_one_another(store: ConversationLockStore) -> None:
    async with store.lock("a"), store.lock("b"):
        assert len(store) == 2


async def test_who_waits_too_long_is_told_and_the_others_go_on(store: ConversationLockStore) -> None:
    async with store.lock("a"):
        with pytest.raises(LockError, match="'a' was busy"):
            await store.lock("a", lock_lifetime=0.01).__aenter__()
        patient = asyncio.create_task(_hold(store, "a"))
        await asyncio.sleep(0)
    assert await patient == "held"


async def test_a_lock_outlives_its_lifetime_as_long_as_it_is_held(store: ConversationLockStore) -> None:
    async with store.lock("a", lock_lifetime=0.01):
        with pytest.raises(LockError):
            await store.lock("a", lock_lifetime=0.05).__aenter__()


async def test_who_gives_up_waiting_leaves_the_queue(store: ConversationLockStore) -> None:
    async with store.lock("a"):
        waiting = [asyncio.create_task(_hold(store, "a")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.gather(waiting[1], return_exceptions=True)
    assert await asyncio.gather(waiting[0], waiting[2]) == ["held", "held"]
    assert len(store) == 0


async def test_an_error_in_a_turn_frees_the_conversation(store: ConversationLockStore) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.lock("a"):
            raise ZeroDivisionError
    assert await _hold(store, "a") == "held"


async def test_nothing_is_kept_of_a_conversation_nobody_waits_for(store: ConversationLockStore) -> None:
    async with AsyncExitStack() as stack:
        for number in range(1000):
            await stack.enter_async_context(store.lock(f"conversation-{number}"))
        assert len(store) == 1000
    assert len(store) == 0


async def _hold(store: ConversationLockStore, conversation_id: str) -> str:
    async with store.lock(conversation_id):
        return "held"


async def _never(*_: object) -> None:
    raise AssertionError("Somebody polls.")
