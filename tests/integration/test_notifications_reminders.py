"""Reminders and the question after a visit: from the calendar to a real mail server, with links that do something."""

import email
import email.policy
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from business.model import Business
from business.reminders import ReminderRules
from handoff_bridge.storage_mailroom import join_mailroom
from notifications.smtp import read_server
from notifications.storage_answers import PostgresAnswers
from notifications.storage_tables import notifications
from notifications.storage_troubles import PostgresTroubles
from scheduling.model import Appointment, Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.integration.post_office import PostOffice, hangs_up, opened

SECRET = "a secret of at least thirty-two characters"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # a Friday noon in Austin
START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # Tuesday, 14:00 there
ZOE = Customer("Zoë Ångström", "zoe@customer.example", None)


class Shop:
    """A business with its calendar and its post, at a time that a test sets."""

    def __init__(
        self, engine: Engine, business: Business, office: PostOffice, url: str = "https://desk.example"
    ) -> None:
        self.engine, self.business, self.office, self.now = engine, business, office, NOW
        self.calendar = Calendar(business, PostgresStore(engine), lambda: self.now)
        self.url = url

    def post(self, *, to: datetime | None = None) -> None:
        """What a bridge that has just started does at that time."""
        self.now = to or self.now
        room = self.mailroom()
        for job in room._jobs:
            job.run_once(self.now)
        room._outbox.send_due(self.now)

    def mailroom(self) -> Any:
        server = read_server(f"smtp://127.0.0.1:{self.office.port}")
        return join_mailroom(
            self.engine, self.business, lambda: self.now, server=server, public_url=self.url, secret=SECRET
        )

    def book(self, start: datetime = START, name: str = "c1", customer: Customer = ZOE) -> Appointment:
        self.calendar.hold("oil_change", start, conversation_id=name, request_key=f"{name}:h")
        return self.calendar.book(name, customer, request_key=f"{name}:b")

    def reminders(self) -> Sequence[EmailMessage]:
        return [mail for mail in self.office.mails if mail["Subject"].startswith("Reminder")]

    def states(self, template: str = "reminder") -> list[tuple[str, str | None]]:
        found = select(notifications.c.state, notifications.c.failure).where(notifications.c.template == template)
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(found.order_by(notifications.c.id))]


@pytest.fixture
def shop(engine: Engine, magnolia: Business) -> Iterator[Shop]:
    with opened(PostOffice()) as office:
        yield Shop(engine, magnolia, office)


def before(hours: float) -> datetime:
    return START - timedelta(hours=hours)


def test_a_customer_is_reminded_a_day_and_two_hours_before(shop: Shop) -> None:
    shop.book()
    counts = []
    for when in (NOW, before(24.1), before(24), before(23), before(2.1), before(2), before(1), START, before(-1)):
        shop.post(to=when)
        counts.append(len(shop.reminders()))
    assert counts == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    first, _ = shop.reminders()
    assert first["Subject"] == "Reminder: oil change, Tuesday, November 24, 2026, 2:00 PM (Central Standard Time)"
    assert first["To"].addresses[0].addr_spec == "zoe@customer.example"
    texts = [mail.get_body(("plain",)) for mail in shop.office.mails]
    confirmation, *reminders = [
        re.findall(rf"{shop.url}/appointment/\S+", text.get_content()) for text in texts if text
    ]
    assert reminders == [confirmation] * 2
    assert len(confirmation) == 1


def test_bridges_side_by_side_remind_once(shop: Shop) -> None:
    for number in range(2):
        shop.book(name=f"c{number}", customer=Customer("Ana", f"ana{number}@customer.example", None))
    shop.now = before(24)
    start = threading.Barrier(6)

    def run(_: int) -> int:
        room = shop.mailroom()
        start.wait(10)
        made = sum(job.run_once(shop.now) for job in room._jobs[1:])
        room._outbox.send_due(shop.now)
        return made

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 2
    assert sorted(mail["To"] for mail in shop.reminders()) == ["ana0@customer.example", "ana1@customer.example"]


