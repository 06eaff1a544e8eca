"""The inbox's route for supervisors and administrators: what the triggers decided, and why."""

from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.services import Services
from handoff_bridge.triggers.model import DecisionRecord
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, query, reply, whole_number


def inbox_decisions(services: Services, door: Doorkeeper) -> Blueprint:
    """The route /inbox/api/decisions."""
    routes = Blueprint("inbox_decisions", url_prefix="/inbox/api/decisions")
    records = services.decisions

    @routes.get("/")
    async def decisions(request: Request) -> HTTPResponse:
        agent, arguments = await door.agent(request), query(request)
        before = whole_number(arguments, "before") if "before" in arguments else None
        trigger, outcome = arguments.get("trigger") or None, arguments.get("decision") or None
        page = await in_thread(records.page, agent, before=before, trigger=trigger, outcome=outcome)
        counts = [
            {"trigger": name, "decision": decided.value, "number": number}
            for (name, decided), number in sorted(page.counts.items(), key=lambda count: -count[1])
        ]
        return reply({"decisions": list(map(_shape, page.decisions)), "counts": counts})

    return routes


def _shape(record: DecisionRecord) -> dict[str, Any]:
    made = record.decision
    return {
        "id": record.id,
        "conversation_id": record.conversation_id,
        "message_id": made.message_id,
        "at": made.at.isoformat(),
        "fired": [{"trigger": one.trigger, "score": one.score, "threshold": one.threshold} for one in made.fired],
        "decision": made.outcome.value,
        "trigger": made.trigger,
        "judge": made.judge.value,
        "version": made.version,
        "answer": record.answer.value if record.answer else None,
    }
