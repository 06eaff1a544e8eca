"""What the front desk itself says to a customer: the phrases of business.yml, filled in and stored as messages."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from business.callback_times import callback_times
from business.hours import is_open, next_open
from business.model import Business
from business.wording import Wording
from handoff_bridge.line import estimate
from handoff_bridge.messages import Author, Button, Draft, Source
from handoff_bridge.model import Conversation
from handoff_bridge.people import ABSENT_AFTER
from handoff_bridge.ports import QueueNumbers, Transaction


class Announcer:
    """Speaks as `system` in the conversation's language."""

    def __init__(self, business: Business) -> None:
        self._business = business
        self._longest_wait = timedelta(minutes=business.handoff.waiting_minutes)

    def say(
        self,
        t: Transaction,
        conversation: Conversation,
        phrase: str,
        now: datetime,
        *,
        once: str = "",
        buttons: Sequence[tuple[str, str]] = (),
        **values: object,
    ) -> None:
        """Stores the phrase as a message. `once` names the occasion; without it that is the present epoch.

        `buttons` are (title, payload).
        """
        template = self._business.phrases_in(conversation.language).text(phrase)
        key = f"{conversation.id}:{phrase}:{once or conversation.epoch}"
        draft = Draft(
            author=Author.SYSTEM,
            name=self._business.name,
            text=template.format(**values),
            source=Source.BRIDGE,
            source_id=key,
            buttons=tuple(Button(f"{key}:{place}", *button) for place, button in enumerate(buttons)),
        )
        t.messages.add(conversation, draft, now)

    def say_where_in_line(self, t: Transaction, conversation: Conversation, now: datetime, *, once: str = "") -> None:
        """Tells a waiting customer their place; or that nobody can come soon, and what they may choose instead."""
        if conversation.handoff is None:
            return
        say = partial(self.say, t, conversation, now=now, once=once)
        key = conversation.handoff.department
        department, choices = self.department_name(key), tuple(self._choices(conversation, key, now))
        opens = next_open(self._business, now, department=key)
        position, numbers = t.queues.position(conversation), t.queues.numbers(key, now - ABSENT_AFTER)
        if opens and not is_open(self._business, now, department=key):
            when = Wording(self._business, conversation.language).short(opens)
            say("waiting_closed", buttons=choices, department=department, next_open=when)
        elif not numbers.agents_online:
            say("waiting_nobody", buttons=choices, department=department)
        elif self._is_too_long(position, numbers):
            say("waiting_long", buttons=choices, department=department, position=position)
        else:
            say("waiting", position=position, department=department)

    def say_expired(self, t: Transaction, before: Conversation, after: Conversation, now: datetime) -> None:
        """Tells that nobody came in time, and what the customer may choose now."""
        department = before.handoff.department if before.handoff else self._business.handoff.default_department
        self.say(t, after, "expired", now, buttons=tuple(self._choices(after, department, now)))

    def say_returned(self, t: Transaction, conversation: Conversation, agent: str, now: datetime) -> None:
        """Tells that the assistant is back, and names the service it was booking if there is one."""
        service = self._business.services.get(str(t.conversations.facts(conversation.id).get("service")))
        if service is None:
            self.say(t, conversation, "returned", now, agent=agent)
        else:
            self.say(t, conversation, "returned_in_booking", now, agent=agent, service=service.name)

    def department_name(self, department: str) -> str:
        return self._business.departments[department].name

    def _choices(self, conversation: Conversation, department: str, now: datetime) -> Iterator[tuple[str, str]]:
        """What the assistant can do for somebody whom nobody can talk with now; a call only if there will be a time."""
        phrases, named = self._business.phrases_in(conversation.language), f'{{"department": "{department}"}}'
        yield phrases.choice_wait, f"/keep_waiting{named}"
        yield phrases.choice_message, f"/leave_message{named}"
        if callback_times(self._business, department, now, limit=1):
            yield phrases.choice_callback, f"/request_callback{named}"

    def _is_too_long(self, position: int, numbers: QueueNumbers) -> bool:
        """Whether the line is so long that the wait would surely end before anybody comes."""
        wait = estimate(position, numbers)
        return wait is not None and timedelta(seconds=wait.low) >= self._longest_wait
