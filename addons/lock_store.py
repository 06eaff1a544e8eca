"""The lock store: one turn at a time in a conversation, without Rasa's one-second poll.

For a single Rasa process. Several processes share the conversations out among themselves; should two ever take the
same one, the tracker store refuses the second writer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore


@dataclass
class _Queue:
    """The lock of one conversation, and how many hold it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class ConversationLockStore(LockStore):
    """Hands each conversation to one turn after the other, in the order they asked."""

    def __init__(self, **_: Any) -> None:
        """Rasa passes its `lock_store` endpoint as `endpoint_config`; nothing in it is needed."""
        self._queues: dict[str, _Queue] = {}

    def __len__(self) -> int:
        """The conversations that are locked now."""
        return len(self._queues)

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 0,  # noqa: ARG002 - Rasa's poll interval; nobody polls here
    ) -> AsyncIterator[None]:
        """Holds the conversation. Raises `LockError` after `lock_lifetime` seconds of waiting for it.

        Unlike Rasa's ticket a lock once held does not expire: a slow turn is never overtaken by the next one.
        """
        queue = self._queues.setdefault(conversation_id, _Queue())
        queue.users += 1
        try:
            await self._wait(queue, conversation_id, lock_lifetime)
            try:
                yield
            finally:
                queue.lock.release()
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[conversation_id]

    @staticmethod
    async def _wait(queue: _Queue, conversation_id: str, seconds: float) -> None:
        try:
            await asyncio.wait_for(queue.lock.acquire(), seconds)
        except asyncio.TimeoutError as exc:
            raise LockError(f"Conversation '{conversation_id}' was busy for {seconds:g} s.") from exc
