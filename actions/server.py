"""The action server: rasa-sdk's own web application with our actions in it, and nothing else."""

import asyncio
import signal
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from rasa_sdk import endpoint
from rasa_sdk.executor import ActionExecutor

from actions.context import Context
from actions.registry import all_actions

log = structlog.get_logger()

_BODY_LIMIT = 16 * 1024 * 1024  # bytes; Rasa sends the whole tracker and the whole domain
_KEEP_ALIVE = 120  # seconds
_TURNS_END_WITHIN = 10.0  # seconds


@asynccontextmanager
async def serving(context: Context, host: str, port: int) -> AsyncIterator[int]:
    """Serves while the context is open and gives the port; 0 asks the kernel for a free one."""
    # rasa-sdk 3.21 warns on every call of a Rasa 3.6; docs/decisions say why the two work together.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk might not be compatible")
    executor = ActionExecutor()
    for action in all_actions(context):
        executor.register_action(action)
    app = endpoint.create_app(executor, cors_origins=[])
    app.config.update(REQUEST_MAX_SIZE=_BODY_LIMIT, KEEP_ALIVE_TIMEOUT=_KEEP_ALIVE, ACCESS_LOG=False, TOUCHUP=False)
    # Sanic takes port 0 for its default; the kernel is asked by a socket of our own.
    listener = socket.create_server((host, port))
    server: Any = await app.create_server(sock=listener, access_log=False)
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        yield listener.getsockname()[1]
    finally:
        listening = server.close()
        for connection in tuple(server.connections):
            connection.close_if_idle()
        await asyncio.wait([listening], timeout=_TURNS_END_WITHIN)
        await server.before_stop()
        await server.after_stop()
        type(app).unregister_app(app)
        listener.close()


async def serve_until_stopped(context: Context, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with serving(context, host, port) as bound:
        log.info("The actions are up.", action="start", host=host, port=bound)
        await stopping.wait()
        log.info("The actions are ending.", action="stop")
