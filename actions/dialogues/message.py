"""Leaving a message: what is to be passed on, in the customer's words, and how they can be reached."""

from dataclasses import replace

from actions.bridge import BridgeUnavailableError
from actions.context import Context
from actions.departments import department_for
from actions.dialogues.not_arranged import not_arranged, say_not_arranged
from actions.dialogues.turns import SURE, Outcome, Turn, is_for_others, listen, unclear, wants_to_stop
from actions.facts import Facts
from actions.heard import Place
from actions.promises import Message
from actions.reading.notes import holds_message
from actions.reading.told import Told
from actions.replies import Say
from business.hours import is_open, next_open

_OWN = frozenset(
    {"leave_message", "inform", "choose", "affirm", "deny", "stop", "goodbye", "nlu_fallback", "out_of_scope"}
)
_OTHER_WAYS = frozenset({"request_human", "request_callback", "keep_waiting", "withdraw"})
"""What a customer may want instead of leaving a message."""
_ASIDES = frozenset({"greet", "thank", "opening_hours", "address", "what_can_you_do", "bot_challenge"})
"""What is answered rather than passed on, if that is all there is."""
_AN_ASIDE = 8  # words at most


def leaving_message(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the form that passes a message on."""
    return _LeavingMessage(context, turn).outcome()


class _LeavingMessage:
    def __init__(self, context: Context, turn: Turn) -> None:
        self._context, self._turn, self._heard = context, turn, turn.heard
        self._now = context.now(turn.heard)

    def outcome(self) -> Outcome | None:
        turn, message = self._turn, self._turn.facts.message
        if turn.place is Place.RESUMED and message is not None:
            return Outcome(turn.facts, (), turn.asked) if turn.waits_for_yes else self._go_on(turn.facts, message)
        told = listen(self._context, turn)
        facts = replace(turn.facts, email=told.email or turn.facts.email, phone=told.phone or turn.facts.phone)
        if turn.place is Place.BEGUN or message is None:
            return self._begun(facts)
        if self._wants_to_stop(told):
            return self._stopped()
        return None if self._is_for_others(told) else self._answered(facts, message, told)

    def _begun(self, facts: Facts) -> Outcome:
        department = department_for(self._context.business, self._heard, facts.service, facts.department)
        return self._go_on(facts, Message(department, self._heard.text if holds_message(self._heard.text) else ""))

    def _wants_to_stop(self, told: Told) -> bool:
        """A bare no to "what shall I pass on?" stops too."""
        says_nothing = self._turn.asked in {"message_text", "message_retry"} and told.is_no
        return says_nothing or wants_to_stop(self._turn, told)

    def _is_for_others(self, told: Told) -> bool:
        """Whether a rule should answer. Whatever else is said when the message is asked for, is the message."""
        heard = self._heard
        if self._turn.asked != "message_text" or heard.is_button:
            return is_for_others(self._turn, told, _OWN)
        if heard.intent in _OTHER_WAYS:
            return heard.confidence >= SURE
        return heard.intent in _ASIDES and heard.confidence >= SURE and len(heard.text.split()) <= _AN_ASIDE

    def _answered(self, facts: Facts, message: Message, told: Told) -> Outcome:
        match self._turn.asked:
            case "message_text" if self._heard.text:
                return self._go_on(facts, replace(message, text=self._heard.text))
            case "message_reach" if told.is_no and not self._turn.person_was_offered:
                return self._passed_on(facts, message)
            case "message_retry" if not told.is_yes:
                return Outcome(facts, (say_not_arranged(self._context),), "message_retry")
            case "message_reach" if facts.contact is None:
                return unclear(self._context, self._turn, facts, "message_reach")
            case _:
                return self._go_on(facts, message)

    def _go_on(self, facts: Facts, message: Message) -> Outcome:
        """Asks for the message, then for an address or a number unless one is known, and passes it on."""
        facts = replace(facts, message=message)
        if not message.text:
            return Outcome(facts, (Say("say_ask_message_text", {"department": self._name(message)}),), "message_text")
        if facts.contact is None:
            return Outcome(facts, (Say("say_ask_message_reach"),), "message_reach")
        return self._passed_on(facts, message)

    def _passed_on(self, facts: Facts, message: Message) -> Outcome:
        bridge, conversation_id = self._context.bridge, self._heard.conversation_id
        try:
            bridge.leave_message(conversation_id, message.department, message.text, facts.phone, facts.email)
        except BridgeUnavailableError as error:
            return not_arranged(self._context, self._turn, facts, "message_retry", error)
        return Outcome(replace(facts, message=None), self._done(facts, message))

    def _done(self, facts: Facts, message: Message) -> tuple[Say, ...]:
        says = [self._said_on(facts, message)]
        opens = next_open(self._context.business, self._now, department=message.department)
        if opens and not is_open(self._context.business, self._now, department=message.department):
            wording = self._context.wording
            when = {"day": wording.day(opens, self._now), "time": wording.time(opens)}
            says.append(Say("say_message_back", {"department": self._name(message), **when}))
        if self._heard.is_waiting:
            says.append(Say("say_left_line"))
        return tuple(says)

    def _said_on(self, facts: Facts, message: Message) -> Say:
        named = {"department": self._name(message)}
        if facts.contact is None:
            return Say("say_message_left_here", named)
        phone = self._context.wording.phone(facts.phone) if facts.phone else None
        return Say("say_message_left", {**named, "contact": ", ".join(filter(None, (facts.email, phone)))})

    def _stopped(self) -> Outcome:
        still = (Say("say_still_waiting"),) if self._heard.is_waiting else ()
        return Outcome(replace(self._turn.facts, message=None), (Say("say_message_stopped"), *still))

    def _name(self, message: Message) -> str:
        return self._context.business.departments[message.department].name
