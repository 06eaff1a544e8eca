"""What a person should know who comes to a conversation, part by part; the summary is in `briefing_summary`.

Pure: built from what was said and what is known, as JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from business.model import Business
from handoff_bridge import briefing_words as words
from handoff_bridge.engagements import Engagement, as_json
from handoff_bridge.messages import Author, Message
from handoff_bridge.model import Handoff, Move

_JUDGED = 20  # messages whose sentiment is looked at, the last ones
_LINES, _LONGEST_LINE = 6, 300  # characters

Sentiment = Callable[[str], float]
"""How a text sounds, from -1 (unhappy) to 1."""


@dataclass(frozen=True)
class Material:
    """All that a briefing is made of. `facts` are in words, `said` is the talk, oldest first, `who` moved."""

    business: Business
    handoff: Handoff
    move: Move
    who: str
    facts: Mapping[str, str]
    customer: Mapping[str, str | None]
    said: Sequence[Message]
    appointments: Sequence[Engagement]
    now: datetime
    sentiment: Sentiment

    @property
    def customers_words(self) -> Sequence[Message]:
        """What the customer wrote, without the buttons they pressed."""
        return [one for one in self.said if one.author is Author.CUSTOMER and one.payload is None]

    @cached_property
    def scores(self) -> Sequence[tuple[Message, float]]:
        """How the customer's last messages sound, oldest first."""
        return [(one, self.sentiment(one.text)) for one in self.customers_words[-_JUDGED:]]


def topics(of: Material) -> list[str]:
    """What it was about: intents in words, and the services that were named."""
    intents = [one.intent for one in of.said if one.author is Author.CUSTOMER and one.intent]
    about = [words.TOPICS.get(name, name.replace("_", " ")) for name in intents if name not in words.SMALL_TALK]
    text = "\n".join(one.text for one in of.customers_words).casefold()
    named = [
        known.name
        for known in of.business.services.values()
        if any(name.casefold() in text for name in (known.name, *known.other_names))
    ]
    return list(dict.fromkeys([*about, *named, *filter(None, [service(of)])]))


def sentiment(of: Material) -> list[dict[str, Any]]:
    """How the customer's messages sound, oldest first."""
    return [{"message_id": one.id, "score": round(score, 2)} for one, score in of.scores]


def service(of: Material) -> str | None:
    return of.facts.get("service")


def wishes(of: Material) -> list[str]:
    """The time wished for and the opening chosen, in words."""
    opening = of.facts.get("opening")
    chosen = words.CHOSEN.format(opening=opening) if opening else None
    return [text for text in (of.facts.get("wish"), chosen) if text]


def last_lines(of: Material) -> list[dict[str, str]]:
    """What was said last, without what the front desk itself said."""
    spoken = [one for one in of.said if one.author is not Author.SYSTEM]
    return [{"author": one.author.value, "text": cut(one.text, _LONGEST_LINE)} for one in spoken[-_LINES:]]


def length(of: Material) -> int:
    """Messages of the talk, without what the front desk itself said."""
    return sum(one.author is not Author.SYSTEM for one in of.said)


def minutes(of: Material) -> int:
    """Since the talk began."""
    return int((of.now - of.said[0].created_at).total_seconds() // 60) if of.said else 0


def appointments(of: Material) -> list[dict[str, Any]]:
    """What the customer has held or booked, and had before, the latest first."""
    return [as_json(one) for one in of.appointments]


def customer(of: Material) -> dict[str, str | None]:
    return dict(of.customer)


def cut(text: str, longest: int) -> str:
    """The beginning of a text, up to the last word that fits."""
    if len(text) <= longest:
        return text
    return (text[:longest].rpartition(" ")[0] or text[:longest]) + words.CUT
