"""Serves an application on the running event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sanic import Sanic

from handoff_bridge.web.hub import Hub
from handoff_bridge.web.plumbing import App

_REQUESTS_END_WITHIN = 5.0  # seconds
_LOOK_EVERY = 0.02
_BACKLOG = 1024  # connections not yet accepted


@asynccontextmanager
async def serve(app: App, hub: Hub, host: str, port: int) -> AsyncIterator[int]:
    """Serves while the context is open and gives the port (0 asks the kernel for one).

    Raises OSError when the address is taken. At its end nothing new is accepted, sockets are closed with 1001, and
    requests under way get five seconds.
    """
    listening = socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    server: Any = await app.create_server(sock=listening, access_log=False)
    await server.startup()
    await server.before_start()
    hub.start()
    await server.after_start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.close()
        await hub.stop()
        await _end_connections(server)
        await server.before_stop()
        await server.after_stop()
        Sanic.unregister_app(app)


async def _end_connections(server: Any) -> None:
    """Closes each connection once it is idle, and at the end of the time those that are still busy."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_REQUESTS_END_WITHIN):
            while server.connections:
                for connection in tuple(server.connections):
                    connection.close_if_idle()
                await asyncio.sleep(_LOOK_EVERY)
    for connection in tuple(server.connections):
        connection.abort()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
