"""What Rasa's tracker is told of a move. The bridge decides who speaks; these are its echo, a second fence.

The events are those of Rasa's tracker schema. A `pause` is followed by a listen because a rewind takes back a
bare one; the list of a fresh session begins with its start, resets a pause and leaves no form behind.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Events = Sequence[Mapping[str, Any]]

TRANSIENT_FACTS = ("requested_slot", "offered", "appointment_id", "session_started_metadata")
"""Facts that belong to a dialogue that is over, not to the customer."""

CONTACT_FACTS = ("customer_name", "email", "phone")
"""What is still known of a customer who comes back with something new."""

_LISTEN = {"event": "action", "name": "action_listen"}


def pause() -> Events:
    """The assistant falls silent."""
    return [{"event": "pause"}, _LISTEN]


def contact_facts(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts about who the customer is."""
    return {name: facts[name] for name in CONTACT_FACTS if name in facts}


def fresh_session(facts: Mapping[str, Any]) -> Events:
    """The assistant begins again, knowing the facts that still hold."""
    kept = {name: value for name, value in facts.items() if name not in TRANSIENT_FACTS and value is not None}
    return [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        *({"event": "slot", "name": name, "value": value} for name, value in sorted(kept.items())),
        _LISTEN,
    ]
