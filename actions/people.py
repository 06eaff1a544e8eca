"""Asking for a person, waiting on, and not wanting to wait any more. The bridge decides who speaks; Rasa is not paused
here."""

import structlog
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import DeskAction, Reply
from actions.bridge import Availability, BridgeUnavailableError, Line
from actions.context import Context
from actions.departments import department_for
from actions.heard import Heard, heard_in, said_last_turn
from actions.replies import Say

log = structlog.get_logger()

_COMPLAINT, _MISUNDERSTOOD, _ASKED = "complaint", "not_understood", "asked"
_WITHOUT_A_FORM = (ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen"))
"""Without a form nothing that is said to a person can be taken for an answer to the form."""


class RequestHandoff(DeskAction):
    """Puts the conversation in line for a person and lets go of any form; what is known stays in the slots."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_request_handoff"

    async def reply(self, tracker: Tracker) -> Reply:
        return await self.asked(tracker)

    async def asked(self, tracker: Tracker, known: str | None = None) -> Reply:
        """The reply; `known` is the department that is meant if the customer does not say."""
        heard = heard_in(tracker.sender_id, tracker.latest_message, tracker.events)
        department = department_for(self._context.business, heard, tracker.get_slot("service"), known)
        say = await self._requested(heard, department, _reason(said_last_turn(tracker.events)))
        return Reply((say,), (SlotSet("department", department), *_WITHOUT_A_FORM))

    async def _requested(self, heard: Heard, department: str, reason: str) -> Say:
        urgency = "high" if reason == _COMPLAINT else "normal"
        try:
            line = await self._context.bridge.request_handoff(heard.conversation_id, department, reason, urgency)
        except BridgeUnavailableError as error:
            _not_reached(self.name(), heard, error)
            contact = self._context.business.contact
            return Say("say_handoff_failed", {"phone": contact.phone, "email": contact.email})
        return self._answer(line, department, await self._availability(department))

    async def _availability(self, department: str) -> Availability | None:
        """Only for the wording: the request is made already."""
        try:
            return await self._context.bridge.availability(department)
        except BridgeUnavailableError:
            return None

    def _answer(self, line: Line, department: str, availability: Availability | None) -> Say:
        named = {"department": self._context.business.departments[department].name}
        if line.assigned_to:
            return Say("say_handoff_taken", {"agent": line.assigned_to})
        if availability and not availability.is_open:
            return self._closed(named, availability)
        if availability and not availability.agents_online:
            return Say("say_handoff_nobody", named)
        if line.position and self._is_too_long(line):
            return Say("say_handoff_long", {**named, "position": line.position})
        if line.position:
            return Say("say_handoff_position", {**named, "position": line.position})
        return Say("say_handoff_requested", named)

    def _is_too_long(self, line: Line) -> bool:
        """Whether the wait would surely end before anybody comes."""
        return line.wait_low is not None and line.wait_low >= self._context.business.handoff.waiting_minutes * 60

    def _closed(self, named: dict[str, str], availability: Availability) -> Say:
        if availability.next_open is None:
            return Say("say_handoff_away", named)
        wording, opens = self._context.wording, availability.next_open
        return Say("say_handoff_closed", {**named, "day": wording.day(opens), "time": wording.time(opens)})


class KeepWaiting(DeskAction):
    """The customer would rather wait than be called or leave a message; whoever is in no line is put in line."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_keep_waiting"

    async def reply(self, tracker: Tracker) -> Reply:
        if heard_in(tracker.sender_id, tracker.latest_message, tracker.events).is_waiting:
            return Reply((Say("say_keep_waiting"),), _WITHOUT_A_FORM)
        return await RequestHandoff(self._context).asked(tracker, tracker.get_slot("department"))


class Withdraw(DeskAction):
    """The customer would rather go on with the assistant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def name(self) -> str:
        return "action_withdraw"

    async def reply(self, tracker: Tracker) -> Reply:
        heard = heard_in(tracker.sender_id, tracker.latest_message, tracker.events)
        try:
            await self._context.bridge.withdraw(heard.conversation_id)
        except BridgeUnavailableError as error:
            _not_reached(self.name(), heard, error)
            return Reply((Say("say_withdraw_failed"),))
        return Reply((Say("say_withdrawn"),))


def _reason(said: set[str]) -> str:
    if "utter_complaint" in said:
        return _COMPLAINT
    return _MISUNDERSTOOD if "say_offer_person" in said else _ASKED


def _not_reached(action: str, heard: Heard, error: Exception) -> None:
    log.warning(
        "The bridge does not answer.", action=action, conversation_id=heard.conversation_id, error=type(error).__name__
    )
