"""The inbox's routes about tasks: what the departments have to do for customers."""

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.services import Services
from handoff_bridge.web import shapes
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, optional_text, query, read_json, reply


def inbox_tasks(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api/tasks."""
    routes = Blueprint("inbox_tasks", url_prefix="/inbox/api/tasks")
    lists = {"open": services.task_list.unfinished, "ended": services.task_list.ended}

    @routes.get("/")
    async def tasks(request: Request) -> HTTPResponse:
        agent, state = await door.agent(request), query(request).get("state", "open")
        if state not in lists:
            raise FieldInvalidError("state", "one of " + ", ".join(lists))
        return reply({"tasks": [shapes.task(record) for record in await in_thread(lists[state], agent)]})

    @routes.post("/<task_id:str>")
    async def end(request: Request, task_id: str) -> HTTPResponse:
        agent, state = await door.agent(request), optional_text(read_json(request.body), "state")
        if not (task_id.isascii() and task_id.isdigit() and len(task_id) <= 16):
            raise NotFoundError
        return reply({"task": shapes.task(await in_thread(services.task_list.end, agent, int(task_id), state))})

    return routes
