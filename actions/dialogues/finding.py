"""Finding the appointment a customer speaks of: by its code, or because this conversation booked it."""

from collections.abc import Sequence
from dataclasses import replace

from actions.context import Context
from actions.dialogues.questions import Questions
from actions.dialogues.turns import Outcome, Turn, is_for_others, listen, unclear, wants_to_stop
from actions.heard import Place
from actions.reading.choices import read_choice
from actions.reading.codes import looks_like_code
from actions.reading.told import Told
from actions.replies import Button, Line, Say
from scheduling.errors import AppointmentNotFoundError, TooManyTriesError
from scheduling.model import Appointment, Status

SHARED = frozenset({"inform", "choose", "affirm", "deny", "stop", "goodbye", "nlu_fallback"})
"""Intents that every form about an appointment takes for itself."""


def finding(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the form that looks an appointment up: it shows all there are, or asks for a code."""
    if turn.place is Place.RESUMED:
        return asked_again(context, turn)
    told = listen(context, turn)
    if turn.place is Place.ANSWER and (wants_to_stop(turn, told) or is_for_others(turn, told, SHARED | {"find"})):
        return stopped(turn) if wants_to_stop(turn, told) else None
    if turn.place is Place.BEGUN and not told.codes:
        upcoming = context.calendar.upcoming(turn.heard.conversation_id)
        if upcoming:
            return Outcome(turn.facts, tuple(_found(context, turn, appointment) for appointment in upcoming))
    known = identify(context, turn, told)
    if isinstance(known, Outcome):
        return known
    return Outcome(replace(turn.facts, appointment_code=known.code), (_found(context, turn, known),))


def identify(context: Context, turn: Turn, told: Told) -> Appointment | Outcome:
    """The appointment meant, or the question which one it is."""
    if told.codes:
        return _by_code(context, turn, told.codes[0])
    if turn.answers == "appointment":
        return _no_code(context, turn)
    upcoming = context.calendar.upcoming(turn.heard.conversation_id)
    if turn.answers == "which":
        return _chosen(context, turn, told, upcoming)
    if turn.place is not Place.BEGUN and turn.facts.appointment_code:
        own = [each for each in upcoming if each.code == turn.facts.appointment_code]
        return own[0] if own else _by_code(context, turn, turn.facts.appointment_code)
    return _described(context, turn, told, upcoming)


def asked_again(context: Context, turn: Turn) -> Outcome:
    """The question for the appointment, after something else was answered."""
    if turn.waits_for_yes:
        return Outcome(turn.facts, (), turn.asked)
    if turn.asked == "which":
        upcoming = context.calendar.upcoming(turn.heard.conversation_id)
        return Outcome(turn.facts, (_which(context, turn, upcoming),), "which")
    return Outcome(turn.facts, (Say("say_ask_appointment"),), "appointment")


def stopped(turn: Turn) -> Outcome:
    """The customer leaves it at that; a booking left half-way before is still there to go on with."""
    facts = turn.facts if turn.facts.service else turn.facts.without_time()
    return Outcome(facts, (Say("say_stopped_unchanged"),))


def _found(context: Context, turn: Turn, appointment: Appointment) -> Say:
    if appointment.status is Status.CANCELLED:
        return Say("say_found_cancelled")
    return Say("say_found", Questions(context, context.now(turn.heard)).appointment(appointment))


def _by_code(context: Context, turn: Turn, code: str) -> Appointment | Outcome:
    try:
        return context.calendar.find(code, conversation_id=turn.heard.conversation_id)
    except TooManyTriesError:
        return Outcome(turn.facts, (Say("say_code_tries_used_up"),))
    except AppointmentNotFoundError:
        facts = replace(turn.facts, appointment_code=None)
        return Outcome(facts, (Say("say_code_unknown"),), "appointment")


def _no_code(context: Context, turn: Turn) -> Outcome:
    if looks_like_code(turn.heard.text):
        return Outcome(turn.facts, (Say("say_code_unknown"),), "appointment")
    return unclear(context, turn, turn.facts, "appointment")


def _chosen(context: Context, turn: Turn, told: Told, upcoming: Sequence[Appointment]) -> Appointment | Outcome:
    said = turn.heard.text or turn.heard.value("number") or ""
    choice = read_choice(said, len(upcoming))
    meant = [upcoming[choice]] if choice is not None else _meant(upcoming, told)
    if len(meant) == 1:
        return meant[0]
    return unclear(context, turn, turn.facts, "which", _which(context, turn, upcoming))


def _described(context: Context, turn: Turn, told: Told, upcoming: Sequence[Appointment]) -> Appointment | Outcome:
    meant = _meant(upcoming, told)
    if len(meant) == 1:
        return meant[0]
    if meant:
        return Outcome(turn.facts, (_which(context, turn, upcoming),), "which")
    if turn.facts.appointment_code:
        return _by_code(context, turn, turn.facts.appointment_code)
    return Outcome(turn.facts, (Say("say_ask_appointment"),), "appointment")


def _meant(upcoming: Sequence[Appointment], told: Told) -> Sequence[Appointment]:
    """Those that the message describes by service or day; all if it describes none.

    "I can't make it on Friday" excludes the day that it names.
    """
    meant = [each for each in upcoming if each.service in told.services] or upcoming
    wish = told.wish
    if wish is None:
        return meant
    excluded = [each for each in meant if any(exclusion.covers(each.start) for exclusion in wish.exclusions)]
    named = [each for each in meant if wish.names_a_date and wish.admits(each.start)]
    return excluded or named or meant


def _which(context: Context, turn: Turn, appointments: Sequence[Appointment]) -> Say:
    questions = Questions(context, context.now(turn.heard))
    shown = [questions.appointment(appointment) for appointment in appointments]
    lines = tuple(Line("say_appointment_line", {"number": n, **values}) for n, values in enumerate(shown, 1))
    titles = (f"{values['service']}: {values['day']}, {values['time']}" for values in shown)
    buttons = tuple(Button(f'/choose{{"number": "{n}"}}', title=title) for n, title in enumerate(titles, 1))
    return Say("say_ask_which", lines=lines, buttons=buttons)
