"""Answers that stand in business.yml: opening hours, address, what can be booked."""

from collections.abc import Iterator
from datetime import date, timedelta

from rasa_sdk.interfaces import Tracker

from actions.base import DeskAction, Reply
from actions.context import Context, in_thread
from actions.dialogues.questions import service_lines
from actions.heard import heard_in
from actions.replies import Line, Say
from business.hours import exception_on, open_ranges
from business.model import WEEKDAYS
from scheduling.wishes import Wish, read_wish

_EXCEPTIONS_AHEAD = timedelta(days=14)


class AboutBusiness(DeskAction):
    """An action with access to the business."""

    def __init__(self, context: Context) -> None:
        self._context = context


class WhatCanYouDo(AboutBusiness):
    def name(self) -> str:
        return "action_what_can_you_do"

    async def reply(self, _tracker: Tracker) -> Reply:
        return Reply((Say("say_what_can_you_do", lines=service_lines(self._context)),))


class Address(AboutBusiness):
    def name(self) -> str:
        return "action_address"

    async def reply(self, _tracker: Tracker) -> Reply:
        contact = self._context.business.contact
        values = {"address": contact.address, "phone": contact.phone, "email": contact.email}
        website = (Say("say_website", {"website": contact.website}),) if contact.website else ()
        return Reply((Say("say_address", values), *website))


class OpeningHours(AboutBusiness):
    def name(self) -> str:
        return "action_opening_hours"

    async def reply(self, tracker: Tracker) -> Reply:
        heard = heard_in(tracker.sender_id, tracker.latest_message, tracker.events)
        now = self._context.now(heard)
        wish = await in_thread(lambda: read_wish(heard.text, now)) if heard.text else None
        days = _days(wish) if wish else []
        return Reply(tuple(map(self._on, days)) or (self._weekly(now.date()),))

    def _on(self, day: date) -> Say:
        ranges = open_ranges(self._context.business, day)
        wording = self._context.wording
        values = {"day": wording.day(day), "hours": wording.ranges(ranges)}
        return Say("say_open_on" if ranges else "say_closed_on", values)

    def _weekly(self, today: date) -> Say:
        return Say("say_opening_hours", lines=(*self._week(), *self._exceptions(today)))

    def _week(self) -> Iterator[Line]:
        """A line for each stretch of weekdays that share their hours."""
        hours = [self._context.business.hours.get(day, ()) for day in WEEKDAYS]
        first = 0
        for day in range(1, 8):
            if day == 7 or hours[day] != hours[first]:
                yield self._days_line(first, day - 1)
                first = day

    def _days_line(self, first: int, last: int) -> Line:
        wording, business = self._context.wording, self._context.business
        monday = date(2024, 1, 1)  # any week will do
        spans = business.hours.get(WEEKDAYS[first], ())
        ranges = [span.on(monday + timedelta(days=first), business.zone) for span in spans]
        values = {"days": wording.weekdays(first, last), "hours": wording.ranges(ranges)}
        return Line("say_hours_line" if ranges else "say_hours_closed_line", values)

    def _exceptions(self, today: date) -> Iterator[Line]:
        business, wording = self._context.business, self._context.wording
        for ahead in range(_EXCEPTIONS_AHEAD.days + 1):
            if exception := exception_on(business, today + timedelta(days=ahead)):
                ranges = open_ranges(business, exception.date)
                values = {"day": wording.day(exception.date), "occasion": exception.name}
                response = "say_hours_exception_line" if ranges else "say_hours_exception_closed_line"
                yield Line(response, {**values, "hours": wording.ranges(ranges)})


def _days(wish: Wish) -> list[date]:
    """The single days that were asked about."""
    return [option.start_date for option in wish.options if option.start_date and option.end_date is None][:3]
