"""One bridge process at work: the web side, the workers, and the listener that wakes both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from handoff_bridge.events import Event, Kind
from handoff_bridge.lookout import Lookout
from handoff_bridge.services import Services
from handoff_bridge.web.app import create_app
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.server import serve
from handoff_bridge.workers import Workers

_TURNS_END_WITHIN = 12  # seconds
_MAIL_ENDS_WITHIN = 5
_LOOK_ENDS_WITHIN = 5


@asynccontextmanager
async def running(services: Services, host: str, port: int) -> AsyncIterator[int]:
    """Runs while the context is open and gives the port (0 asks the kernel for one). Ends within 20 s."""
    hub, workers = Hub(services), Workers(services.delivery, services.clockwork)
    lookout = Lookout(services.router)
    listener = services.store.listen(_passing_on(hub, workers, lookout))
    async with serve(create_app(services, hub), hub, host, port) as bound:
        services.shards.start()
        workers.start()
        lookout.start()
        listener.start()
        services.mailroom.start()
        yield bound
    await asyncio.gather(
        asyncio.to_thread(workers.stop, _TURNS_END_WITHIN),
        asyncio.to_thread(services.mailroom.stop, _MAIL_ENDS_WITHIN),
        asyncio.to_thread(lookout.stop, _LOOK_ENDS_WITHIN),
        asyncio.to_thread(services.shards.stop),
        asyncio.to_thread(listener.stop),
    )


def _passing_on(hub: Hub, workers: Workers, lookout: Lookout) -> Callable[[Event], None]:
    def heard(event: Event) -> None:
        if event.kind in (Kind.WORK, Kind.MISSED):
            workers.ring()
        lookout.hear(event)
        if event.kind is not Kind.WORK:
            hub.post(event)

    return heard
