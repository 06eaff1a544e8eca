"""The forms as Rasa calls them: `validate_<form>` hears the message, does what it asks for, and asks the next thing.

One call a turn: Rasa would otherwise validate, then call once more to ask. When a rule should answer, nothing is
returned; then Rasa lets the rule speak and calls the form again, and the question comes once more.
"""

from collections.abc import Callable
from typing import Any

import structlog
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import DeskAction, Reply
from actions.context import Context, in_thread
from actions.dialogues.turns import Dialogue, Outcome, Turn
from actions.facts import Facts
from actions.heard import heard_in, misunderstandings, place_of, said_last_turn, said_this_turn
from actions.replies import Say

log = structlog.get_logger()


class Form(DeskAction):
    """A form named `form`, whose turns `dialogue` decides; `if_broken` is what is said when it cannot."""

    def __init__(
        self,
        context: Context,
        form: str,
        dialogue: Dialogue,
        if_broken: Callable[[Context], Say] = lambda _: Say("say_calendar_down"),
    ) -> None:
        self._context, self._form, self._dialogue, self._if_broken = context, form, dialogue, if_broken

    def name(self) -> str:
        return f"validate_{self._form}"

    async def reply(self, tracker: Tracker) -> Reply:
        turn = turn_of(self._form, tracker)
        try:
            outcome = await in_thread(lambda: self._dialogue(self._context, turn))
        except Exception:
            # The edge: whatever fails, the customer gets a sentence and a way to a person.
            log.exception("A form cannot go on.", action=self.name(), conversation_id=turn.heard.conversation_id)
            outcome = Outcome(turn.facts, (self._if_broken(self._context),), turn.asked)
        return Reply(outcome.says, _events(turn, outcome)) if outcome else Reply()


def turn_of(form: str, tracker: Tracker) -> Turn:
    """What a form needs to know of the conversation."""
    events: list[Any] = tracker.events
    return Turn(
        facts=Facts.of(tracker.slots),
        heard=heard_in(tracker.sender_id, tracker.latest_message, events),
        asked=tracker.get_slot("requested_slot"),
        place=place_of(form, events),
        said_before=frozenset(said_last_turn(events)),
        said_now=frozenset(said_this_turn(events)),
        misunderstood=misunderstandings(events),
    )


def _events(turn: Turn, outcome: Outcome) -> tuple[EventType, ...]:
    changes = outcome.facts.changes(turn.facts)
    # Rasa takes a form that sets no slot of its own for one that refuses, and would drop what was said.
    changes = changes or {"service": outcome.facts.service}
    return (*(SlotSet(name, value) for name, value in changes.items()), SlotSet("requested_slot", outcome.asks))
