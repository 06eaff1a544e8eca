"""What the actions ask of the bridge. Only holders of the shared secret get in."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import NotBuiltError
from handoff_bridge.petitions import Petition
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.plumbing import check_secret, in_thread, optional_text, query, read_json, reply

_LONGEST_NOTE = 2000  # characters


def bridge_api(services: Services) -> Blueprint:
    """The routes under /bridge."""
    routes = Blueprint("bridge", url_prefix="/bridge")

    @routes.on_request
    async def guard(request: Request) -> None:
        check_secret(request, services.settings.secret)

    @routes.get("/availability")
    async def availability(request: Request) -> HTTPResponse:
        now = await in_thread(services.line.availability, query(request).get("department"))
        return reply(shapes.availability(now))

    @routes.post("/conversations/<conversation_id:str>/handoff")
    async def handoff(request: Request, conversation_id: str) -> HTTPResponse:
        petition = _petition(read_json(request.body))
        return reply(shapes.petition(await in_thread(services.petitions.request, conversation_id, petition)))

    @routes.post("/conversations/<conversation_id:str>/withdraw")
    async def withdraw(_: Request, conversation_id: str) -> HTTPResponse:
        now = await in_thread(services.petitions.withdraw, conversation_id)
        return reply({"state": now.state.value})

    @routes.post("/conversations/<_conversation_id:str>/callback")
    async def callback(_: Request, _conversation_id: str) -> HTTPResponse:
        raise NotBuiltError

    return routes


def _petition(data: dict[str, Any]) -> Petition:
    return Petition(
        department=optional_text(data, "department"),
        urgency=optional_text(data, "urgency"),
        reason=optional_text(data, "reason") or "",
        note=optional_text(data, "note", _LONGEST_NOTE) or "",
    )
