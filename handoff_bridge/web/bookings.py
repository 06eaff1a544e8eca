"""The inbox's routes by which an agent books, moves and cancels for a customer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.people import Agent
from handoff_bridge.services import Services
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.inbound import MESSAGE_ID
from handoff_bridge.web.plumbing import error_body, optional_text, read_json, reply, text_field
from scheduling.errors import OpeningTakenError, SchedulingError
from scheduling.model import Appointment


def inbox_bookings(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api/conversations/{id}/appointments."""
    routes = Blueprint("inbox_bookings", url_prefix="/inbox/api/conversations/<conversation_id:str>/appointments")
    bookings = services.bookings

    async def answer(request: Request, change: Callable[[Agent, Mapping[str, Any]], Appointment]) -> HTTPResponse:
        try:
            made = await door.lead_in(request, lambda agent: change(agent, read_json(request.body)))
        except OpeningTakenError as error:
            starts = [{"starts_at": one.start.isoformat()} for one in error.offer.openings]
            return reply({**error_body(error.code, str(error)), "openings": starts}, error.status)
        except SchedulingError as error:
            return reply(error_body(error.code, str(error)), error.status)
        return reply({"appointment": _shape(made)}, 200)

    @routes.post("/")
    async def book(request: Request, conversation_id: str) -> HTTPResponse:
        return await answer(
            request,
            lambda agent, data: bookings.book(
                agent, conversation_id, optional_text(data, "service") or "", _start(data), request_id=_id(data)
            ),
        )

    @routes.post("/<appointment_id:str>/move")
    async def move(request: Request, conversation_id: str, appointment_id: str) -> HTTPResponse:
        return await answer(
            request,
            lambda agent, data: bookings.move(
                agent, conversation_id, _number(appointment_id), _start(data), request_id=_id(data)
            ),
        )

    @routes.post("/<appointment_id:str>/cancel")
    async def cancel(request: Request, conversation_id: str, appointment_id: str) -> HTTPResponse:
        return await answer(
            request,
            lambda agent, data: bookings.cancel(agent, conversation_id, _number(appointment_id), request_id=_id(data)),
        )

    return routes


def _id(data: Mapping[str, Any]) -> str:
    return text_field(data, "request_id", *MESSAGE_ID)


def _start(data: Mapping[str, Any]) -> datetime:
    try:
        start = datetime.fromisoformat(optional_text(data, "start") or "")
    except ValueError as error:
        raise FieldInvalidError("start", "a time with an offset") from error
    if start.tzinfo is None or not 2000 <= start.year < 2200:
        raise FieldInvalidError("start", "a time with an offset")
    return start


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 16):
        raise NotFoundError
    return int(value)


def _shape(made: Appointment) -> dict[str, Any]:
    return {
        "id": made.id,
        "code": made.code,
        "service": made.service,
        "resource": made.resource,
        "starts_at": made.start.isoformat(),
        "ends_at": made.end.isoformat(),
        "state": {"confirmed": "booked"}.get(made.status.value, made.status.value),
    }
