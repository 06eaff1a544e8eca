"""How often something is done: at once after a rest, and never twice within the rest, however often it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)


class Pace:
    """The gap between two rounds, in seconds; `hurried` is the one when somebody cannot wait."""

    def __init__(self, gap: float, *, hurried: float | None = None) -> None:
        self._gap = gap
        self._hurried = gap if hurried is None else hurried
        self._rung = asyncio.Event()
        self._in_a_hurry = asyncio.Event()

    def ring(self, *, hurry: bool = False) -> None:
        """There is something to do."""
        self._rung.set()
        if hurry:
            self._in_a_hurry.set()

    async def keep(self, step: Callable[[], Awaitable[None]]) -> None:
        """Does `step` whenever it was rung for; a step that fails is logged, and the next one is done all the same."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            self._in_a_hurry.clear()
            try:
                await step()
            except Exception:
                log.exception("What happened could not be brought to the sockets.", action="hub_failed")
            await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(self._hurried)
        if self._gap > self._hurried:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._in_a_hurry.wait(), self._gap - self._hurried)