def test_a_moved_appointment_is_reminded_of_at_its_new_time_and_a_cancelled_one_not(shop: Shop) -> None:
    booked = shop.book()
    shop.post(to=before(24))
    later = START + timedelta(days=1)
    shop.calendar.move(booked.id, later, conversation_id="c1", request_key="c1:m")
    shop.post(to=before(2))
    assert len(shop.reminders()) == 1
    shop.post(to=before(0))
    assert "Wednesday, November 25" in shop.reminders()[1]["Subject"]
    shop.calendar.cancel(booked.id, conversation_id="c1", request_key="c1:c")
    shop.post(to=later - timedelta(hours=2))
    assert len(shop.reminders()) == 2


def _cancel(shop: Shop, booked: Appointment) -> None:
    shop.calendar.cancel(booked.id, conversation_id="c1", request_key="c1:c")


def _move(shop: Shop, booked: Appointment) -> None:
    shop.calendar.move(booked.id, START + timedelta(days=1), conversation_id="c1", request_key="c1:m")


def _begin(shop: Shop, _: Appointment) -> None:
    shop.now = START


def _opt_out(shop: Shop, _: Appointment) -> None:
    PostgresAnswers(shop.engine).stop("ZOE@customer.example", shop.now)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_cancel, "The appointment was cancelled or moved."),
        (_move, "The appointment was cancelled or moved."),
        (_begin, "It was too late for it."),
        (_opt_out, "The recipient wants no such mail."),
    ],
)
def test_what_happens_between_two_attempts_is_heeded(
    shop: Shop, happens: Callable[[Shop, Appointment], None], reason: str
) -> None:
    booked = shop.book()
    shop.post()
    shop.office.after_content = "451 try later"
    shop.post(to=before(2))
    shop.office.after_content = "250 OK"
    shop.now += timedelta(minutes=2)
    happens(shop, booked)
    shop.post()
    assert shop.states() == [("dropped", reason)]
    assert len(shop.reminders()) == 1  # the one that was refused


