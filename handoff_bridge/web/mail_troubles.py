"""The inbox's route for supervisors and administrators about mail that did not arrive."""

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.services import Services
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, reply
from notifications.model import State
from notifications.troubles import Trouble


def inbox_mail_troubles(services: Services, door: Doorkeeper) -> Blueprint:
    """The route under /inbox/api/mail."""
    routes = Blueprint("inbox_mail_troubles", url_prefix="/inbox/api/mail")

    @routes.get("/troubles")
    async def troubles(request: Request) -> HTTPResponse:
        agent = await door.agent(request)
        found = await in_thread(services.mail_troubles.latest, agent)
        return reply({"troubles": [_shape(trouble) for trouble in found]})

    return routes


def _shape(trouble: Trouble) -> dict[str, object]:
    is_open = trouble.state is State.PENDING
    return {
        "id": trouble.id,
        "template": trouble.template,
        "recipient": trouble.recipient,
        "state": trouble.state.value,
        "failure": trouble.failure,
        "attempts": trouble.attempts,
        "created_at": trouble.created_at.isoformat(),
        "next_at": trouble.next_at.isoformat() if is_open else None,
    }
