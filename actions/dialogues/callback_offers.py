"""Finds the times for a wish at which a department can call, and puts them into a message."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import groupby

from actions.context import Context
from actions.dialogues.offering import any_day_of, any_time_of, end_of_day, one_day, time_buttons, time_lines
from actions.promises import Call
from actions.reading.choices import Page
from actions.replies import Say, Values
from business.callback_times import callback_times, earliest_call, is_callback_time, latest_call
from business.hours import open_ranges
from scheduling.offers import fitting, last_fitting, nearest
from scheduling.wishes import Wish

_ANY_TIME = Wish()
_TOO_SOON = "say_callback_too_soon"


@dataclass(frozen=True)
class CallOffered:
    """`call` with what is now on offer, and the message that says it; nothing is on offer when there is no time at all.
    When just one time was asked for and it is possible, it is chosen and nothing needs to be said."""

    call: Call
    say: Say | None


class CallbackOffers:
    """The times of one department at one moment, `now`, in the business's zone."""

    def __init__(self, context: Context, department: str, now: datetime) -> None:
        self._context, self._business = context, context.business
        self._department, self._now = department, now
        self._most = context.business.booking.offer
        self._days = [list(day) for _, day in groupby(callback_times(self._business, department, now), datetime.date)]

    def is_possible(self, at: datetime) -> bool:
        """Whether a time that the customer has chosen is still good."""
        return is_callback_time(self._business, self._department, at, self._now, was_offered=True)

    def for_wish(self, call: Call) -> CallOffered:
        """What fits the wish, or the nearest to it with the reason why; without a wish, the next days' times."""
        wish = call.wish
        if not self._days:
            return CallOffered(replace(call, offered=()), None)
        if wish is None:
            return self._offering(call, self._next(), "say_ask_callback_time")
        if (at := self._exactly(wish)) is not None:
            return CallOffered(replace(call, at=at, offered=()), None)
        starts = fitting(self._days, wish, self._most, bounded=wish.window(self._now)[1] is not None).starts
        if starts:
            return self._offering(call, starts, "say_callback_offer")
        reason = self._reason(wish)
        starts = self._next() if reason == _TOO_SOON else nearest(self._days, wish, self._most).starts
        return self._offering(call, starts, reason, one_day(wish))

    def page(self, call: Call, page: Page) -> CallOffered:
        """Others than those on offer; the same again if there are none that way."""
        around = call.offered or ((call.at,) if call.at else ())
        if not around:
            return self.for_wish(call)
        starts = self._beyond(call.wish or _ANY_TIME, around, page)
        if not starts:
            return self._offering(call, around, "say_callback_no_more")
        return self._offering(replace(call, at=None), starts, "say_callback_offer")

    def instead(self, call: Call, starts: Sequence[datetime]) -> CallOffered:
        """What the bridge offers for a time that it refuses."""
        return self._offering(replace(call, at=None, wish=None), starts, "say_callback_not_then")

    def again(self, call: Call) -> Say:
        """What is on offer, once more."""
        return self._say("say_callback_offer_again", call.offered)

    def _exactly(self, wish: Wish) -> datetime | None:
        """The one time that was asked for, on its day or the first day it is possible, or the very first of all."""
        if wish.earliest and not wish.names_a_date and not wish.names_a_time:
            return self._days[0][0]
        if not is_one_moment(wish) or wish.start_time is None:
            return None
        for day in [wish.start_date] if wish.start_date else [day[0].date() for day in self._days]:
            at = datetime.combine(day, wish.start_time, self._business.zone)
            if wish.admits(at) and is_callback_time(self._business, self._department, at, self._now):
                return at
        return None

    def _next(self) -> tuple[datetime, ...]:
        """The first of all, and a few more of the days after it."""
        return fitting(self._days, _ANY_TIME, self._most, bounded=False).starts

    def _beyond(self, wish: Wish, around: Sequence[datetime], page: Page) -> tuple[datetime, ...]:
        if page is Page.EARLIER:
            return last_fitting(self._between(None, min(around)), any_time_of(wish), self._most).starts
        if page is Page.OTHER_DAY:
            after, wishes = end_of_day(max(around)), [any_day_of(wish), _ANY_TIME]
        else:
            after, wishes = max(around), [wish, any_time_of(wish), _ANY_TIME]
        found = (fitting(self._between(after, None), each, self._most, bounded=False).starts for each in wishes)
        return next(filter(None, found), ())

    def _between(self, after: datetime | None, before: datetime | None) -> list[list[datetime]]:
        return [
            [at for at in day if (after is None or at > after) and (before is None or at < before)]
            for day in self._days
        ]

    def _reason(self, wish: Wish) -> str:
        """Why nothing fits: the time is over or too near, too far ahead, or the department is not there then."""
        day = one_day(wish)
        if day is None:
            return "say_callback_closed"
        first, last = self._moments(day, wish)
        if last < earliest_call(self._business, self._now):
            return _TOO_SOON
        if first > latest_call(self._business, self._now):
            return "say_callback_too_far"
        is_shut = not open_ranges(self._business, day, department=self._department)
        return "say_callback_closed_day" if is_shut else "say_callback_closed"

    def _moments(self, day: date, wish: Wish) -> tuple[datetime, datetime]:
        """The first and the last moment that was wished for on a day: one and the same if a time was named."""
        if wish.start_time and not (wish.end_time or wish.time_open):
            at = datetime.combine(day, wish.start_time, self._business.zone)
            return at, at
        midnight = datetime.combine(day, time(), self._business.zone)
        return midnight, end_of_day(midnight)

    def _offering(self, call: Call, starts: Sequence[datetime], response: str, day: date | None = None) -> CallOffered:
        return CallOffered(replace(call, offered=tuple(starts)), self._say(response, starts, day))

    def _say(self, response: str, starts: Sequence[datetime], day: date | None = None) -> Say:
        wording = self._context.wording
        values: Values = {
            "department": self._business.departments[self._department].name,
            "days": self._business.handoff.callbacks.horizon,
            "day": wording.day(day, self._now) if day else "",
        }
        return Say(response, values, time_lines(wording, starts), time_buttons(wording, starts, has_more=True))


def is_one_moment(wish: Wish) -> bool:
    """Whether the wish names one time of day, on one day or on whichever comes first."""
    has_others = wish.alternatives or wish.end_date or wish.end_time or wish.date_open or wish.time_open
    return bool(wish.start_time) and not has_others
