"""An assistant that says and does during a turn what a script wants, and remembers what it was asked and told."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from handoff_bridge.assistant import AssistantConfusedError, AssistantUnavailableError
from handoff_bridge.messages import Message
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation
from handoff_bridge.turns import Answer, Utterance

_PARTS = 3  # of a first answer; a later one to the same message has fewer, so that a mixture of both shows


class Says(StrEnum):
    ANSWER = "answer"
    BUTTONS = "buttons"
    NOTHING = "nothing"
    ERROR = "error"
    PAUSED = "paused"
    UNAVAILABLE = "unavailable"
    CONFUSED = "confused"
    BROKEN = "broken"


class Asks(StrEnum):
    """What the assistant asks of the bridge during a turn."""

    REQUEST = "request"
    WITHDRAW = "withdraw"
    CALLBACK = "callback"
    MESSAGE = "message"


@dataclass(frozen=True)
class Script:
    says: Says = Says.ANSWER
    asks: tuple[Asks, ...] = ()


@dataclass(frozen=True)
class Asking:
    """A message as the assistant was asked it; the number is in what it answered, of so many parts."""

    number: int
    conversation: Conversation
    message: Message
    script: Script
    parts: int


@dataclass
class Tracker:
    """What Rasa holds of one conversation. It is lost sight of when the assistant says so itself."""

    is_paused: bool = False
    is_lost: bool = False
    told: list[Sequence[Mapping[str, Any]]] = field(default_factory=list)

    def apply(self, events: Sequence[Mapping[str, Any]]) -> None:
        self.told.append(events)
        if events[0]["event"] != "slot":  # it is about who speaks
            self.is_paused = events[0]["event"] == "pause"
            self.is_lost = False


type Petition = Callable[[str, Asks], object]


class ScriptedAssistant:
    """Stands in for all of Rasa. `breaches` are what it should not have been asked; an error would be caught."""

    def __init__(self) -> None:
        self.askings: list[Asking] = []
        self.trackers: dict[str, Tracker] = {}
        self.breaches: list[str] = []
        self._of_thread = threading.local()

    def clear(self) -> None:
        """Forgets everything."""
        self.askings.clear()
        self.trackers.clear()
        self.breaches.clear()

    def follow(self, script: Script, petition: Petition) -> None:
        """What this thread's next turn will be like; `petition` asks the bridge."""
        self._of_thread.script = script
        self._of_thread.petition = petition

    def ask(self, conversation: Conversation, message: Message) -> Answer:
        script: Script = self._of_thread.script
        tracker = self._tracker(conversation)
        times = sum(asking.message.id == message.id for asking in self.askings)
        asking = Asking(len(self.askings) + 1, conversation, message, script, parts=max(1, _PARTS - times))
        self.askings.append(asking)
        if conversation.state not in ASSISTANT_SPEAKS:
            self.breaches.append(f"asked while {conversation.state}")
        if tracker.is_paused and not tracker.is_lost:
            self.breaches.append("asked while the tracker is paused")
        for asks in script.asks:
            self._of_thread.petition(conversation.id, asks)
        return Answer((), {}, paused=True) if tracker.is_paused else self._answer(asking, tracker)

    def tell(self, conversation: Conversation, events: Sequence[Mapping[str, Any]]) -> None:
        if self._of_thread.script.says is Says.UNAVAILABLE:
            raise AssistantUnavailableError
        self._tracker(conversation).apply(events)

    def _tracker(self, conversation: Conversation) -> Tracker:
        return self.trackers.setdefault(conversation.id, Tracker())

    def _answer(self, asking: Asking, tracker: Tracker) -> Answer:
        number = asking.number
        texts = [f"answer {number}, part {part}" for part in range(asking.parts)]
        facts = {"customer_name": f"Kim the {number}th", "service": "oil_change"}
        match asking.script.says:
            case Says.UNAVAILABLE:
                raise AssistantUnavailableError
            case Says.CONFUSED:
                raise AssistantConfusedError
            case Says.BROKEN:
                raise ValueError("broken")
            case Says.NOTHING:
                return Answer((), facts)
            case Says.PAUSED:
                tracker.is_paused = tracker.is_lost = True
                return Answer((), facts, paused=True)
            case Says.BUTTONS:
                buttons = (("Yes", "/affirm"), ("No", "/deny"))
                return Answer((*map(Utterance, texts[1:]), Utterance(texts[0], buttons)), facts, "ask", 0.2)
            case Says.ERROR:
                return Answer(tuple(map(Utterance, texts)), facts, error="failed")
            case Says.ANSWER:
                return Answer(tuple(map(Utterance, texts)), facts, "inform", 0.9)
