"""What the actions ask of the bridge. Only holders of the shared secret get in."""

from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import CallbackTimeError, FieldInvalidError
from handoff_bridge.messages import LONGEST_TEXT, tidy
from handoff_bridge.petitions import Petition
from handoff_bridge.services import Services
from handoff_bridge.task_requests import CallbackWanted, MessageLeft
from handoff_bridge.web import shapes
from handoff_bridge.web.plumbing import check_secret, error_body, in_thread, optional_text, query, read_json, reply

_LONGEST_NOTE = 2000  # characters
_LAST_YEAR = 9000  # beyond it no time zone can be reckoned with


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

    @routes.post("/conversations/<conversation_id:str>/callback")
    async def callback(request: Request, conversation_id: str) -> HTTPResponse:
        wanted = _callback(read_json(request.body))
        try:
            task = await in_thread(services.task_requests.call_back, conversation_id, wanted)
        except CallbackTimeError as error:
            next_times = [at.isoformat() for at in error.next_times]
            return reply({**error_body(error.code, str(error)), "next": next_times}, error.status)
        return reply({"id": task.id, "at": task.due_at.isoformat(), "department": task.department}, 201)

    @routes.post("/conversations/<conversation_id:str>/message")
    async def message(request: Request, conversation_id: str) -> HTTPResponse:
        left = _message(read_json(request.body))
        task = await in_thread(services.task_requests.leave_message, conversation_id, left)
        return reply({"id": task.id, "department": task.department}, 201)

    return routes


def _petition(data: dict[str, Any]) -> Petition:
    return Petition(
        department=optional_text(data, "department"),
        urgency=optional_text(data, "urgency"),
        reason=optional_text(data, "reason") or "",
        note=optional_text(data, "note", _LONGEST_NOTE) or "",
    )


def _callback(data: dict[str, Any]) -> CallbackWanted:
    return CallbackWanted(
        at=_time(data.get("at")),
        phone=optional_text(data, "phone"),
        note=optional_text(data, "note", LONGEST_TEXT) or "",
        department=optional_text(data, "department"),
    )


def _message(data: dict[str, Any]) -> MessageLeft:
    return MessageLeft(
        note=tidy(optional_text(data, "note", LONGEST_TEXT) or ""),
        phone=optional_text(data, "phone"),
        email=optional_text(data, "email", 254),
        department=optional_text(data, "department"),
    )


def _time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise FieldInvalidError("at", "a time with an offset") from error
    if at.tzinfo is None or at.year > _LAST_YEAR:
        raise FieldInvalidError("at", "a time with an offset")
    return at
