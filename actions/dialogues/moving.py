"""Moving an appointment: find it, hear when instead, offer openings, move it after a yes."""

from dataclasses import replace
from datetime import datetime

from actions.context import Context
from actions.dialogues.finding import SHARED, asked_again, identify, stopped
from actions.dialogues.learning import at, chosen, wished
from actions.dialogues.offering import Offered, Offering
from actions.dialogues.questions import Questions
from actions.dialogues.turns import Outcome, Turn, is_for_others, listen, unclear, wants_to_stop
from actions.facts import Facts
from actions.heard import Place
from actions.reading.choices import Page
from actions.reading.told import Told
from actions.replies import Say
from scheduling.errors import (
    AlreadyBookedError,
    AppointmentNotFoundError,
    AppointmentOverError,
    MovedTooOftenError,
    NotBookableError,
    NoticeTooShortError,
    OpeningTakenError,
)
from scheduling.model import Appointment, Status
from scheduling.wishes import Wish

_OWN = SHARED | {"move", "more_openings"}
_ABOUT_TIME = frozenset({"wish", "opening", "confirmation"})


def moving(context: Context, turn: Turn) -> Outcome | None:
    """A turn of the form that moves."""
    if turn.place is Place.RESUMED and (turn.asked not in _ABOUT_TIME or turn.waits_for_yes):
        return asked_again(context, turn)
    told = listen(context, turn)
    if turn.place is Place.ANSWER and wants_to_stop(turn, told):
        return stopped(turn)
    if turn.place is Place.ANSWER and _is_for_others(turn, told):
        return None
    if turn.place is Place.BEGUN:
        turn = replace(turn, facts=turn.facts.without_time())
    known = identify(context, turn, told)
    if isinstance(known, Outcome):
        return _remembering(known, told)
    return _Move(context, turn, told, known).outcome()


def _is_for_others(turn: Turn, told: Told) -> bool:
    """Whether a rule should answer; "can I book Friday at 3" is about the new time here."""
    says_when = turn.heard.intent == "book" and told.wish is not None
    return not says_when and is_for_others(turn, told, _OWN)


def _remembering(outcome: Outcome, told: Told) -> Outcome:
    """Keeps the wish of "move it to Friday" while the code is asked for."""
    return replace(outcome, facts=replace(outcome.facts, wish=told.wish)) if outcome.asks and told.wish else outcome


class _Move:
    def __init__(self, context: Context, turn: Turn, told: Told, known: Appointment) -> None:
        self._context, self._turn, self._told, self._known = context, turn, told, known
        self._now = context.now(turn.heard)
        self._questions = Questions(context, self._now)
        self._offering = Offering(context, known.service, self._now, ignoring=known.id)

    def outcome(self) -> Outcome:
        turn, known = self._turn, self._known
        if known.status is not Status.CONFIRMED or known.start <= self._now:
            return Outcome(turn.facts.without_time(), (Say("say_appointment_over"),))
        facts = replace(turn.facts, appointment_code=known.code)
        return self._asking(facts) if turn.place is Place.RESUMED else self._answered(facts)

    def _answered(self, facts: Facts) -> Outcome:
        told, asked = self._told, self._turn.answers
        learned = wished(chosen(facts, told, asked), self._wish(), asked, self._known.start)
        if learned != facts or asked not in _ABOUT_TIME:
            return self._go_on(learned)
        page = Page.MORE if told.is_no and asked == "opening" else told.page
        if page and (facts.offered or facts.opening):
            return self._offered(self._offering.page(facts, page))
        if asked == "confirmation" and told.is_yes and facts.opening:
            return self._moved(facts, facts.opening)
        if told.is_no or self._turn.heard.intent == "move":
            return self._go_on(facts.without_time() if asked == "confirmation" else facts)
        again = self._offering.again(facts.offered) if asked == "opening" else None
        return unclear(self._context, self._turn, facts, asked or "wish", again)

    def _wish(self) -> Wish | None:
        """What is wished for, without the day that only says which appointment is meant."""
        wish = self._told.wish
        if wish is None or self._turn.answers in _ABOUT_TIME:
            return wish
        day = self._known.start.date()
        options = [option for option in wish.options if option.start_date != day or option.names_a_time]
        new = Wish.of(options, wish.exclusions, wish.earliest)
        return new if new.names_a_date or new.names_a_time or new.earliest else None

    def _go_on(self, facts: Facts) -> Outcome:
        if facts.opening is None and facts.wish is not None:
            offered = self._offering.for_wish(facts)
            if offered.picked is None:
                return self._offered(offered)
            facts = replace(offered.facts, opening=offered.picked)
        return self._asking(facts)

    def _asking(self, facts: Facts) -> Outcome:
        said = self._questions.appointment(self._known)
        if facts.opening:
            to = self._questions.when(facts.opening)
            values = {**said, **to, "old_day": said["day"], "old_time": said["time"]}
            return Outcome(facts, (Say("say_ask_move", values),), "confirmation")
        if facts.offered:
            return Outcome(facts, (self._offering.again(facts.offered),), "opening")
        return Outcome(facts, (Say("say_ask_new_wish", said),), "wish")

    def _moved(self, facts: Facts, start: datetime) -> Outcome:
        heard = self._turn.heard
        try:
            moved = self._context.calendar.move(
                self._known.id, start, conversation_id=heard.conversation_id, request_key=heard.key("move")
            )
        except OpeningTakenError as error:
            return self._offered(self._offering.taken(facts, error.offer))
        except NotBookableError:
            return self._go_on(replace(facts, wish=at(start), opening=None))
        except (AppointmentOverError, AppointmentNotFoundError):
            return Outcome(facts.without_time(), (Say("say_appointment_over"),))
        except (NoticeTooShortError, MovedTooOftenError) as error:
            return Outcome(facts.without_time(), (_refused(error),))
        except AlreadyBookedError:
            return Outcome(facts.without_time(), (Say("say_already_booked"),), "wish")
        return Outcome(facts.without_time(), (Say("say_moved", self._questions.appointment(moved)),))

    def _offered(self, offered: Offered) -> Outcome:
        return Outcome(offered.facts, (offered.say,), "opening" if offered.facts.offered else "wish")


def _refused(error: NoticeTooShortError | MovedTooOftenError) -> Say:
    """By the terms of the business; a person may do it all the same."""
    if isinstance(error, NoticeTooShortError):
        return Say("say_too_late", {"hours": error.hours})
    return Say("say_moved_too_often", {"moves": error.moves})