def test_a_reminder_that_the_server_postpones_into_the_night_waits_for_the_morning(shop: Shop) -> None:
    start = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)  # 9:30, so the first is due at 9:30 the day before
    shop.book(start)
    shop.post()
    shop.office.after_content = "451 try later"
    shop.post(to=datetime(2026, 11, 25, 2, 59, tzinfo=UTC))  # 20:59, a server that was away all day
    shop.office.after_content = "250 OK"
    shop.post(to=datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    shop.post(to=datetime(2026, 11, 25, 13, 59, tzinfo=UTC))
    refused = len(shop.reminders())
    shop.post(to=datetime(2026, 11, 25, 14, 0, tzinfo=UTC))  # 8:00
    assert refused == 1
    assert len(shop.reminders()) > refused
    assert shop.states()[0] == ("sent", None)


def test_news_do_not_wait_for_a_reminder(shop: Shop) -> None:
    shop.book()
    shop.post()
    shop.office.after_content = "451 try later"
    shop.post(to=before(24))
    shop.office.after_content = "250 OK"
    shop.book(START + timedelta(days=1), "c2")
    shop.post()
    assert shop.office.mails[-1]["Subject"].startswith("Booked")
    assert shop.states() == [("pending", "451 try later")]


def test_nobody_without_an_address_or_of_a_hold_is_reminded(shop: Shop) -> None:
    shop.book(customer=Customer("Zoë", None, "+15125550199"))
    shop.calendar.hold("oil_change", START, conversation_id="c2", request_key="c2:h")
    shop.post(to=before(24))
    assert shop.office.mails == []


def test_the_question_after_a_visit_is_asked_the_day_after_once(shop: Shop) -> None:
    rules = ReminderRules.model_validate({"hours": [], "follow_up": "10:00"})
    shop.business = shop.business.model_copy(update={"reminders": rules})
    shop.book()
    shop.post()
    ten = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
    for when in (START, ten - timedelta(minutes=1), ten, ten + timedelta(hours=1), ten + timedelta(days=1)):
        shop.post(to=when)
    assert [mail["Subject"] for mail in shop.office.mails[1:]] == ["How was your oil change?"]
    assert "https://desk.example/mail/rating/" in shop.office.mails[1].get_content()


def test_only_what_nobody_asked_for_can_be_stopped(shop: Shop) -> None:
    shop.book()
    shop.post()
    shop.post(to=before(24))
    confirmation, reminder = shop.office.mails
    assert confirmation["List-Unsubscribe"] is None
    assert "/mail/stop" not in confirmation.as_string()
    (url,) = re.findall(r"https://desk\.example/mail/stop/\S+", reminder.get_content())
    assert reminder["List-Unsubscribe"] == f"<{url}>"
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_address_to_stop_is_never_broken_or_encoded(shop: Shop) -> None:
    shop.url = "http://" + "a-long-name." * 8 + "example"
    shop.book()
    shop.post(to=before(24))
    (content,) = [e.content for e in shop.office.received if b"Reminder" in e.content]
    assert f"\r\nList-Unsubscribe: <{shop.url}/mail/stop/".encode() in content
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["List-Unsubscribe-Post"] is None  # one click is for https only


def test_who_opted_out_still_gets_what_they_asked_for(shop: Shop) -> None:
    _opt_out(shop, shop.book())
    shop.post()
    shop.post(to=before(24))
    shop.post(to=before(2))
    assert [mail["Subject"].split(":")[0] for mail in shop.office.mails] == ["Booked"]
    assert shop.states() == [("dropped", "The recipient wants no such mail.")] * 2


def test_an_old_reminder_of_a_bridge_that_was_away_is_not_made_up_for(shop: Shop) -> None:
    shop.book()
    shop.post(to=before(1))
    assert len(shop.reminders()) == 1
    with shop.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(notifications.c.template == "reminder")) == 1


# A server that does not take it


@pytest.mark.parametrize("where", ["at_recipient", "after_content"])
@pytest.mark.parametrize(
    ("behaviour", "state"),
    [("421 not now", "pending"), ("451 try later", "pending"), ("550 no such user", "failed"), (hangs_up, None)],
)
def test_what_a_server_does_to_a_reminder_is_known_and_an_unknown_end_is_not_repeated(
    shop: Shop, where: str, behaviour: Any, state: str | None
) -> None:
    shop.book()
    shop.post()
    setattr(shop.office, where, behaviour)
    shop.post(to=before(24))
    (trouble,) = PostgresTroubles(shop.engine).since(NOW - timedelta(days=1), 10)
    cut = "unknown" if where == "after_content" else "pending"
    assert (trouble.state, trouble.template) == (state or cut, "reminder")
    assert trouble.recipient == "zoe@customer.example"
    assert trouble.failure
    setattr(shop.office, where, "250 OK")
    before_it = len(shop.reminders())
    shop.post(to=before(23))
    is_tried_again = trouble.state == "pending"
    assert len(shop.reminders()) - before_it == is_tried_again
    assert shop.states()[0][0] == ("sent" if is_tried_again else trouble.state)


def test_troubles_are_ours_and_of_late_and_leave_out_what_went_well(shop: Shop) -> None:
    shop.book()
    shop.office.after_content = "550 no such user"
    shop.post()
    shop.office.after_content = "250 OK"
    shop.post(to=before(24))
    troubles = PostgresTroubles(shop.engine)
    assert [trouble.template for trouble in troubles.since(NOW - timedelta(days=1), 10)] == ["booked"]
    assert troubles.since(NOW, 10) == []
    assert PostgresTroubles(shop.engine, account_id=2).since(NOW - timedelta(days=1), 10) == []
