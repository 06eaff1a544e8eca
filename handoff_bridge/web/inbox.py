"""The inbox's routes about conversations: queues, one conversation, moves, answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.answering import Wanted
from handoff_bridge.errors import AlreadyMovedError, FieldInvalidError, NotFoundError
from handoff_bridge.messages import Message, clean_text
from handoff_bridge.people import Agent
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.inbound import MESSAGE_ID
from handoff_bridge.web.plumbing import (
    at_the_door,
    error_body,
    flag,
    in_thread,
    nothing,
    optional_text,
    query,
    read_json,
    reply,
    text_field,
    whole_number,
)

_LONGEST_NOTE = 2000  # characters


def inbox(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api/conversations."""
    routes = Blueprint("inbox", url_prefix="/inbox/api/conversations")
    desk, answering = services.desk, services.answering

    @routes.get("/")
    async def conversations(request: Request) -> HTTPResponse:
        agent, arguments = await door.agent(request), query(request)
        found = await in_thread(desk.queue, agent, arguments.get("queue", ""), _before(arguments))
        counts = await in_thread(desk.counts)
        return reply({"conversations": [shapes.summary(one) for one in found], "counts": counts.of(agent.id)})

    @routes.get("/<conversation_id:str>")
    async def conversation(request: Request, conversation_id: str) -> HTTPResponse:
        await door.agent(request)
        return reply(shapes.opened(await in_thread(desk.open, conversation_id)))

    @routes.get("/<conversation_id:str>/messages")
    async def messages(request: Request, conversation_id: str) -> HTTPResponse:
        await door.agent(request)
        arguments = query(request)
        bounds = {name: whole_number(arguments, name) for name in ("before", "after") if name in arguments}
        found, has_more = await in_thread(desk.messages, conversation_id, **bounds)
        return reply({"messages": [shapes.inbox_message(one) for one in found], "has_more": has_more})

    @routes.post("/<conversation_id:str>/moves")
    async def move(request: Request, conversation_id: str) -> HTTPResponse:
        agent = await door.agent(request)
        try:
            await in_thread(answering.move, agent, conversation_id, _wanted(read_json(request.body)))
        except AlreadyMovedError as error:
            now = await _summary(services, conversation_id)
            return reply({**error_body(error.code, str(error)), "conversation": now}, error.status)
        return reply({"conversation": await _summary(services, conversation_id)})

    @routes.post("/<conversation_id:str>/messages")
    async def answer(request: Request, conversation_id: str) -> HTTPResponse:
        def say(agent: Agent) -> Message:
            data = read_json(request.body)
            message_id, text = text_field(data, "message_id", *MESSAGE_ID), clean_text(data.get("text"))
            return answering.reply(agent, conversation_id, message_id, text)

        said = await door.lead_in(request, say, lane=at_the_door)
        return reply({"message": shapes.inbox_message(said)}, 201)

    @routes.post("/<conversation_id:str>/typing")
    async def typing(request: Request, conversation_id: str) -> HTTPResponse:
        agent = await door.agent(request)
        await in_thread(desk.typing, agent, conversation_id, flag(read_json(request.body), "on"))
        return nothing()

    @routes.post("/<conversation_id:str>/read")
    async def read(request: Request, conversation_id: str) -> HTTPResponse:
        agent = await door.agent(request)
        await in_thread(desk.read, agent, conversation_id, whole_number(read_json(request.body), "up_to"))
        return nothing()

    return routes


async def _summary(services: Services, conversation_id: str) -> dict[str, Any]:
    overview = await in_thread(services.desk.overview, conversation_id)
    if overview is None:
        raise NotFoundError
    return shapes.summary(overview)


def _wanted(data: Mapping[str, Any]) -> Wanted:
    return Wanted(
        move=optional_text(data, "move") or "",
        epoch=whole_number(data, "epoch"),
        department=optional_text(data, "department"),
        agent_id=whole_number(data, "agent_id") if data.get("agent_id") is not None else None,
        note=optional_text(data, "note", _LONGEST_NOTE) or "",
    )


def _before(arguments: Mapping[str, str]) -> datetime | None:
    if "before" not in arguments:
        return None
    try:
        before = datetime.fromisoformat(arguments["before"].replace(" ", "+"))  # a + that was not encoded
    except ValueError as error:
        raise FieldInvalidError("before", "a time with an offset") from error
    if before.tzinfo is None:
        raise FieldInvalidError("before", "a time with an offset")
    return before
