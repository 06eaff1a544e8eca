"""Asks customers who talked with an agent how it was, once for each handoff, and hears what they say to that.

A rating is a button or typed right after the question, a word the message after *Add a word*. Neither reaches the
assistant nor opens a resolved conversation again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from business.model import Business
from handoff_bridge.announcer import Announcer
from handoff_bridge.events import Event, Kind
from handoff_bridge.handoffs import HandoffRecord
from handoff_bridge.messages import Message
from handoff_bridge.model import Conversation, Move, Mover, State, Transition
from handoff_bridge.ports import Transaction
from handoff_bridge.rating_words import read_rating

log = structlog.get_logger(__name__)

_RATE, _COMMENT = "bridge:rate:", "bridge:comment:"
_PERSON = frozenset({Mover.AGENT, Mover.ADMINISTRATOR})
_CHANGED_WITHIN = timedelta(days=1)
_COMMENT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class _Heard:
    """A customer's message, and where it is dealt with."""

    t: Transaction
    conversation: Conversation
    message: Message
    now: datetime

    def open_handoff(self, handoff_id: int) -> HandoffRecord | None:
        """The handoff of this conversation, if it may still be rated: a rating may be changed for a day."""
        handoff = self.t.handoffs.get(handoff_id)
        if handoff is None or handoff.conversation_id != self.conversation.id:
            return None
        is_late = handoff.rated_at is not None and self.now - handoff.rated_at > _CHANGED_WITHIN
        return None if is_late else handoff

    def note(self, handoff_id: int) -> None:
        self.t.tell(Event(Kind.CONVERSATION, self.conversation.id))
        log.info(
            "A customer rated a handoff.",
            action="handoff_rated",
            conversation_id=self.conversation.id,
            handoff_id=handoff_id,
        )


class Ratings:
    """Follows moves, to ask; hears customers, to note what they answer."""

    def __init__(self, business: Business, announcer: Announcer) -> None:
        self._business = business
        self._announcer = announcer

    def moved(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None:
        """Asks when an agent is through, if they answered at all. With the next agent, words are for that agent."""
        if after.state is State.WITH_AGENT:
            self._await_no_more(t, after)
        elif self._business.handoff.rating and before.state is State.WITH_AGENT and done.who.kind in _PERSON:
            handoff = t.handoffs.last(after.id) if done.move in (Move.RETURN, Move.RESOLVE) else None
            if handoff and handoff.answered_at:
                self._ask(t, after, handoff, done.at)

    def hear(self, t: Transaction, conversation: Conversation, message: Message, now: datetime) -> bool:
        heard, payload = _Heard(t, conversation, message, now), message.payload or ""
        if payload.startswith(_RATE):
            handoff_id, _, rating = payload.removeprefix(_RATE).partition(":")
            self._rate(heard, int(handoff_id), int(rating))
        elif payload.startswith(_COMMENT):
            self._wait_for_comment(heard, int(payload.removeprefix(_COMMENT)))
        elif conversation.state is State.WITH_AGENT:
            return False  # without a look at the rows: most messages are said to agents
        else:
            return self._heard_comment(heard) or self._heard_rating(heard)
        return True

    def _ask(self, t: Transaction, conversation: Conversation, handoff: HandoffRecord, now: datetime) -> None:
        t.handoffs.ask_rating(handoff.id, now)
        agent = t.agents.get(handoff.accepted_by or 0)
        choices = self._business.phrases_in(conversation.language).rating_choices
        buttons = [(title, f"{_RATE}{handoff.id}:{number}") for number, title in enumerate(choices, start=1)]
        name = agent.name if agent else ""
        self._announcer.say(t, conversation, "rating", now, once=str(handoff.id), buttons=buttons, agent=name)

    def _heard_rating(self, heard: _Heard) -> bool:
        """Whether the text is a rating, and an answer to the question: nothing was said in between."""
        message = heard.message
        typed = read_rating(message.text, heard.conversation.language) if message.payload is None else None
        if typed is None or (handoff_id := _asked_right_before(heard)) is None:
            return False
        self._rate(heard, handoff_id, *typed)
        return True

    def _heard_comment(self, heard: _Heard) -> bool:
        """Whether the text is the word that was to be added; a button or a later text is not."""
        handoff = heard.t.handoffs.awaiting_comment(heard.conversation.id)
        if handoff is None or handoff.comment_awaited_at is None:
            return False
        if heard.message.payload is not None or heard.now - handoff.comment_awaited_at > _COMMENT_WITHIN:
            heard.t.handoffs.await_comment(handoff.id, None)
            return False
        heard.t.handoffs.comment(handoff.id, heard.message.text)
        self._answer(heard, "comment_thanks")
        heard.note(handoff.id)
        return True

    def _rate(self, heard: _Heard, handoff_id: int, rating: int, comment: str = "") -> None:
        self._await_no_more(heard.t, heard.conversation)
        handoff = heard.open_handoff(handoff_id)
        if handoff is None:
            self._answer(heard, "rating_over")
            return
        heard.t.handoffs.rate(handoff.id, rating, handoff.rated_at or heard.now)
        if comment:
            heard.t.handoffs.comment(handoff.id, comment)
        can_add = not comment and heard.conversation.state is not State.WITH_AGENT
        choice = self._business.phrases_in(heard.conversation.language).choice_comment
        buttons = ((choice, f"{_COMMENT}{handoff.id}"),) if can_add else ()
        self._answer(heard, "comment_thanks" if comment else "rating_thanks", buttons)
        heard.note(handoff.id)

    def _wait_for_comment(self, heard: _Heard, handoff_id: int) -> None:
        handoff = heard.open_handoff(handoff_id)
        if handoff is None or heard.conversation.state is State.WITH_AGENT:
            self._answer(heard, "rating_over")
            return
        self._await_no_more(heard.t, heard.conversation)
        heard.t.handoffs.await_comment(handoff.id, heard.now)
        self._answer(heard, "comment_wanted")

    def _await_no_more(self, t: Transaction, conversation: Conversation) -> None:
        if handoff := t.handoffs.awaiting_comment(conversation.id):
            t.handoffs.await_comment(handoff.id, None)

    def _answer(self, heard: _Heard, phrase: str, buttons: tuple[tuple[str, str], ...] = ()) -> None:
        once = str(heard.message.id)
        self._announcer.say(heard.t, heard.conversation, phrase, heard.now, once=once, buttons=buttons)


def _asked_right_before(heard: _Heard) -> int | None:
    """The handoff about which the message before this one asks."""
    before = heard.t.messages.before(heard.conversation.id, heard.message.id, 1)
    payload = next((button.payload for said in before for button in said.buttons), "")
    return int(payload.removeprefix(_RATE).partition(":")[0]) if payload.startswith(_RATE) else None
