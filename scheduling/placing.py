"""How an appointment gets its place: is the time bookable at all, and which resource takes it."""

from dataclasses import replace
from datetime import datetime

from scheduling.errors import NotBookableError
from scheduling.model import Appointment, Opening
from scheduling.openings import grid
from scheduling.search import Search
from scheduling.store import Change, OccupiedError, Transaction


def place(transaction: Transaction, search: Search, start: datetime, change: Change) -> Appointment | None:
    """The appointment of `change` at `start`, stored; None if every resource is taken.

    Tries the resources in order of preference, for between looking and taking somebody else may come. Raises
    `NotBookableError` when the business takes nobody at that time.
    """
    if (openings := _openings(search, start)) and not search.wait_for_limits(start.astimezone(search.zone).date()):
        return None
    for opening in _preferring(change.before, openings):
        rules = search.rules
        wanted = replace(
            change,
            after=change.after.taking(opening),
            buffers=(rules.before, rules.after),
            besides=opening.besides,
            places=search.places,
        )
        try:
            return transaction.put(wanted)
        except OccupiedError:
            continue
    return None


def _openings(search: Search, start: datetime) -> list[Opening]:
    day = start.astimezone(search.zone).date()
    if start < search.earliest:
        raise NotBookableError("too_soon")
    if day > search.last:
        raise NotBookableError("too_far")
    agenda = search.agenda(day, day)
    if not agenda.is_open(start):
        raise NotBookableError("closed")
    if not _is_on_grid(search, start):
        raise NotBookableError("off_grid")
    return search.openings(agenda, start)


def _is_on_grid(search: Search, start: datetime) -> bool:
    """Whether it is a time that might have been offered. Which of the grid's times are offered depends on what else is
    booked, and one that was offered a minute ago must not be refused for that."""
    local = start.astimezone(search.zone)
    return local.minute % grid(search.rules.step) == 0 and local.second == local.microsecond == 0


def _preferring(before: Appointment | None, openings: list[Opening]) -> list[Opening]:
    """The openings, those with the resource that the customer knows already first."""
    return sorted(openings, key=lambda opening: before is None or opening.resource != before.resource)
