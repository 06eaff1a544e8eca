"""Joins the mailroom of one bridge process on PostgreSQL."""

from sqlalchemy import Engine

from business.clock import Clock
from business.model import Business
from handoff_bridge.appointment_links import AppointmentLinks
from handoff_bridge.appointment_news import AppointmentNewsJob
from handoff_bridge.appointment_reminders import ReminderGate, ReminderJob
from handoff_bridge.mailroom import Mailroom
from handoff_bridge.storage_appointment_links import PostgresLinked
from handoff_bridge.storage_appointment_news import PostgresChanges
from handoff_bridge.storage_appointment_reminders import PostgresVisits
from notifications.answers import Answers
from notifications.email import EmailSender
from notifications.links import Links
from notifications.service import Outbox
from notifications.smtp import MailServer, SmtpTransport
from notifications.storage import PostgresOutbox
from notifications.storage_answers import PostgresAnswers
from notifications.storage_mailbox import PostgresMailbox
from notifications.storage_troubles import PostgresTroubles
from scheduling.service import Calendar
from scheduling.storage import PostgresStore as CalendarStore


def join_mailroom(
    engine: Engine, business: Business, clock: Clock, *, server: MailServer | None, public_url: str, secret: str
) -> Mailroom:
    """Without a server what would be sent stays in the mailbox. Nothing runs yet."""
    transport = SmtpTransport(server) if server else PostgresMailbox(engine)
    mailbox = transport if isinstance(transport, PostgresMailbox) else None
    links, store, visits = Links(public_url, secret), PostgresAnswers(engine), PostgresVisits(engine)
    outbox = Outbox(
        business,
        PostgresOutbox(engine),
        EmailSender(business, transport, links=links),
        gate=ReminderGate(business, visits, store),
    )
    jobs = (AppointmentNewsJob(business, PostgresChanges(engine), outbox), ReminderJob(business, visits, outbox))
    answers, troubled = Answers(links, store), PostgresTroubles(engine)
    calendar = Calendar(business, CalendarStore(engine), clock)
    appointments = AppointmentLinks(business, links, PostgresLinked(engine), calendar, clock)
    return Mailroom(jobs, outbox, clock, mailbox, answers=answers, appointments=appointments, troubled=troubled)
