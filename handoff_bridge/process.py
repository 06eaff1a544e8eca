"""One bridge process at work: the web side, the workers, and the listener that wakes both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from handoff_bridge.events import Event, Kind
from handoff_bridge.services import Services
from handoff_bridge.web.app import create_app
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.server import serve
from handoff_bridge.workers import Workers

_TURNS_END_WITHIN = 12  # seconds
_MAIL_ENDS_WITHIN = 5


@asynccontextmanager
async def running(services: Services, host: str, port: int) -> AsyncIterator[int]:
    """Runs while the context is open and gives the port (0 asks the kernel for one). Ends within 20 s."""
    hub, workers = Hub(services), Workers(services.delivery, services.clockwork)
    listener = services.store.listen(_passing_on(hub, workers))
    async with serve(create_app(services, hub), hub, host, port) as bound:
        workers.start()
        listener.start()
        services.mailroom.start()
        yield bound
    await asyncio.to_thread(workers.stop, _TURNS_END_WITHIN)
    await asyncio.to_thread(listener.stop)
    await asyncio.to_thread(services.mailroom.stop, _MAIL_ENDS_WITHIN)


def _passing_on(hub: Hub, workers: Workers) -> Callable[[Event], None]:
    def heard(event: Event) -> None:
        if event.kind in (Kind.WORK, Kind.MISSED):
            workers.ring()
        if event.kind is not Kind.WORK:
            hub.post(event)

    return heard
