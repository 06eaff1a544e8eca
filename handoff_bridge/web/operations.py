"""For whoever runs the bridge: is it alive, is it ready, what does it count.

Their answers come from threads of their own, so that they are told even while all others wait for the database.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from handoff_bridge.errors import StoreUnavailableError
from handoff_bridge.services import Services
from handoff_bridge.web.plumbing import reply


def operations(services: Services) -> Blueprint:
    """/health, /ready and /metrics."""
    routes = Blueprint("operations")
    threads = ThreadPoolExecutor(2, thread_name_prefix="operations")

    async def aside[R](call: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    @routes.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return reply({"status": "ok"})

    @routes.get("/ready")
    async def ready(_: Request) -> HTTPResponse:
        can_serve, report = await aside(services.health.report)
        return reply(report, 200 if can_serve else 503)

    @routes.get("/metrics")
    async def metrics(_: Request) -> HTTPResponse:
        page = await aside(lambda: services.metrics.page(_lengths(services)))
        return raw(page, content_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _lengths(services: Services) -> dict[str, int]:
    """None while the database is away: the other figures are wanted then most of all."""
    try:
        return dict(services.line.lengths())
    except StoreUnavailableError:
        return {}
