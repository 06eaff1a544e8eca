"""Being called back: a number, a time, and a yes to both; in any order, with second thoughts."""

from dataclasses import replace
from datetime import datetime

from actions.bridge import BridgeUnavailableError, CallbackTimeError
from actions.context import Context
from actions.departments import department_for
from actions.dialogues.callback_offers import CallbackOffers, CallOffered, is_one_moment
from actions.dialogues.learning import at, chosen, wished
from actions.dialogues.not_arranged import not_arranged
from actions.dialogues.questions import Questions
from actions.dialogues.turns import Outcome, Turn, is_for_others, unclear, wants_to_stop
from actions.facts import Facts
from actions.heard import Place
from actions.promises import Call
from actions.reading.calls import in_a_while
from actions.reading.choices import Page
from actions.reading.told import Listener, Told
from actions.replies import Say, Values
from scheduling.wishes import Wish, read_wish

_OWN = frozenset(
    {"request_callback", "inform", "choose", "more_openings", "affirm", "deny", "stop", "goodbye", "nlu_fallback"}
)
_AS_IN_A_BOOKING = {"callback_time": "opening", "callback_change": "change"}
"""What a booking calls the same question, so that an answer to it is read alike."""


def calling_back(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the form that arranges a call."""
    return _CallingBack(context, turn).outcome()


class _CallingBack:
    def __init__(self, context: Context, turn: Turn) -> None:
        self._context, self._turn, self._heard = context, turn, turn.heard
        self._now = context.now(turn.heard)
        self._asked = _AS_IN_A_BOOKING.get(turn.answers or "", turn.answers)

    def outcome(self) -> Outcome | None:
        turn, call = self._turn, self._turn.facts.call
        if turn.place is Place.RESUMED and call is not None:
            return self._asked_again(call)
        told = self._listen(call)
        if turn.place is Place.BEGUN or call is None:
            return self._begun(told)
        if wants_to_stop(turn, told) or (self._heard.intent == "cancel" and not told.codes):
            return self._stopped()
        return None if self._is_for_others(told) else self._answered(call, told)

    def _listen(self, call: Call | None) -> Told:
        listener = Listener(self._context.business, self._context.language)
        return listener.listen(self._heard, self._asked, call.offered if call else (), self._now)

    def _is_for_others(self, told: Told) -> bool:
        """Whether a rule should answer; "can I have Friday at 3" means the call while its time is asked for."""
        says_when = told.wish is not None and self._asked == "opening" and not told.services
        return not (says_when and self._heard.intent in {"book", "move"}) and is_for_others(self._turn, told, _OWN)

    def _begun(self, told: Told) -> Outcome:
        facts = self._turn.facts
        department = department_for(self._context.business, self._heard, facts.service, facts.department)
        wish = told.wish or self._in_a_while()
        return self._go_on(_introduced(facts, told), Call(department, self._heard.text, wish))

    def _in_a_while(self) -> Wish | None:
        said = in_a_while(self._heard.text)
        return read_wish(said, self._now, expect="time") if said else None

    def _asked_again(self, call: Call) -> Outcome:
        """After something else was answered, the form's question comes again."""
        turn = self._turn
        if turn.waits_for_yes:
            return Outcome(turn.facts, (), turn.asked)
        return self._go_on(turn.facts, call)

    def _answered(self, call: Call, told: Told) -> Outcome:
        asked, facts = self._turn.asked, _introduced(self._turn.facts, told)
        if told.change == "contact" and not told.phone:
            facts = replace(facts, phone=None)
        learned = self._learned(call, told)
        if (facts, learned) != (self._turn.facts, call):
            return self._go_on(facts, learned)
        page = Page.MORE if told.is_no and asked == "callback_time" else told.page
        if page and (call.offered or call.at):
            return self._offered(facts, self._offers(call).page(call, page))
        if asked == "callback_confirmation" and told.is_yes and call.at and facts.phone:
            return self._arranged(facts, call, call.at, facts.phone)
        return self._unsettled(facts, call, told)

    def _learned(self, call: Call, told: Told) -> Call:
        """The call after a message, its time learned as that of a booking is."""
        if told.change == "time":
            return replace(call, wish=None, offered=(), at=None)
        # Of a stretch of time more is on offer than the one that was shown by chance.
        offered = call.offered if told.wish is None or is_one_moment(told.wish) else ()
        before = Facts(wish=call.wish, offered=offered, opening=call.at)
        after = wished(chosen(before, told, self._asked), told.wish, self._asked)
        if after == before:
            return call
        return replace(call, wish=after.wish, offered=after.offered, at=after.opening)

    def _unsettled(self, facts: Facts, call: Call, told: Told) -> Outcome:
        """There is nothing new in the message, or only that something is wrong."""
        asked = self._turn.asked or "callback_time"
        if told.is_no and asked == "callback_phone":
            return Outcome(facts, (Say("say_callback_needs_phone"),), asked)
        if told.is_no and asked == "callback_confirmation" and not self._turn.person_was_offered:
            return Outcome(facts, (Say("say_ask_callback_change"),), "callback_change")
        repeated = told.phone or (told.wish and call.at) or self._heard.intent == "request_callback"
        if told.is_no or repeated:
            return self._go_on(facts, call)
        again = self._offers(call).again(call) if asked == "callback_time" else None
        return unclear(self._context, self._turn, facts, asked, again)

    def _go_on(self, facts: Facts, call: Call) -> Outcome:
        """Asks for the number, then finds a time for the wish, and reads both back."""
        if facts.phone is None:
            asking = Say("say_ask_callback_phone", {"department": self._department(call)})
            return Outcome(replace(facts, call=call), (asking,), "callback_phone")
        offers = self._offers(call)
        if call.at and not offers.is_possible(call.at):
            call = replace(call, at=None, wish=at(call.at))
        if call.at:
            return self._read_back(facts, call, call.at)
        if call.offered:
            return Outcome(replace(facts, call=call), (offers.again(call),), "callback_time")
        return self._offered(facts, offers.for_wish(call))

    def _offered(self, facts: Facts, offered: CallOffered) -> Outcome:
        if offered.say:
            return Outcome(replace(facts, call=offered.call), (offered.say,), "callback_time")
        if offered.call.at:
            return self._read_back(facts, offered.call, offered.call.at)
        never = Say("say_callback_never", {"department": self._department(offered.call)})
        return Outcome(replace(facts, call=None), (never,))

    def _read_back(self, facts: Facts, call: Call, when: datetime) -> Outcome:
        say = Say("say_ask_callback_confirmation", self._all_of(facts, call, when))
        return Outcome(replace(facts, call=call), (say,), "callback_confirmation")

    def _arranged(self, facts: Facts, call: Call, when: datetime, phone: str) -> Outcome:
        bridge, conversation_id = self._context.bridge, self._heard.conversation_id
        try:
            bridge.call_back(conversation_id, call.department, when, phone, call.note)
        except CallbackTimeError as error:
            return self._offered(facts, self._offers(call).instead(call, error.next_times))
        except BridgeUnavailableError as error:
            return not_arranged(self._context, self._turn, facts, "callback_confirmation", error)
        left = (Say("say_left_line"),) if self._heard.is_waiting else ()
        return Outcome(
            replace(facts, call=None), (Say("say_callback_arranged", self._all_of(facts, call, when)), *left)
        )

    def _stopped(self) -> Outcome:
        still = (Say("say_still_waiting"),) if self._heard.is_waiting else ()
        return Outcome(replace(self._turn.facts, call=None), (Say("say_callback_stopped"), *still))

    def _all_of(self, facts: Facts, call: Call, when: datetime) -> Values:
        phone = self._context.wording.phone(facts.phone) if facts.phone else ""
        when_said = Questions(self._context, self._now).when(when)
        return {"department": self._department(call), **when_said, "phone": phone}

    def _offers(self, call: Call) -> CallbackOffers:
        return CallbackOffers(self._context, call.department, self._now)

    def _department(self, call: Call) -> str:
        return self._context.business.departments[call.department].name


def _introduced(facts: Facts, told: Told) -> Facts:
    """The facts with who the customer is and how they can be reached, as far as the message says."""
    return replace(
        facts,
        customer_name=facts.customer_name or told.name,
        email=told.email or facts.email,
        phone=told.phone or facts.phone,
    )
