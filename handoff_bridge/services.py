"""Joins the use cases of one bridge process."""

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher

from business.clock import Clock
from business.model import Business
from handoff_bridge.announcer import Announcer
from handoff_bridge.answering import Answering
from handoff_bridge.answers import Answers
from handoff_bridge.assistant import RasaAssistant
from handoff_bridge.clockwork import Clockwork
from handoff_bridge.delivery import Delivery
from handoff_bridge.desk import Desk
from handoff_bridge.engagements import Diary
from handoff_bridge.entrance import Entrance
from handoff_bridge.fact_words import FactWords
from handoff_bridge.handover import Handover
from handoff_bridge.health import Health
from handoff_bridge.line import Line
from handoff_bridge.mailroom import Mailroom
from handoff_bridge.metrics import Metrics
from handoff_bridge.patience import Patience
from handoff_bridge.petitions import Petitions
from handoff_bridge.ports import Store
from handoff_bridge.reception import Reception
from handoff_bridge.settings import Settings
from handoff_bridge.shards import Shards
from handoff_bridge.visitors import Visitors


@dataclass(frozen=True)
class Services:
    """Everything the routes and the threads call."""

    settings: Settings
    business: Business
    clock: Clock
    metrics: Metrics
    store: Store
    visitors: Visitors
    line: Line
    petitions: Petitions
    desk: Desk
    answering: Answering
    entrance: Entrance
    delivery: Delivery
    clockwork: Clockwork
    health: Health
    mailroom: Mailroom


def join(
    settings: Settings,
    business: Business,
    clock: Clock,
    store: Store,
    *,
    diary: Diary,
    mailroom: Mailroom,
    hasher: PasswordHasher,
) -> Services:
    """The use cases on a store; nothing runs yet."""
    metrics = Metrics()
    announcer = Announcer(business)
    handover = Handover(announcer, metrics)
    line = Line(store, clock, business)
    assistants = [RasaAssistant(url, settings.secret) for url in settings.rasa_urls]
    return Services(
        settings=settings,
        business=business,
        clock=clock,
        metrics=metrics,
        store=store,
        visitors=Visitors(store, clock, Reception(business, handover, metrics), settings.secret),
        line=line,
        petitions=Petitions(store, clock, business, handover, line),
        desk=Desk(store, clock, diary, FactWords(business)),
        answering=Answering(store, clock, business, handover, metrics),
        entrance=Entrance(store, clock, hasher),
        delivery=Delivery(
            store,
            Shards(assistants),
            Answers(clock, announcer, metrics, name=business.name),
            metrics,
            name=secrets.token_hex(6),
        ),
        clockwork=Clockwork(store, clock, business, handover, Patience(store, clock, business, announcer, handover)),
        health=Health(store, assistants, settings.actions_url),
        mailroom=mailroom,
    )
