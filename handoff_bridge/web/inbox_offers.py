"""The inbox's routes about who gets a conversation: offers to the agent, and staffing for supervisors."""

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.offers import Offer
from handoff_bridge.ports import Overview
from handoff_bridge.services import Services
from handoff_bridge.staffing import SHARE, WITHIN, Staffing
from handoff_bridge.web import shapes
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, nothing, query, read_json, reply


def inbox_offers(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api that are about offers and staffing."""
    routes = Blueprint("inbox_offers", url_prefix="/inbox/api")
    desk, offering = services.desk, services.offering

    @routes.get("/offers")
    async def offers(request: Request) -> HTTPResponse:
        agent = await door.agent(request)
        found = await in_thread(offering.open_to, agent)
        return reply({"offers": [_offer(overview, offer) for overview, offer in found]})

    @routes.post("/conversations/<conversation_id:str>/offer")
    async def answer(request: Request, conversation_id: str) -> HTTPResponse:
        agent, given = await door.agent(request), read_json(request.body).get("answer")
        if given == "decline":
            await in_thread(offering.decline, agent, conversation_id)
            return nothing()
        if given != "accept":
            raise FieldInvalidError("answer", "accept or decline")
        await in_thread(offering.accept, agent, conversation_id)
        overview = await in_thread(desk.overview, conversation_id)
        if overview is None:
            raise NotFoundError
        return reply({"conversation": shapes.summary(overview)})

    @routes.get("/staffing")
    async def staffing(request: Request) -> HTTPResponse:
        agent, department = await door.agent(request), query(request).get("department")
        default = services.business.handoff.default_department
        return reply(_staffing(await in_thread(services.staffing.of, agent, department or default)))

    return routes


def _offer(overview: Overview, offer: Offer) -> shapes.Shape:
    return {
        "conversation": shapes.summary(overview),
        "offered_at": offer.offered_at.isoformat(),
        "until": offer.until.isoformat(),
    }


def _staffing(found: Staffing) -> shapes.Shape:
    return {
        "department": found.department,
        "target": {"share": SHARE, "seconds": WITHIN},
        "handling": {"seconds": found.handling_seconds, "sample": found.handled, "assumed": found.is_assumed},
        "now": {
            "agents": found.agents_there,
            "slots": found.slots,
            "requests_per_hour": found.requests_per_hour,
            "wait_probability": found.wait_probability,
            "mean_wait_seconds": found.mean_wait_seconds,
        },
        "hours": [
            {"hour": one.hour, "requests_per_hour": one.requests_per_hour, "agents_needed": one.agents_needed}
            for one in found.hours
        ],
    }
