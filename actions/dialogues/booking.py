"""Booking: service, wish, opening, name, contact, and a yes to all of it; in any order, with second thoughts."""

from dataclasses import replace
from datetime import datetime

from actions.context import Context
from actions.dialogues.learning import at, learned, missing
from actions.dialogues.offering import Offered, Offering
from actions.dialogues.questions import Questions
from actions.dialogues.turns import Outcome, Turn, is_for_others, listen, unclear, wants_to_stop
from actions.facts import Facts
from actions.heard import Place
from actions.reading.choices import Page
from actions.reading.told import Told
from actions.replies import Say
from scheduling.errors import AlreadyBookedError, NotBookableError, NothingHeldError, OpeningTakenError
from scheduling.model import Appointment, Customer

_OWN = frozenset({"book", "inform", "choose", "more_openings", "affirm", "deny", "stop", "goodbye", "nlu_fallback"})


def booking(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the booking form."""
    return _Booking(context, turn).outcome()


class _Booking:
    def __init__(self, context: Context, turn: Turn) -> None:
        self._context, self._turn, self._heard = context, turn, turn.heard
        self._now = context.now(turn.heard)
        self._questions = Questions(context, self._now)

    def outcome(self) -> Outcome | None:
        turn = self._turn
        if turn.place is Place.RESUMED:
            return self._asked_again()
        told = listen(self._context, turn)
        if turn.place is Place.BEGUN:
            return self._go_on(learned(turn.facts, told, None), self._one_at_a_time(told))
        if wants_to_stop(turn, told) or self._takes_back(told):
            return self._stopped()
        return None if self._is_for_others(told) else self._answered(told)

    def _takes_back(self, told: Told) -> bool:
        """To cancel, in the middle of a booking, means this booking, unless there is another."""
        return self._heard.intent == "cancel" and not self._has_another(told)

    def _is_for_others(self, told: Told) -> bool:
        means_this = self._heard.intent == "move" and (told.wish or not self._has_another(told))
        return not means_this and is_for_others(self._turn, told, _OWN)

    def _has_another(self, told: Told) -> bool:
        return bool(told.codes or self._turn.facts.appointment_code)

    def _answered(self, told: Told) -> Outcome:
        asked, facts = self._turn.asked, learned(self._turn.facts, told, self._turn.asked)
        if facts != self._turn.facts:
            return self._go_on(facts, self._one_at_a_time(told))
        declined = told.is_no and asked == "opening" and not self._turn.person_was_offered
        page = Page.MORE if declined else told.page
        if page and (facts.offered or facts.opening):
            return self._offered(self._offering(facts).page(facts, page))
        if asked == "confirmation" and told.is_yes:
            return self._booked(facts)
        if self._has_nothing_new(told):
            return self._go_on(facts)
        if asked == "confirmation" and told.is_no:
            return Outcome(facts, (Say("say_ask_change"),), "change")
        return self._unclear(facts)

    def _has_nothing_new(self, told: Told) -> bool:
        """Whether the customer only wants to go on: "back to booking", what is known already, or a no to an offer of
        something else."""
        declined = told.is_no and (self._turn.person_was_offered or self._turn.asked == "change")
        repeated = told.email or told.phone or told.services or (told.wish and self._turn.facts.opening)
        return bool(declined or repeated or self._heard.intent in {"book", "move"})

    def _go_on(self, facts: Facts, says: tuple[Say, ...] = ()) -> Outcome:
        """Offers openings as soon as there is a wish, keeps the chosen one, and asks for what is missing."""
        if facts.service not in self._context.business.services:
            return self._asking(replace(facts, service=None), says)
        if facts.opening is None and facts.wish is not None:
            offered = self._offering(facts).for_wish(facts)
            if offered.picked is None:
                return self._offered(offered, says)
            facts = replace(offered.facts, opening=offered.picked)
        return self._kept(facts, facts.opening, says) if facts.opening else self._asking(facts, says)

    def _kept(self, facts: Facts, opening: datetime, says: tuple[Say, ...]) -> Outcome:
        """Makes sure that the chosen opening is held, and says so when it has just been chosen."""
        try:
            self._hold(facts, opening)
        except OpeningTakenError as error:
            return self._offered(self._offering(facts).taken(facts, error.offer), says)
        except NotBookableError:
            return self._not_bookable(facts, opening)
        if opening != self._turn.facts.opening:
            minutes = self._context.business.booking.hold_minutes
            says = (*says, Say("say_opening_kept", {**self._questions.when(opening), "minutes": minutes}))
        return self._asking(replace(facts, offered=()), says)

    def _hold(self, facts: Facts, opening: datetime) -> None:
        calendar, heard = self._context.calendar, self._heard
        held = calendar.held(heard.conversation_id)
        if held is None or (held.service, held.start) != (facts.service, opening):
            service = facts.service or ""
            calendar.hold(service, opening, conversation_id=heard.conversation_id, request_key=heard.key("hold"))

    def _booked(self, facts: Facts) -> Outcome:
        try:
            booked = self._book(facts)
        except OpeningTakenError as error:
            return self._offered(self._offering(facts).taken(facts, error.offer))
        except NotBookableError:
            return self._not_bookable(facts, facts.opening)
        except AlreadyBookedError:
            return Outcome(facts.without_time(), (Say("say_already_booked"),), "wish")
        done = replace(facts.without_booking(), appointment_code=booked.code)
        return Outcome(done, (Say("say_booked", self._questions.appointment(booked)),))

    def _book(self, facts: Facts) -> Appointment:
        calendar, heard = self._context.calendar, self._heard
        customer = Customer(facts.customer_name, facts.email, facts.phone)
        try:
            return calendar.book(heard.conversation_id, customer, request_key=heard.key("book"))
        except NothingHeldError:
            if facts.opening is None:
                raise
            self._hold(facts, facts.opening)
            return calendar.book(heard.conversation_id, customer, request_key=heard.key("book"))

    def _not_bookable(self, facts: Facts, opening: datetime | None) -> Outcome:
        """The chosen time has come too near, or the business has changed its hours: what is nearest to it instead."""
        wish = at(opening) if opening else facts.wish
        return self._offered(self._offering(facts).for_wish(replace(facts, wish=wish, opening=None)))

    def _offered(self, offered: Offered, says: tuple[Say, ...] = ()) -> Outcome:
        return Outcome(offered.facts, (*says, offered.say), missing(offered.facts))

    def _asking(self, facts: Facts, says: tuple[Say, ...]) -> Outcome:
        asks = missing(facts)
        return Outcome(facts, (*says, self._questions.booking(asks, facts)), asks)

    def _asked_again(self) -> Outcome:
        """After something else was answered, the form's question comes again."""
        turn = self._turn
        if turn.waits_for_yes:
            return Outcome(turn.facts, (), turn.asked)
        if turn.asked == "change":
            return Outcome(turn.facts, (Say("say_ask_change"),), "change")
        return self._asking(turn.facts, ())

    def _stopped(self) -> Outcome:
        self._context.calendar.release(self._heard.conversation_id)
        return Outcome(self._turn.facts.without_booking(), (Say("say_stopped"),))

    def _unclear(self, facts: Facts) -> Outcome:
        asked = self._turn.asked or missing(facts)
        lists = asked in {"service", "opening"}
        return unclear(
            self._context, self._turn, facts, asked, self._questions.booking(asked, facts) if lists else None
        )

    def _one_at_a_time(self, told: Told) -> tuple[Say, ...]:
        if len(told.services) < 2:
            return ()
        return (Say("say_one_at_a_time", {"service": self._questions.name(told.services[0])}),)

    def _offering(self, facts: Facts) -> Offering:
        """What the customer holds themselves is in nobody's way: another choice takes its place."""
        held = self._context.calendar.held(self._heard.conversation_id)
        return Offering(self._context, facts.service or "", self._now, ignoring=held.id if held else None)
