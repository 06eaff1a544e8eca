"""What the front desk itself says to a customer: the phrases of business.yml, filled in and stored as messages."""

from datetime import datetime

from business.hours import is_open, next_open
from business.model import Business
from business.wording import Wording
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import Author, Draft, Source
from handoff_bridge.model import Conversation
from handoff_bridge.ports import Transaction


class Announcer:
    """Speaks as `system` in the conversation's language."""

    def __init__(self, business: Business) -> None:
        self._business = business

    def say(
        self,
        t: Transaction,
        conversation: Conversation,
        phrase: str,
        now: datetime,
        *,
        once: str = "",
        **values: object,
    ) -> None:
        """Stores the phrase as a message. `once` names the occasion; without it that is the present epoch."""
        template: str = getattr(self._business.phrases_in(conversation.language), phrase)
        draft = Draft(
            author=Author.SYSTEM,
            name=self._business.name,
            text=template.format(**values),
            source=Source.BRIDGE,
            source_id=f"{conversation.id}:{phrase}:{once or conversation.epoch}",
        )
        if message := t.messages.add(conversation, draft, now):
            t.tell(Event(Kind.MESSAGE, conversation.id, message.id))

    def say_where_in_line(self, t: Transaction, conversation: Conversation, now: datetime) -> None:
        """Tells a waiting customer their place, or when the department opens again."""
        handoff = conversation.handoff
        if handoff is None:
            return
        department = self._business.departments[handoff.department].name
        opens = next_open(self._business, now, department=handoff.department)
        if is_open(self._business, now, department=handoff.department) or opens is None:
            position = t.queues.position(conversation)
            self.say(t, conversation, "waiting", now, position=position, department=department)
        else:
            when = Wording(self._business, conversation.language).short(opens)
            self.say(t, conversation, "waiting_closed", now, department=department, next_open=when)

    def say_returned(self, t: Transaction, conversation: Conversation, agent: str, now: datetime) -> None:
        """Tells that the assistant is back, and names the service it was booking if there is one."""
        service = self._business.services.get(str(t.conversations.facts(conversation.id).get("service")))
        if service is None:
            self.say(t, conversation, "returned", now, agent=agent)
        else:
            self.say(t, conversation, "returned_in_booking", now, agent=agent, service=service.name)

    def department_name(self, department: str) -> str:
        return self._business.departments[department].name
