"""For whoever runs the bridge: is it alive, is it ready, what does it count."""

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from handoff_bridge.services import Services
from handoff_bridge.web.plumbing import in_thread, reply


def operations(services: Services) -> Blueprint:
    """/health, /ready and /metrics."""
    routes = Blueprint("operations")

    @routes.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return reply({"status": "ok"})

    @routes.get("/ready")
    async def ready(_: Request) -> HTTPResponse:
        is_ready, report = await in_thread(services.health.report)
        return reply(report, 200 if is_ready else 503)

    @routes.get("/metrics")
    async def metrics(_: Request) -> HTTPResponse:
        lengths = await in_thread(services.line.lengths)
        return raw(services.metrics.page(lengths), content_type="text/plain; version=0.0.4; charset=utf-8")

    return routes
