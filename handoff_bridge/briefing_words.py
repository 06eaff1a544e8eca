"""The words of a briefing. Agents read them, in the inbox's language, which is English; customers never do."""

from collections.abc import Mapping
from types import MappingProxyType

from handoff_bridge.handoffs import TAKE_OVER

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "asked": "Asked for a person.",
        "complaint": "Has a complaint and asked for a person.",
        "not_understood": "Asked for a person after not being understood.",
        "assistant_unavailable": "The assistant did not answer.",
        "command": "Asked for a person by a command.",
        "low_confidence": "The assistant was not sure what was meant.",
        "repetition": "Asked the same thing again.",
        "too_long": "The talk with the assistant became long.",
        "too_old": "The talk with the assistant took long.",
        TAKE_OVER: "{who} took over without being asked for.",
    }
)
OTHER_REASON = "Handed over for this reason: {reason}."
NO_REASON = "Handed over without a reason."
TRANSFERRED = "{who} passed the conversation on."
REQUEUED = "Back in line, because the agent was gone."
ADMINISTRATOR = "{who} asked for a person to take this."
NOTE = "Note: {quote}."

LAST_WORDS = "Last words: {quote}."
WANTS = "Wants: {wants}."
KNOWN = "Known: {known}."
NOTHING_KNOWN = "Neither name nor e-mail nor phone number is known."
COMING = "Coming: {appointment}."
PAST = "Past appointment: {appointment}."
PAST_MANY = "{number} past appointments, the last: {appointment}."
ONE_NOT_UNDERSTOOD = "1 message was not understood: {quote}."
NOT_UNDERSTOOD = "{number} messages were not understood, the last: {quote}."
UNHAPPY = "Sounded unhappy: {quote}."

CHOSEN = "{opening} (chosen)"
QUOTE = "“{words}”"
CUT = "…"

NOT_UNDERSTOOD_INTENT = "nlu_fallback"
SMALL_TALK = frozenset(
    {"greet", "thank", "goodbye", "inform", "choose", "more_openings", "affirm", "deny", "stop", NOT_UNDERSTOOD_INTENT}
)
"""Intents that are no topic: they only carry a talk on."""

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "book": "booking an appointment",
        "move": "moving an appointment",
        "cancel": "cancelling an appointment",
        "find": "looking up an appointment",
        "request_human": "talking to a person",
        "withdraw": "not waiting any longer",
        "bot_challenge": "whether this is a person",
        "what_can_you_do": "what the assistant can do",
        "out_of_scope": "something the assistant does not do",
    }
)
"""Intents in words; one that is not here is read as it is written."""
