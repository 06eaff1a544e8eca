"""Actions that keep a conversation going when no form does: a new session, a stray answer, nothing understood."""

import structlog
from rasa_sdk.events import ActionExecuted, FollowupAction, SessionStarted, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import DeskAction, Reply
from actions.context import Context, in_thread
from actions.dialogues.turns import Turn, listen
from actions.facts import CARRIED, Facts
from actions.forms import turn_of
from actions.heard import OFFERS_A_PERSON, heard_in, said_this_turn
from actions.people import Withdraw
from actions.reading.calls import asks_for_call
from actions.reading.told import Told
from actions.replies import Say

log = structlog.get_logger()

LISTEN = FollowupAction("action_listen")
"""Ends the turn of an action that another action called: no rule says that a turn ends there."""

_BEYOND_DOUBT = 0.85
"""The confidence from which a message is out of scope whatever it mentions."""


class SessionStart(DeskAction):
    """Begins a session with what is still known about the customer, and says nothing."""

    def name(self) -> str:
        return "action_session_start"

    async def reply(self, tracker: Tracker) -> Reply:
        known = ((name, tracker.get_slot(name)) for name in CARRIED)
        carried = (SlotSet(name, value) for name, value in known if value is not None)
        return Reply(events=(SessionStarted(), *carried, ActionExecuted("action_listen")))


class Fallback(DeskAction):
    """Nothing was understood for sure: takes up what is plain in the message, or asks to say it differently, as often
    as the business wants, and then offers a person."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_fallback"

    async def reply(self, tracker: Tracker) -> Reply:
        # Rasa also comes here when no rule says what follows; then the customer has their answer already.
        if said_this_turn(tracker.events):
            return Reply(events=(LISTEN,))
        turn, told = await _listened(self._context, tracker)
        if told.codes:
            return Reply(events=(FollowupAction("find_form"),))
        if asks_for_call(turn.heard.text):
            return Reply(events=(FollowupAction("callback_form"),))
        if told.services and (told.wish or told.email or told.phone):
            return Reply(events=(FollowupAction("booking_form"),))
        used_up = turn.misunderstood >= self._context.business.handoff.rephrase
        return Reply((Say("say_offer_person" if used_up else "say_rephrase"),), (LISTEN,))


class OutOfScope(DeskAction):
    """Says that a colleague may be able to help, unless a service and a time are plain and the rest is not."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_out_of_scope"

    async def reply(self, tracker: Tracker) -> Reply:
        turn, told = await _listened(self._context, tracker)
        if turn.heard.value("service") and told.wish and turn.heard.confidence < _BEYOND_DOUBT:
            return Reply(events=(FollowupAction("booking_form"),))
        return Reply((Say("say_out_of_scope"),))


class TakeUp(DeskAction):
    """A yes, a time, a name, when nothing was asked: it is taken up where it leads on from what was said."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_take_up"

    async def reply(self, tracker: Tracker) -> Reply:
        turn, told = await _listened(self._context, tracker)
        return Reply(events=(FollowupAction(_way_on(turn, told)),))


class HowToHelp(DeskAction):
    """Says what there is to choose from."""

    def name(self) -> str:
        return "action_how_to_help"

    async def reply(self, _tracker: Tracker) -> Reply:
        return Reply((Say("say_how_to_help"),), (LISTEN,))


class Stop(DeskAction):
    """Gives up what is half-way: waiting in line for a person, or else a booking that was left for something else."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_stop"

    async def reply(self, tracker: Tracker) -> Reply:
        if heard_in(tracker.sender_id, tracker.latest_message, tracker.events).is_waiting:
            return await Withdraw(self._context).reply(tracker)
        facts = Facts.of(tracker.slots)
        try:
            await in_thread(lambda: self._context.calendar.release(tracker.sender_id))
        except Exception:
            # The edge: a hold that stays runs out by itself.
            log.exception("A hold cannot be let go.", action=self.name(), conversation_id=tracker.sender_id)
        changes = facts.without_booking().changes(facts)
        say = Say("say_stopped" if facts.service else "say_stopped_unchanged")
        return Reply((say,), tuple(SlotSet(name, value) for name, value in changes.items()))


async def _listened(context: Context, tracker: Tracker) -> tuple[Turn, Told]:
    turn = turn_of("", tracker)
    return turn, await in_thread(lambda: listen(context, turn))


def _way_on(turn: Turn, told: Told) -> str:
    if told.is_yes and turn.said_before & OFFERS_A_PERSON:
        return "action_request_handoff"
    if told.codes:
        return "find_form"
    if asks_for_call(turn.heard.text):
        return "callback_form"
    if turn.facts.service or told.services or told.wish:
        return "booking_form"
    return "action_how_to_help" if told.is_yes else "action_fallback"
