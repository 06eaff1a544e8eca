"""What Rasa's tracker is told of a move. The bridge decides who speaks; these are its echo, a second fence.

The events are those of Rasa's tracker schema. A `pause` is followed by a listen because a rewind takes back a
bare one; the list of a fresh session begins with its start, resets a pause and leaves no form behind.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Events = Sequence[Mapping[str, Any]]

TRANSIENT_FACTS = (
    "requested_slot", "offered", "appointment_id", "department", "call", "message", "session_started_metadata",
)  # fmt: skip
"""Facts that belong to a dialogue that is over, not to the customer."""

CONTACT_FACTS = ("customer_name", "email", "phone")
"""What is still known of a customer who comes back with something new."""

BOOKING_FACTS = ("service", "wish", "opening")
"""What an appointment is to be; over once one was made, moved or cancelled."""

FACT_OF_FIELD = {"name": "customer_name", "email": "email", "phone": "phone"}
"""Which fact says what of the contact."""

_LISTEN = {"event": "action", "name": "action_listen"}


def pause() -> Events:
    """The assistant falls silent."""
    return [{"event": "pause"}, _LISTEN]


def contact_facts(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts about who the customer is."""
    return {name: facts[name] for name in CONTACT_FACTS if name in facts}


def settled_facts(facts: Mapping[str, Any], settled: Mapping[str, str | None]) -> Mapping[str, Any]:
    """The facts with what an agent settled of the contact, by field; None where they took a value away."""
    said = {FACT_OF_FIELD[field]: value for field, value in settled.items()}
    return {name: value for name, value in {**facts, **said}.items() if name not in said or value is not None}


def without_booking(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts without what was to be booked."""
    return {name: value for name, value in facts.items() if name not in BOOKING_FACTS}


def lasting_facts(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts without those of the dialogue that is over."""
    return {name: value for name, value in facts.items() if name not in TRANSIENT_FACTS and value is not None}


def told(settled: Mapping[str, str | None]) -> Events:
    """The assistant learns, in the middle of a dialogue, what an agent settled of the contact."""
    said = {FACT_OF_FIELD[field]: value for field, value in settled.items()}
    return [{"event": "slot", "name": name, "value": value} for name, value in sorted(said.items())]


def fresh_session(facts: Mapping[str, Any]) -> Events:
    """The assistant begins again, knowing the facts that still hold."""
    return [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
        *({"event": "slot", "name": name, "value": value} for name, value in sorted(lasting_facts(facts).items())),
        _LISTEN,
    ]
