"""The inbox's route about the calendar: who comes when."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.services import Services
from handoff_bridge.timetable import Day, Entry, Range, Wanted
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.plumbing import in_thread, query, reply, whole_number


def inbox_timetable(services: Services, door: Doorkeeper) -> Blueprint:
    """The routes under /inbox/api/calendar."""
    routes = Blueprint("inbox_timetable", url_prefix="/inbox/api/calendar")

    @routes.get("/")
    async def calendar(request: Request) -> HTTPResponse:
        await door.agent(request)
        page = await in_thread(services.timetable.page, _wanted(query(request)))
        return reply(
            {
                "today": page.today.isoformat(),
                "days": [_day(one) for one in page.days],
                "resources": [{"key": c.key, "name": c.name, "hours": _ranges(c.hours)} for c in page.columns],
                "appointments": [_entry(one) for one in page.entries],
            }
        )

    @routes.get("/openings")
    async def openings(request: Request) -> HTTPResponse:
        await door.agent(request)
        arguments, offered = query(request), services.business.services
        names = [{"key": key, "name": one.name} for key, one in offered.items()]
        if "service" not in arguments:
            return reply({"services": names, "openings": []})
        if arguments["service"] not in offered:
            raise FieldInvalidError("service", "one of " + ", ".join(offered))
        day = _first(arguments.get("day", ""), "day")
        starts = await in_thread(services.bookings.openings, arguments["service"], day)
        return reply({"services": names, "openings": [{"starts_at": one.isoformat()} for one in starts]})

    return routes


def _wanted(arguments: Mapping[str, str]) -> Wanted:
    return Wanted(
        first=_first(arguments["from"], "from") if "from" in arguments else None,
        days=whole_number(arguments, "days", 1),
        department=arguments.get("department") or None,
        resource=arguments.get("resource") or None,
    )


def _first(value: str, name: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError as error:
        raise FieldInvalidError(name, "a day such as 2026-12-01") from error
    raise FieldInvalidError(name, "a day such as 2026-12-01")


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date.isoformat(), "name": day.name, "hours": _ranges(day.hours)}


def _ranges(ranges: tuple[Range, ...]) -> list[dict[str, str]]:
    return [{"from": start.isoformat(), "to": end.isoformat()} for start, end in ranges]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "conversation_id": entry.conversation_id,
        "service": entry.service,
        "resources": list(entry.resources),
        "starts_at": entry.starts_at.isoformat(),
        "ends_at": entry.ends_at.isoformat(),
        "state": "booked" if entry.is_booked else "held",
        "customer": entry.customer,
    }
