"""The website channel over HTTP: what the widget uses, and any other client may."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request, Websocket

from handoff_bridge.messages import LONGEST_TEXT
from handoff_bridge.services import Services
from handoff_bridge.web import inbound, shapes
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.inbound import VISITOR_ID
from handoff_bridge.web.plumbing import (
    at_the_door,
    bearer,
    in_thread,
    query,
    read_json,
    reply,
    text_field,
    whole_number,
)
from handoff_bridge.web.website_socket import WebsiteSocket


def website(services: Services, hub: Hub) -> Blueprint:
    """The routes under /channels/website."""
    routes = Blueprint("website", url_prefix="/channels/website")

    @routes.get("/config")
    async def config(request: Request) -> HTTPResponse:
        return reply(_config(services, query(request).get("language")))

    @routes.post("/messages")
    async def send(request: Request) -> HTTPResponse:
        data = read_json(request.body)
        visitor_id = text_field(data, "visitor_id", *VISITOR_ID)
        received = await at_the_door(inbound.send, services, visitor_id, data, bearer(request))
        message = received.message
        body: dict[str, Any] = {"conversation_id": message.conversation_id, "message": shapes.message(message)}
        if received.visitor_token:
            body["visitor_token"] = received.visitor_token
        return reply(body, 202)

    @routes.get("/messages")
    async def history(request: Request) -> HTTPResponse:
        arguments = query(request)
        visitor_id = text_field(arguments, "visitor_id", *VISITOR_ID)
        after = whole_number(arguments, "after", 0)
        conversation = await in_thread(services.visitors.enter, visitor_id, bearer(request))
        messages = await in_thread(services.visitors.messages, conversation.id, after)
        status = await in_thread(services.line.status, conversation.id)
        return reply(
            {
                "messages": [shapes.message(message) for message in messages],
                "status": shapes.status(status) if status else None,
            }
        )

    @routes.websocket("/socket")  # type: ignore[untyped-decorator]
    async def socket(request: Request, ws: Websocket) -> None:
        visitor_id = query(request).get("visitor_id", "")
        await WebsiteSocket(services, hub, ws, visitor_id).run()

    return routes


def _config(services: Services, wanted: str | None) -> dict[str, Any]:
    business = services.business
    language = wanted if wanted in business.languages else business.languages[0]
    phrases = business.phrases_in(language)
    return {
        "business": business.name,
        "greeting": phrases.greeting.format(business=business.name),
        "suggestions": list(phrases.suggestions),
        "languages": list(business.languages),
        "language": language,
        "limits": {"characters": LONGEST_TEXT},
    }
