"""An action of ours: what it says and which events follow, apart from how rasa-sdk wants it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.replies import Say, utter


@dataclass(frozen=True)
class Reply:
    """What is said, in order, and the events for the tracker."""

    says: tuple[Say, ...] = ()
    events: tuple[EventType, ...] = ()


class DeskAction(Action, ABC):
    """Subclasses give `name` and `reply`."""

    @abstractmethod
    async def reply(self, tracker: Tracker) -> Reply: ...

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        reply = await self.reply(tracker)
        for say in reply.says:
            utter(dispatcher, say, domain)
        return list(reply.events)
