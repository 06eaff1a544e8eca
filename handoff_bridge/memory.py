"""What the assistant still knows when it has the voice again: the facts that hold, with what the agent settled."""

from collections.abc import Mapping
from typing import Any

import structlog

from handoff_bridge import echoes
from handoff_bridge.engagements import Diary, Person
from handoff_bridge.model import Conversation
from handoff_bridge.people import Contact
from handoff_bridge.ports import Transaction

log = structlog.get_logger(__name__)


class Memory:
    """Reads in the move's transaction, where the conversation is locked."""

    def __init__(self, diary: Diary | None = None) -> None:
        self._diary = diary

    def after_agent(self, t: Transaction, conversation: Conversation) -> Mapping[str, Any]:
        """After an agent held the conversation; without what was to be booked, if an appointment was settled then."""
        contact = t.contacts.get(conversation.contact_id)
        facts = echoes.settled_facts(t.conversations.facts(conversation.id), contact.settled)
        if self._is_booking_done(t, conversation, contact):
            facts = echoes.without_booking(facts)
        return echoes.lasting_facts(facts)

    def after_resolution(self, t: Transaction, conversation: Conversation) -> Mapping[str, Any]:
        """When the customer comes back with something new."""
        contact = t.contacts.get(conversation.contact_id)
        return echoes.contact_facts(echoes.settled_facts(t.conversations.facts(conversation.id), contact.settled))

    def _is_booking_done(self, t: Transaction, conversation: Conversation, contact: Contact) -> bool:
        if self._diary is None:
            return False
        last = t.handoffs.last_assignment(conversation.id)
        if last is None:
            return False
        try:
            return self._diary.has_changed(Person(conversation.id, contact.email, contact.phone), last.began_at)
        except Exception:  # the calendar may be elsewhere and away; the conversation goes on all the same
            log.exception("Whether an appointment was settled is not known.", action="diary_unread")
            return False
