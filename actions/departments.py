"""Which department of the business a customer means."""

from collections.abc import Iterable, Mapping
from typing import Any

from actions.heard import Heard
from business.model import Business


def department_for(business: Business, heard: Heard, service: str | None, known: str | None = None) -> str:
    """The department that was named, else that of the service spoken of, else the one `known` to be meant so far, else
    that of the `service` that is being booked, else the default."""
    services = [e for e in heard.entities if e.get("entity") == "service"]
    named = [e for e in heard.entities if e.get("entity") == "department" and not _within(e, services)]
    spoken_of = (business.services[str(e["value"])].department for e in services if e.get("value") in business.services)
    likely = (
        next((str(e["value"]) for e in named if e.get("value") in business.departments), None),
        next(spoken_of, None),
        known if known in business.departments else None,
        business.services[service].department if service in business.services else None,
    )
    return next(filter(None, likely), business.handoff.default_department)


def _within(entity: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a word belongs to a longer name: the "service" of "service visit" is no department."""
    start, end = entity.get("start", -1), entity.get("end", 0)
    return any(other.get("start", 0) <= start and end <= other.get("end", 0) for other in others)
