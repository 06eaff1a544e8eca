"""The inbox's routes for supervisors and administrators: figures about handoffs and visits."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.handoffs import Figures, Period, Seconds
from handoff_bridge.services import Services
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, query, reply


def inbox_reports(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api/reports."""
    routes = Blueprint("inbox_reports", url_prefix="/inbox/api/reports")
    reports = services.reports

    @routes.get("/handoffs")
    async def handoffs(request: Request) -> HTTPResponse:
        agent, period = await door.agent(request), _period(request, reports.lately())
        *departments, total = await in_thread(reports.handoffs, agent, period)
        return reply(
            {
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "departments": [{"department": one.department, **_figures(one)} for one in departments],
                "total": _figures(total),
            }
        )

    @routes.get("/visits")
    async def visits(request: Request) -> HTTPResponse:
        agent, period = await door.agent(request), _period(request, reports.lately())
        scores = await in_thread(reports.visit_scores, agent, period)
        return reply(
            {
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "asked": scores.asked,
                "answered": scores.answered,
                "mean": scores.mean,
                "scores": list(scores.scores),
            }
        )

    return routes


def _period(request: Request, lately: Period) -> Period:
    arguments = query(request)
    return Period(_day(arguments, "from", lately.first), _day(arguments, "to", lately.last))


def _day(arguments: Mapping[str, str], name: str, default: date) -> date:
    if name not in arguments:
        return default
    try:
        return date.fromisoformat(arguments[name])
    except ValueError as error:
        raise FieldInvalidError(name, "a day such as 2026-12-01") from error


def _figures(of: Figures) -> dict[str, Any]:
    return {
        "requested": of.requested,
        "accepted": of.accepted,
        "succeeded": of.succeeded,
        "expired": of.expired,
        "withdrawn": of.withdrawn,
        "transferred": of.transferred,
        "requeued": of.requeued,
        "taken_over": of.taken_over,
        "waiting_seconds": _seconds(of.waiting),
        "first_answer_seconds": _seconds(of.first_answer),
        "resolution_seconds": _seconds(of.resolution),
        "success_rate": of.success_rate,
        "mean_rating": of.mean_rating,
        "rated": of.rated,
    }


def _seconds(of: Seconds) -> dict[str, float | None]:
    return {"median": of.median, "p90": of.p90}
