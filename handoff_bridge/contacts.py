"""What agents write down about a customer. It holds over what the assistant heard, and the assistant learns it."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from business.clock import Clock
from business.model import Business
from handoff_bridge import echoes
from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.events import Event, Kind
from handoff_bridge.messages import tidy
from handoff_bridge.model import ASSISTANT_SPEAKS
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store
from handoff_bridge.reach import email_address, phone_number

log = structlog.get_logger(__name__)

FIELDS = ("name", "email", "phone")
_LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class Contacts:
    """The use case of the inbox; values are checked here."""

    store: Store
    clock: Clock
    business: Business

    def settle(self, agent: Agent, conversation_id: str, given: Mapping[str, str | None]) -> None:
        """Writes down what is given of `FIELDS`; None takes a value away.

        Raises `FieldInvalidError`, `NotFoundError`.
        """
        values = {field: self._checked(field, value) for field, value in given.items()}
        now = self.clock()
        with self.store.begin() as t:
            conversation = t.conversations.lock(conversation_id)
            if conversation is None:
                raise NotFoundError
            if not values:
                return
            t.contacts.settle(conversation.contact_id, values, now)
            facts = echoes.settled_facts(t.conversations.facts(conversation_id), values)
            t.conversations.replace_facts(conversation, facts, now)
            if conversation.state in ASSISTANT_SPEAKS:  # else it learns this when it has the voice again
                t.turns.add_events(conversation, echoes.told(values))
                t.tell(Event(Kind.WORK))
            t.tell(Event(Kind.CONVERSATION, conversation_id))
        log.info(
            "An agent wrote down how to reach a customer.",
            action="contact_settled",
            conversation_id=conversation_id,
            agent_id=agent.id,
            fields=sorted(values),
        )

    def _checked(self, field: str, value: str | None) -> str | None:
        if value is None:
            return None
        match field:
            case "email":
                return email_address(value)
            case "phone":
                return phone_number(value, self.business.country)
        name = tidy(value)
        if not name or len(name) > _LONGEST_NAME:
            raise FieldInvalidError("name", f"a text of 1 to {_LONGEST_NAME} characters")
        return name
