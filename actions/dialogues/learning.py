"""What a message adds to the facts or corrects in them, and what is still missing. Pure."""

from dataclasses import replace
from datetime import datetime

from actions.facts import Facts
from actions.reading.told import Change, Told
from scheduling.wishes import Wish

_NAME_MAY_CHANGE = frozenset({"customer_name", "confirmation", "change"})


def learned(facts: Facts, told: Told, asked: str | None) -> Facts:
    """The facts of a booking after a message that answers `asked`."""
    if told.services and told.services[0] != facts.service:
        facts = replace(facts, service=told.services[0], offered=(), opening=None)
    if told.name and (not facts.customer_name or asked in _NAME_MAY_CHANGE):
        facts = replace(facts, customer_name=told.name)
    facts = replace(facts, email=told.email or facts.email, phone=told.phone or facts.phone)
    if told.change and asked == "change":
        facts = _open_again(facts, told.change)
    return wished(chosen(facts, told, asked), told.wish, asked)


def chosen(facts: Facts, told: Told, asked: str | None) -> Facts:
    """The facts after a choice among what was offered; a yes chooses the only one."""
    if asked != "opening":
        return facts
    choice = 0 if told.is_yes and len(facts.offered) == 1 else told.choice
    return replace(facts, opening=facts.offered[choice]) if choice is not None else facts


def wished(facts: Facts, wish: Wish | None, asked: str | None, booked: datetime | None = None) -> Facts:
    """The facts after a wish, which may pick one of the openings on offer, refine the wish before, or change an
    opening chosen already; `booked` is when the appointment is that is to be moved."""
    if wish is None or (facts.opening and wish.admits(facts.opening) and not wish.earliest):
        return facts
    admitted = [start for start in facts.offered if wish.admits(start)]
    if asked == "opening" and len(admitted) == 1 and not wish.earliest:
        return replace(facts, opening=admitted[0])
    before = at(facts.opening) if facts.opening else facts.wish
    if before is None and booked and not wish.names_a_date:
        before = Wish(start_date=booked.date())
    merged = before.merged_with(wish) if before and not wish.earliest else wish
    return replace(facts, wish=merged, offered=(), opening=None)


def missing(facts: Facts) -> str:
    """The first thing that a booking still needs."""
    needs = (
        ("service", facts.service),
        ("opening" if facts.offered else "wish", facts.opening),
        ("customer_name", facts.customer_name),
        ("contact", facts.contact),
    )
    return next((name for name, value in needs if value is None), "confirmation")


def at(start: datetime) -> Wish:
    """The wish that a chosen opening amounts to."""
    return Wish(start_date=start.date(), start_time=start.time())


def _open_again(facts: Facts, change: Change) -> Facts:
    match change:
        case "time":
            day = Wish(start_date=facts.opening.date()) if facts.opening else None
            return replace(facts.without_time(), wish=day)
        case "service":
            return replace(facts, service=None, offered=(), opening=None)
        case "name":
            return replace(facts, customer_name=None)
        case "contact":
            return replace(facts, email=None, phone=None)
