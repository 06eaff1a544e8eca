"""The inbox's route about what is known of a customer."""

from collections.abc import Mapping
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.contacts import FIELDS
from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, optional_text, read_json, reply

_LONGEST = 320  # characters


def inbox_contact(services: Services, door: Doorkeeper) -> Blueprint:
    """The route under /inbox/api/conversations that changes a contact."""
    routes = Blueprint("inbox_contact", url_prefix="/inbox/api/conversations")

    @routes.patch("/<conversation_id:str>/contact")
    async def contact(request: Request, conversation_id: str) -> HTTPResponse:
        agent = await door.agent(request)
        await in_thread(services.contacts.settle, agent, conversation_id, _given(read_json(request.body)))
        overview = await in_thread(services.desk.overview, conversation_id)
        if overview is None:
            raise NotFoundError
        return reply({"conversation": shapes.summary(overview)})

    return routes


def _given(data: Mapping[str, Any]) -> dict[str, str | None]:
    """What the body names; something else in it is a mistake rather than nothing."""
    if unknown := sorted(set(data) - set(FIELDS)):
        raise FieldInvalidError(unknown[0], "left out; only " + ", ".join(FIELDS) + " can be changed")
    return {field: optional_text(data, field, _LONGEST) for field in FIELDS if field in data}
