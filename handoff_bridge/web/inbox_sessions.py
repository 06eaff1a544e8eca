"""The inbox's routes about agents themselves: log in and out, who is there, availability, the socket."""

from collections.abc import Sequence
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, Websocket

from handoff_bridge.entrance import csrf_of
from handoff_bridge.errors import FieldInvalidError, LoggedOutError, OriginWrongError
from handoff_bridge.people import Agent, Availability
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.inbox_socket import LOGGED_OUT, WRONG_ORIGIN, InboxSocket
from handoff_bridge.web.plumbing import in_thread, nothing, optional_text, read_json, reply


def inbox_sessions(services: Services, hub: Hub, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api that are about the agent."""
    routes = Blueprint("inbox_sessions", url_prefix="/inbox/api")

    @routes.post("/login")
    async def login(request: Request) -> HTTPResponse:
        data = read_json(request.body)
        email, password = optional_text(data, "email", 254) or "", optional_text(data, "password", 200) or ""
        begun = await in_thread(services.entrance.log_in, email, password)
        response = reply({"agent": shapes.agent(begun.agent, services.clock()), "csrf": begun.csrf})
        door.remember(response, begun)
        return response

    @routes.post("/logout")
    async def logout(request: Request) -> HTTPResponse:
        await door.agent(request)
        await in_thread(services.entrance.log_out, door.token(request))
        response = nothing()
        door.forget(response)
        return response

    @routes.get("/me")
    async def me(request: Request) -> HTTPResponse:
        agent = await door.agent(request)
        agents = await in_thread(services.desk.agents)
        return reply({**_surroundings(services, agent, agents), "csrf": csrf_of(door.token(request))})

    @routes.post("/availability")
    async def availability(request: Request) -> HTTPResponse:
        agent, wanted = await door.agent(request), read_json(request.body).get("availability")
        if wanted not in list(Availability):
            raise FieldInvalidError("availability", "one of " + ", ".join(Availability))
        changed = await in_thread(services.desk.set_availability, agent, Availability(wanted))
        return reply({"agent": shapes.agent(changed, services.clock())})

    @routes.websocket("/socket")  # type: ignore[untyped-decorator]
    async def socket(request: Request, ws: Websocket) -> None:
        try:
            door.check_origin(request)
            agent = await door.agent(request)
        except OriginWrongError:
            await ws.close(WRONG_ORIGIN)
        except LoggedOutError:
            await ws.close(LOGGED_OUT)
        else:
            await InboxSocket(services, hub, ws, agent, door.token(request)).run()

    return routes


def _surroundings(services: Services, agent: Agent, agents: Sequence[Agent]) -> dict[str, Any]:
    business, now = services.business, services.clock()
    return {
        "agent": shapes.agent(agent, now),
        "agents": [shapes.agent(person, now) for person in agents],
        "departments": [{"key": key, "name": department.name} for key, department in business.departments.items()],
        "business": {"name": business.name, "time_zone": business.time_zone},
    }
