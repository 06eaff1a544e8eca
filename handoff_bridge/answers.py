"""Lets a customer hear an answer of the assistant, and keeps what the assistant learned."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from business.clock import Clock
from handoff_bridge import echoes
from handoff_bridge.announcer import Announcer
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Author, Button, Draft, Message, Source
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, State
from handoff_bridge.ports import Transaction
from handoff_bridge.triggers.service import Triggers
from handoff_bridge.turns import Answer, Utterance


class Answers:
    """Writes answers into a conversation that is locked in the transaction; `name` is the assistant's."""

    def __init__(self, clock: Clock, announcer: Announcer, metrics: Metrics, triggers: Triggers, *, name: str) -> None:
        self._clock = clock
        self._announcer = announcer
        self._metrics = metrics
        self._triggers = triggers
        self._name = name

    def say(self, t: Transaction, conversation: Conversation, message: Message, answer: Answer, *, moved: bool) -> None:
        """Stores the answer to `message`, and whatever the customer must hear instead if it is none.

        `moved` says that the turn itself made a move, such as asking for a person.
        """
        for index, utterance in enumerate(answer.utterances):
            self._utter(t, conversation, f"{message.id}:{index}", utterance)
        if answer.error is not None:
            self._say_failed(t, conversation, message)
        elif not answer.utterances:
            self._say_something(t, conversation, message, moved)
        self._learn(t, conversation, message, answer)
        if answer.paused:  # the tracker lost sight of who speaks; nobody but the bridge pauses it
            t.turns.add_events(conversation, echoes.fresh_session(answer.facts))
            t.tell(Event(Kind.WORK))
        known = replace(conversation, noticed_at=None)  # as `_learn` has written it
        self._triggers.answered(t, known, message, answer, moved=moved)

    def say_failed(self, t: Transaction, conversation: Conversation, message: Message) -> None:
        """Tells the customer that there is no answer to `message`, nor will be."""
        self._say_failed(t, conversation, message)
        self._triggers.unanswered(t, conversation, message)

    def _say_failed(self, t: Transaction, conversation: Conversation, message: Message) -> None:
        self._announcer.say(t, conversation, "failed", self._clock(), once=str(message.id))

    def _utter(self, t: Transaction, conversation: Conversation, key: str, utterance: Utterance) -> None:
        buttons = tuple(
            Button(f"{key}:{place}", title, payload) for place, (title, payload) in enumerate(utterance.buttons)
        )
        draft = Draft(Author.ASSISTANT, utterance.text, Source.ASSISTANT, key, name=self._name, buttons=buttons)
        if said := t.messages.add(conversation, draft, self._clock()):
            self._metrics.messages.labels(said.author.value).inc()

    def _say_something(self, t: Transaction, conversation: Conversation, message: Message, moved: bool) -> None:
        if moved and conversation.state is State.WAITING:
            self._announcer.say_where_in_line(t, conversation, self._clock())
        else:
            self._say_failed(t, conversation, message)

    def _learn(self, t: Transaction, conversation: Conversation, message: Message, answer: Answer) -> None:
        now = self._clock()
        t.messages.understood(message.id, answer.intent, answer.confidence)
        t.conversations.replace_facts(conversation, answer.facts, now)
        t.conversations.touch(conversation.id, now)
        if conversation.noticed_at is not None:
            t.conversations.notice(conversation.id, None)
        t.contacts.describe(conversation.contact_id, **_known_of_contact(answer.facts))
        t.tell(Event(Kind.CONVERSATION, conversation.id))


def _known_of_contact(facts: Mapping[str, Any]) -> dict[str, str | None]:
    return {field: str(facts[fact]) if facts.get(fact) else None for field, fact in echoes.FACT_OF_FIELD.items()}
