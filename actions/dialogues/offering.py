"""Finds openings for a wish and puts them into a message."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from actions.context import Context
from actions.facts import Facts
from actions.reading.choices import Page
from actions.replies import Button, Line, Say
from business.hours import open_ranges
from business.wording import Wording
from scheduling.model import Offer
from scheduling.wishes import Wish


@dataclass(frozen=True)
class Offered:
    """`facts` with what is now on offer, and the message that says it. `picked` is the one opening that is just what
    was asked for: then nothing needs to be said."""

    facts: Facts
    say: Say
    picked: datetime | None = None


class Offering:
    """Openings of one service at one moment; the appointment or hold `ignoring` takes up nothing, as it is to move."""

    def __init__(self, context: Context, service: str, now: datetime, ignoring: int | None = None) -> None:
        self._context, self._service, self._now, self._ignoring = context, service, now, ignoring
        self._name = context.business.services[service].name

    def for_wish(self, facts: Facts) -> Offered:
        """What fits the wish, or the nearest to it with the reason why."""
        wish = facts.wish or Wish()
        offer = self._context.calendar.offer(self._service, wish, ignoring=self._ignoring)
        if not offer.openings:
            return Offered(facts.without_time(), Say("say_no_openings", {"service": self._name}))
        starts = tuple(opening.start for opening in offer.openings)
        picked = starts[0] if offer.exact and len(starts) == 1 and is_one_time(wish) else None
        return Offered(
            replace(facts, offered=starts), self._shown(self._reason(offer, wish), offer, one_day(wish)), picked
        )

    def page(self, facts: Facts, page: Page) -> Offered:
        """Others than those on offer; the same again if there are none that way."""
        wish = facts.wish or Wish()
        around = facts.offered or ((facts.opening,) if facts.opening else ())
        if not around:
            return self.for_wish(facts)
        offer, wish = self._beyond(wish, around, page)
        if not offer.openings:
            return Offered(facts, self.again(facts.offered, "say_offer_no_more"))
        starts = tuple(opening.start for opening in offer.openings)
        if not offer.exact and page is not Page.EARLIER:
            wish = _from_day(starts[0].date())
        return Offered(replace(facts, wish=wish, opening=None, offered=starts), self._shown("say_offer", offer))

    def taken(self, facts: Facts, offer: Offer) -> Offered:
        """The nearest to an opening that somebody else has just taken."""
        if not offer.openings:
            return Offered(facts.without_time(), Say("say_no_openings", {"service": self._name}))
        offered = replace(facts, opening=None, offered=tuple(opening.start for opening in offer.openings))
        return Offered(offered, self._shown("say_offer_taken", offer))

    def again(self, starts: Sequence[datetime], response: str = "say_offer_again") -> Say:
        """What is on offer, once more."""
        wording = self._context.wording
        buttons = time_buttons(wording, starts, has_more=True)
        return Say(response, {"service": self._name}, time_lines(wording, starts), buttons)

    def _beyond(self, wish: Wish, around: Sequence[datetime], page: Page) -> tuple[Offer, Wish]:
        first, last = min(around), max(around)
        offer = self._context.calendar.offer
        if page is Page.EARLIER:
            wish = any_time_of(wish)
            return offer(self._service, wish, before=first, ignoring=self._ignoring), wish
        if page is Page.OTHER_DAY:
            wish = any_day_of(wish)
            return offer(self._service, wish, after=end_of_day(last), ignoring=self._ignoring), wish
        found = offer(self._service, wish, after=last, ignoring=self._ignoring)
        if page is Page.MORE and found.exact:
            return found, wish
        wish = any_time_of(wish)
        return offer(self._service, wish, after=last, ignoring=self._ignoring), wish

    def _reason(self, offer: Offer, wish: Wish) -> str:
        if offer.exact:
            return "say_offer"
        day = one_day(wish)
        if day and day < self._now.date():
            return "say_offer_past"
        return self._closed(day) if day else "say_offer_nearest"

    def _closed(self, day: date) -> str:
        business = self._context.business
        if not open_ranges(business, day):
            return "say_offer_closed"
        department = business.services[self._service].department
        return "say_offer_nearest" if open_ranges(business, day, department=department) else "say_offer_not_that_day"

    def _shown(self, response: str, offer: Offer, day: date | None = None) -> Say:
        starts = [opening.start for opening in offer.openings]
        values = {"service": self._name}
        if day:
            values["day"] = self._context.wording.day(day, self._now)
        wording = self._context.wording
        buttons = time_buttons(wording, starts, has_more=offer.has_more)
        return Say(response, values, time_lines(wording, starts), buttons)


def time_lines(wording: Wording, starts: Sequence[datetime]) -> tuple[Line, ...]:
    """Times to choose from, numbered."""
    return tuple(
        Line("say_opening_line", {"number": n, "day": wording.short_day(start), "time": wording.time(start)})
        for n, start in enumerate(starts, 1)
    )


def time_buttons(wording: Wording, starts: Sequence[datetime], *, has_more: bool) -> tuple[Button, ...]:
    """The same times as buttons, and one for others."""
    numbered = tuple(
        Button(f'/choose{{"number": "{n}"}}', title=f"{wording.short_day(start)}, {wording.time(start)}")
        for n, start in enumerate(starts, 1)
    )
    return (*numbered, Button("/more_openings", response="say_more_button")) if has_more else numbered


def is_one_time(wish: Wish) -> bool:
    """Whether the wish names one day and one time and nothing else."""
    has_range = wish.end_date or wish.end_time or wish.date_open or wish.time_open or wish.alternatives
    return bool(wish.start_date and wish.start_time and not has_range)


def one_day(wish: Wish) -> date | None:
    """The day, if the wish names a single one."""
    has_others = wish.end_date or wish.date_open or wish.alternatives
    return None if has_others else wish.start_date


def any_time_of(wish: Wish) -> Wish:
    """The wish without its times of day."""
    options = (replace(option, start_time=None, end_time=None, part=None, time_open=None) for option in wish.options)
    return Wish.of(options, wish.exclusions)


def any_day_of(wish: Wish) -> Wish:
    """The wish without its days."""
    options = (replace(option, start_date=None, end_date=None, date_open=None) for option in wish.options)
    return Wish.of(options, wish.exclusions)


def _from_day(day: date) -> Wish:
    """What remains of a wish whose days the customer has paged beyond."""
    return Wish(start_date=day, date_open="after")


def end_of_day(start: datetime) -> datetime:
    """The last moment of the day of `start`."""
    return datetime.combine(start.date() + timedelta(days=1), time(), start.tzinfo) - timedelta(microseconds=1)
