"""Cancelling an appointment: find it, read it back, cancel it after a yes."""

from dataclasses import replace

from actions.context import Context
from actions.dialogues.finding import SHARED, asked_again, identify, stopped
from actions.dialogues.questions import Questions
from actions.dialogues.turns import Outcome, Turn, is_for_others, listen, unclear, wants_to_stop
from actions.heard import Place
from actions.reading.told import Told
from actions.replies import Say
from scheduling.errors import AppointmentNotFoundError, AppointmentOverError, NoticeTooShortError
from scheduling.model import Appointment, Status

_OWN = SHARED | {"cancel"}


def cancelling(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the form that cancels."""
    if turn.place is Place.RESUMED and (turn.asked != "cancel" or turn.waits_for_yes):
        return asked_again(context, turn)
    told = listen(context, turn)
    if turn.place is Place.ANSWER and wants_to_stop(turn, told):
        return stopped(turn)
    if turn.place is Place.ANSWER and is_for_others(turn, told, _OWN):
        return None
    known = identify(context, turn, told)
    return known if isinstance(known, Outcome) else _about(context, turn, told, known)


def _about(context: Context, turn: Turn, told: Told, known: Appointment) -> Outcome:
    if known.status is Status.CANCELLED:
        return Outcome(turn.facts, (Say("say_found_cancelled"),))
    facts = replace(turn.facts, appointment_code=known.code)
    values = Questions(context, context.now(turn.heard)).appointment(known)
    if turn.answers != "cancel" or told.codes or turn.person_was_offered:
        return Outcome(facts, (Say("say_ask_cancel", values),), "cancel")
    if told.is_no:
        return Outcome(facts, (Say("say_kept"),))
    if not told.is_yes:
        return unclear(context, turn, facts, "cancel")
    if refused := _cancel(context, turn, known):
        return Outcome(facts, (refused,))
    return Outcome(replace(facts, appointment_code=None), (Say("say_cancelled", values),))


def _cancel(context: Context, turn: Turn, known: Appointment) -> Say | None:
    """Why it stays; None when it is cancelled."""
    heard = turn.heard
    try:
        context.calendar.cancel(known.id, conversation_id=heard.conversation_id, request_key=heard.key("cancel"))
    except (AppointmentOverError, AppointmentNotFoundError):
        return Say("say_appointment_over")
    except NoticeTooShortError as error:
        return Say("say_too_late", {"hours": error.hours})
    return None
