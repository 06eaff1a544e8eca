"""What the bridge's processes tell each other: that something changed and where, never what it says."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

CHANNEL = "frontdesk"
"""The name under which the bridge's processes notify each other."""


class Kind(StrEnum):
    MESSAGE = "message"
    CONVERSATION = "conversation"
    QUEUE = "queue"  # the line changed; `conversation_id` says who joined it
    TYPING = "typing"
    READ = "read"
    AGENTS = "agents"
    OFFER = "offer"  # an agent's offers changed; `agent_id` says whose
    TASK = "task"  # the departments' tasks changed; `task_id` names one that falls due
    ESCALATION = "escalation"  # a conversation went up to `tier`, `to` whom; `agent_id` says which supervisor is told
    WORK = "work"
    MISSED = "missed"  # the listener was cut off; whoever follows something reads it again


@dataclass(frozen=True)
class Event:
    """One notice. Only the fields that its kind needs are set."""

    kind: Kind
    conversation_id: str | None = None
    message_id: int | None = None
    author: str | None = None
    agent_id: int | None = None
    on: bool | None = None
    up_to: int | None = None
    task_id: int | None = None
    tier: int | None = None
    to: str | None = None

    def to_json(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    @classmethod
    def from_json(cls, text: str) -> "Event":
        fields = json.loads(text)
        return cls(**{**fields, "kind": Kind(fields["kind"])})
