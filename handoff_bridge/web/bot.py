"""What programs of the business ask: whether the assistant answers a phone number. Holders of the secret only."""

from urllib.parse import unquote

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.services import Services
from handoff_bridge.switch import Switched
from handoff_bridge.web.plumbing import check_secret, flag, in_thread, read_json, reply


def bot(services: Services) -> Blueprint:
    """The routes under /api/bot."""
    routes = Blueprint("bot", url_prefix="/api/bot")

    @routes.on_request
    async def guard(request: Request) -> None:
        check_secret(request, services.settings.secret)

    @routes.get("/status/<phone:str>")
    async def status(_: Request, phone: str) -> HTTPResponse:
        return reply(_shape(await in_thread(services.switch.status, unquote(phone))))

    @routes.post("/toggle/<phone:str>")
    async def toggle(request: Request, phone: str) -> HTTPResponse:
        data = read_json(request.body) if request.body else {}
        enabled = flag(data, "enabled") if data.get("enabled") is not None else None
        return reply(_shape(await in_thread(services.switch.toggle, unquote(phone), enabled)))

    return routes


def _shape(now: Switched) -> dict[str, str]:
    return {
        "phone": now.phone,
        "conversation_id": now.conversation_id,
        "state": now.state.value,
        "bot": "on" if now.is_on else "off",
    }
