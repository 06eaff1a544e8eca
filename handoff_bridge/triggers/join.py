"""Joins the triggers of a business: its rules, the word lists, and what follows from them."""

from dataclasses import dataclass

from business.clock import Clock
from business.model import Business
from handoff_bridge.announcer import Announcer
from handoff_bridge.handover import Handover
from handoff_bridge.metrics import Metrics
from handoff_bridge.triggers.heard import Answers
from handoff_bridge.triggers.hearing import Hearing
from handoff_bridge.triggers.judge import Judge
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.model import Sentiment
from handoff_bridge.triggers.service import Triggers
from handoff_bridge.triggers.signals import Listener
from handoff_bridge.triggers.usher import Usher


@dataclass(frozen=True)
class JoinedTriggers:
    """What the bridge calls after an answer, and what it asks at the door."""

    triggers: Triggers
    hearing: Hearing


def join_triggers(
    business: Business,
    clock: Clock,
    announcer: Announcer,
    handover: Handover,
    metrics: Metrics,
    *,
    sentiment: Sentiment,
) -> JoinedTriggers:
    """Reads the word lists of the languages that the business speaks."""
    rules, languages = business.handoff.triggers, read_languages(business.languages)
    names = [department.name for department in business.departments.values()]
    judge, usher = Judge(rules, languages, names), Usher(business, announcer, handover)
    triggers = Triggers(clock, judge, Listener(rules, sentiment), usher, metrics)
    return JoinedTriggers(triggers, Hearing(triggers, judge, usher, Answers(languages)))
