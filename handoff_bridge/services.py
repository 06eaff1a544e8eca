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
from handoff_bridge.bookings import Bookings
from handoff_bridge.briefer import Briefer
from handoff_bridge.clockwork import Clockwork
from handoff_bridge.contacts import Contacts
from handoff_bridge.delivery import Delivery
from handoff_bridge.desk import Desk
from handoff_bridge.engagements import Diary
from handoff_bridge.entrance import Entrance
from handoff_bridge.escalator import Escalator
from handoff_bridge.fact_words import FactWords
from handoff_bridge.handover import Handover
from handoff_bridge.health import Health
from handoff_bridge.ledger import Ledger
from handoff_bridge.line import Line
from handoff_bridge.mail_troubles import MailTroubles
from handoff_bridge.mailroom import Mailroom
from handoff_bridge.memory import Memory
from handoff_bridge.metrics import Metrics
from handoff_bridge.offering import Offering, OfferKeeper
from handoff_bridge.patience import Patience
from handoff_bridge.petitions import Petitions
from handoff_bridge.ports import Store
from handoff_bridge.presence import PresenceWatch
from handoff_bridge.ratings import Ratings
from handoff_bridge.reception import Reception
from handoff_bridge.reports import Reports
from handoff_bridge.router import Router
from handoff_bridge.settings import Settings
from handoff_bridge.shards import Shards
from handoff_bridge.staffing import StaffingDesk
from handoff_bridge.switch import Switch
from handoff_bridge.task_clock import TaskClock
from handoff_bridge.task_list import TaskList
from handoff_bridge.task_requests import TaskRequests
from handoff_bridge.timetable import Timetable
from handoff_bridge.triggers.join import join_triggers
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.records import DecisionRecords
from handoff_bridge.triggers.sentiment import PhraseSentiment
from handoff_bridge.visitors import Visitors
from scheduling.book import Book
from scheduling.service import Calendar


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
    task_requests: TaskRequests
    task_list: TaskList
    timetable: Timetable
    bookings: Bookings
    desk: Desk
    offering: Offering
    router: Router
    staffing: StaffingDesk
    answering: Answering
    contacts: Contacts
    reports: Reports
    decisions: DecisionRecords
    switch: Switch
    entrance: Entrance
    delivery: Delivery
    clockwork: Clockwork
    health: Health
    shards: Shards
    mailroom: Mailroom
    mail_troubles: MailTroubles


def join(
    settings: Settings,
    business: Business,
    clock: Clock,
    store: Store,
    *,
    diary: Diary,
    book: Book,
    calendar: Calendar,
    mailroom: Mailroom,
    hasher: PasswordHasher,
) -> Services:
    """The use cases on a store; nothing runs yet."""
    metrics = Metrics()
    announcer = Announcer(business)
    words, ratings = FactWords(business), Ratings(business, announcer)
    sentiment = PhraseSentiment(read_languages(business.languages))
    handover = Handover(
        announcer,
        metrics,
        followers=(
            Ledger(business, Briefer(business, diary, words, sentiment)),
            OfferKeeper(),  # it locks agents, so that it comes last
        ),
        askers=(ratings,),
        memory=Memory(diary),
    )
    triggers = join_triggers(business, clock, announcer, handover, metrics, sentiment=sentiment)
    reception = Reception(business, handover, metrics, hearers=(triggers.hearing, ratings))
    router = Router(store, clock, business, handover)
    line = Line(store, clock, business)
    shards = Shards([RasaAssistant(url, settings.secret) for url in settings.rasa_urls], metrics)
    return Services(
        settings=settings,
        business=business,
        clock=clock,
        metrics=metrics,
        store=store,
        visitors=Visitors(store, clock, reception, settings.secret),
        line=line,
        petitions=Petitions(store, clock, business, handover, line),
        task_requests=TaskRequests(store, clock, business, handover, metrics),
        task_list=TaskList(store, clock, metrics),
        timetable=Timetable(store, clock, business, book),
        bookings=Bookings(store, calendar),
        desk=Desk(store, clock, diary, words),
        offering=Offering(store, clock, handover),
        router=router,
        staffing=StaffingDesk(store, clock, business),
        answering=Answering(store, clock, business, handover, metrics),
        contacts=Contacts(store, clock, business),
        reports=Reports(store, clock, business, mailroom.answers),
        decisions=DecisionRecords(store),
        switch=Switch(store, clock, business, handover),
        entrance=Entrance(store, clock, hasher),
        delivery=Delivery(
            store,
            shards,
            Answers(clock, announcer, metrics, triggers.triggers, name=business.name),
            metrics,
            name=secrets.token_hex(6),
        ),
        clockwork=Clockwork(
            store,
            clock,
            business,
            handover,
            Patience(store, clock, business, announcer, handover, triggers=triggers.triggers),
            jobs=(
                TaskClock(store, clock, business, metrics),
                Escalator(store, clock, business),
                PresenceWatch(store, clock),
                router,
            ),
        ),
        health=Health(store, shards, settings.actions_url),
        shards=shards,
        mailroom=mailroom,
        mail_troubles=MailTroubles(mailroom.troubled, clock),
    )
