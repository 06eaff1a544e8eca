"""Notifications on a real PostgreSQL and through a real mail server that takes, refuses, hangs up or is silent."""

import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from business.model import Business
from notifications.email import EmailSender
from notifications.errors import LeaseLostError
from notifications.model import MAX_ATTEMPTS, Draft, Outcome, Result, State
from notifications.ports import HandOver
from notifications.service import Outbox
from notifications.smtp import MailServer, Security, SmtpTransport, read_server
from notifications.storage import LEASE, PostgresOutbox, add
from notifications.storage_mailbox import PostgresMailbox
from notifications.storage_tables import notifications
from tests.integration.post_office import PostOffice, falls_silent, hangs_up, opened

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
OVER = timedelta(0)  # a lease that has ended as soon as it began
ROOT = Path(__file__).parent.parent.parent
AUTHORITY = trustme.CA()
"""Signs the test server's certificate; made anew in every run."""
DATA = {
    "business": "Magnolia Motors",
    "service": "oil change",
    "customer": "Zoë Ångström",
    "when": "Tuesday, November 24, 2026, 10:30 AM Central Time",
    "code": "CDFG-HJKM",
    "address": "1200 Magnolia Avenue",
    "phone": "+1 512 555 0142",
}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with opened(PostOffice(), enable_SMTPUTF8=True) as made:
        yield made


@pytest.fixture
def house(engine: Engine, magnolia: Business, office: PostOffice) -> "House":
    return House(engine, magnolia, office)


class House:
    """The outbox of a business, and senders that share it."""

    def __init__(self, engine: Engine, business: Business, office: PostOffice) -> None:
        self.engine, self.business, self.office = engine, business, office

    def outbox(self, transport: Any = None, *, lease: timedelta = LEASE) -> Outbox:
        carrier = transport or self.smtp()
        sender = EmailSender(self.business, carrier)
        return Outbox(self.business, PostgresOutbox(self.engine, lease=lease), sender, jitter=lambda: 0.0)

    def smtp(self, **changes: Any) -> SmtpTransport:
        return SmtpTransport(read_server(f"smtp://127.0.0.1:{self.office.port}"), **({"timeout": 10} | changes))

    def enqueue(self, key: str, recipient: str = "zoe@customer.example", template: str = "booked", **data: str) -> bool:
        return self.outbox().enqueue(Draft(key, recipient, "en", template, DATA | data), NOW)

    def row(self, key: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(notifications).where(notifications.c.key == key)).one()

    def states(self) -> Counter[str]:
        with self.engine.connect() as connection:
            return Counter(connection.scalars(select(notifications.c.state)))


# Sent


def test_a_mail_arrives_and_its_row_says_so(house: House) -> None:
    house.enqueue("a")
    assert house.outbox().send_due(NOW) == 1
    (mail,) = house.office.mails
    assert mail["To"].addresses[0].addr_spec == "zoe@customer.example"
    assert mail["Subject"] == "Booked: oil change, Tuesday, November 24, 2026, 10:30 AM Central Time"
    assert "Hello Zoë Ångström," in mail.get_content()
    assert house.office.received[0].mail_from == "hello@magnolia-motors.example"
    row = house.row("a")
    assert (row.state, row.attempts, row.sent_at, row.failure) == ("sent", 1, NOW, None)


def test_a_key_used_before_has_no_second_effect(house: House) -> None:
    assert house.enqueue("a")
    assert not house.enqueue("a", "another@customer.example")
    house.outbox().send_due(NOW)
    assert not house.enqueue("a")
    house.outbox().send_due(NOW)
    assert house.office.recipients == ["zoe@customer.example"]


def test_a_line_break_in_a_name_smuggles_nothing_past_a_real_server(house: House) -> None:
    evil = "Ana\r\n.\r\nMAIL FROM:<a@evil.example>\r\nRCPT TO:<b@evil.example>\r\nBcc: c@evil.example"
    house.enqueue("a", customer=evil, service=evil)
    house.outbox().send_due(NOW)
    (mail,) = house.office.mails
    assert house.office.recipients == ["zoe@customer.example"]
    assert mail["Bcc"] is None
    assert not mail.defects


def test_long_lines_and_lines_of_a_dot_arrive_as_they_were(house: House, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/dots.txt").write_text("Dots\n.\n..\n.a\n{{ customer }}{{ customer }}{{ customer }}\n.\n")
    house.enqueue("a", template="dots", customer="." * 200)
    sender = EmailSender(house.business, house.smtp(), tmp_path)
    Outbox(house.business, PostgresOutbox(house.engine), sender).send_due(NOW)
    (mail,) = house.office.mails
    assert mail.get_content().splitlines() == [".", "..", ".a", "." * 600, "."]


def test_an_address_beyond_ascii_reaches_a_server_that_takes_it(house: House) -> None:
    house.enqueue("a", "zoë@bücher.example")
    house.outbox().send_due(NOW)
    assert house.office.recipients == ["zoë@xn--bcher-kva.example"]
    assert "To: zoë@xn--bcher-kva.example\r\n".encode() in house.office.received[0].content


def test_an_address_beyond_ascii_is_refused_for_a_server_that_does_not(house: House) -> None:
    with opened(PostOffice(), enable_SMTPUTF8=False) as old:
        house.office = old
        house.enqueue("a", "zoë@bücher.example")
        house.outbox().send_due(NOW)
        assert old.received == []
    assert house.row("a").state == "failed"
    assert "ASCII" in house.row("a").failure


def test_a_business_sends_nothing_of_another_on_the_same_installation(house: House) -> None:
    draft = Draft("a", "zoe@customer.example", "en", "booked", DATA)
    with house.engine.begin() as connection:
        assert add(connection, draft, NOW, account_id=2)
        assert add(connection, draft, NOW)
    assert house.outbox().send_due(NOW) == 1
    assert house.states() == {"pending": 1, "sent": 1}


def test_a_draft_in_a_transaction_that_is_undone_was_never_there(house: House) -> None:
    draft = Draft("a", "zoe@customer.example", "en", "booked", DATA)
    with house.engine.connect() as connection:
        assert add(connection, draft, NOW)
        connection.rollback()
    assert house.outbox().send_due(NOW) == 0
    with house.engine.begin() as connection:
        assert add(connection, draft, NOW)
        assert not add(connection, draft, NOW)
    assert house.outbox().send_due(NOW) == 1


# Refused and postponed


def test_a_mail_postponed_by_the_server_comes_later_and_later(house: House) -> None:
    house.enqueue("a")
    house.office.after_content = "451 try later"
    house.outbox().send_due(NOW)
    row = house.row("a")
    assert (row.state, row.attempts, row.next_at) == ("pending", 1, NOW + timedelta(minutes=1))
    assert "451 try later" in row.failure
    assert house.outbox().send_due(NOW + timedelta(seconds=59)) == 0
    house.outbox().send_due(NOW + timedelta(minutes=1))
    assert (house.row("a").next_at, house.row("a").handed_over_at) == (NOW + timedelta(minutes=3), None)
    house.office.after_content = "250 OK"
    house.outbox().send_due(NOW + timedelta(minutes=3))
    assert (house.row("a").state, house.row("a").failure) == ("sent", None)


def test_a_mail_postponed_for_a_day_has_failed(house: House) -> None:
    house.enqueue("a")
    house.office.at_recipient = "450 greylisted"
    outbox, now = house.outbox(), NOW
    while house.row("a").state == "pending":
        now = house.row("a").next_at
        assert outbox.send_due(now) == 1
    assert (house.row("a").state, house.row("a").attempts) == ("failed", MAX_ATTEMPTS)
    assert now - NOW > timedelta(days=1)
    assert "greylisted" in house.row("a").failure


@pytest.mark.parametrize("where", ["at_recipient", "after_content"])
def test_a_mail_refused_for_good_has_failed_with_the_servers_words(house: House, where: str) -> None:
    house.enqueue("a")
    setattr(house.office, where, "550 no such mailbox")
    house.outbox().send_due(NOW)
    house.outbox().send_due(NOW + timedelta(days=2))
    assert (house.row("a").state, house.row("a").attempts) == ("failed", 1)
    assert "550 no such mailbox" in house.row("a").failure


def test_what_cannot_be_written_fails_and_the_others_go_on(house: House) -> None:
    house.enqueue("a", template="nowhere")
    house.enqueue("b", "no address")
    house.enqueue("c")
    assert house.outbox().send_due(NOW) == 3
    assert "nowhere" in house.row("a").failure
    assert "address" in house.row("b").failure
    assert house.states() == {"failed": 2, "sent": 1}


def test_news_to_one_person_stay_in_order_while_others_are_served(house: House) -> None:
    house.enqueue("booked", "zoe@customer.example")
    house.enqueue("cancelled", "zoe@customer.example", "cancelled")
    house.enqueue("other", "ana@customer.example")
    house.office.at_recipient = "450 busy"
    house.outbox().send_due(NOW, limit=1)
    house.office.at_recipient = "250 OK"
    house.outbox().send_due(NOW)
    assert house.office.recipients == ["ana@customer.example"]
    house.outbox().send_due(NOW + timedelta(minutes=1))
    assert [mail["Subject"].split(":")[0].strip() for mail in house.office.mails[1:]] == ["Booked", "Cancelled"]


# The server


def test_a_server_that_is_not_there_is_asked_once_and_nothing_fails(house: House) -> None:
    for key in "abc":
        house.enqueue(key, f"{key}@customer.example")
    with opened(PostOffice()) as closed:
        port = closed.port
    nowhere = SmtpTransport(read_server(f"smtp://127.0.0.1:{port}"), timeout=5)
    assert house.outbox(nowhere).send_due(NOW) == 1
    assert house.states() == {"pending": 3}
    house.outbox().send_due(NOW + timedelta(minutes=1))
    assert house.states() == {"sent": 3}


def test_a_connection_lost_before_the_content_delivered_nothing_and_is_tried_again(house: House) -> None:
    house.enqueue("a")
    house.office.at_recipient = hangs_up
    house.outbox().send_due(NOW)
    assert (house.row("a").state, house.row("a").handed_over_at) == ("pending", None)
    house.office.at_recipient = "250 OK"
    house.outbox().send_due(NOW + timedelta(minutes=1))
    assert house.office.recipients == ["zoe@customer.example"]


@pytest.mark.parametrize("behaviour", [hangs_up, falls_silent])
def test_a_connection_lost_after_the_content_is_unknown_and_never_repeated(
    house: House, behaviour: Callable[[Any], Any]
) -> None:
    house.enqueue("a")
    house.enqueue("b", "ana@customer.example")
    house.office.after_content = behaviour
    house.outbox(house.smtp(timeout=0.5)).send_due(NOW)
    assert (house.row("a").state, house.row("b").state) == ("unknown", "pending")
    assert house.row("a").failure
    house.office.after_content = "250 OK"
    house.outbox().send_due(NOW + timedelta(days=30))
    assert house.office.recipients == ["zoe@customer.example", "ana@customer.example"]


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def presenting() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    return context


def logs_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"desk", b"p:s/s"), handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["smtp", "starttls", "smtps"])
def test_each_way_to_a_server_logs_in_and_delivers(house: House, security: str) -> None:
    how: dict[str, Any] = {"authenticator": logs_in, "auth_required": True, "auth_require_tls": False}
    if security == "starttls":
        how |= {"tls_context": presenting(), "require_starttls": True}
    if security == "smtps":
        how |= {"ssl_context": presenting()}
    house.enqueue("a")
    with opened(PostOffice(), **how) as guarded:
        server = read_server(f"{security}://desk:p%3As%2Fs@127.0.0.1:{guarded.port}")
        wrong = SmtpTransport(replace(server, password="x"), timeout=5, context=trusting())
        house.outbox(wrong).send_due(NOW)
        assert (house.row("a").state, guarded.received) == ("pending", [])
        assert "535" in house.row("a").failure
        house.outbox(SmtpTransport(server, timeout=5, context=trusting())).send_due(NOW + timedelta(minutes=1))
        assert guarded.recipients == ["zoe@customer.example"]


@pytest.mark.parametrize("security", ["starttls", "smtps"])
@pytest.mark.parametrize("has_tls", [True, False], ids=["whose certificate is unknown", "without encryption"])
def test_nothing_goes_to_a_server_that_cannot_be_trusted(house: House, security: str, has_tls: bool) -> None:
    how: dict[str, Any] = {}
    if has_tls:
        how = {"tls_context": presenting()} if security == "starttls" else {"ssl_context": presenting()}
    house.enqueue("a")
    with opened(PostOffice(), **how) as dubious:
        server = MailServer(Security(security), "127.0.0.1", dubious.port)
        house.outbox(SmtpTransport(server, timeout=2)).send_due(NOW)
        assert dubious.received == []
    assert (house.row("a").state, house.row("a").handed_over_at) == ("pending", None)


# Several senders, and senders that die


def test_senders_side_by_side_send_each_mail_once(house: House) -> None:
    everyone = [f"customer{number}@customer.example" for number in range(24)]
    for address in everyone:
        house.enqueue(address, address)
    start = threading.Barrier(4)

    def work() -> int:
        outbox = house.outbox()
        start.wait(10)
        return outbox.send_due(NOW, limit=100)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work) for _ in range(4)]
        assert sum(future.result() for future in done) == len(everyone)
    assert sorted(house.office.recipients) == sorted(everyone)
    assert house.states() == {"sent": len(everyone)}


SENDER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from business.reader import read_business
from database.engine import connect
from notifications.email import EmailSender
from notifications.service import Outbox
from notifications.smtp import SmtpTransport, read_server
from notifications.storage import PostgresOutbox

business = read_business(Path("business.yml"))
store = PostgresOutbox(connect(sys.argv[1]), lease=timedelta(0))
sender = EmailSender(business, SmtpTransport(read_server(sys.argv[2])))
Outbox(business, store, sender).send_due(datetime(2026, 11, 20, 18, tzinfo=UTC))
"""


@pytest.mark.parametrize(
    ("moment", "deliveries", "state"), [("at_recipient", 1, "sent"), ("after_content", 1, "unknown")]
)
def test_a_killed_sender_loses_nothing_before_the_content_and_repeats_nothing_after(
    house: House, database_url: str, moment: str, deliveries: int, state: str
) -> None:
    house.enqueue("a")
    reached = threading.Event()

    async def waits(_server: Any) -> None:
        reached.set()
        await falls_silent(_server)

    setattr(house.office, moment, waits)
    command = [sys.executable, "-c", SENDER, database_url, f"smtp://127.0.0.1:{house.office.port}"]
    with subprocess.Popen(command, cwd=ROOT) as child:
        assert reached.wait(30)
        child.kill()
    assert house.row("a").state == "pending"
    setattr(house.office, moment, "250 OK")
    house.outbox().send_due(NOW)
    assert len(house.office.received) == deliveries
    assert house.row("a").state == state


class Between:
    """A transport that does something of ours before it delivers, or after."""

    def __init__(self, inner: Any, *, before: Callable[[], Any] = int, after: Callable[[], Any] = int) -> None:
        self._inner, self._before, self._after = inner, before, after

    def deliver(self, mail: Any, hand_over: HandOver) -> Outcome:
        self._before()
        outcome: Outcome = self._inner.deliver(mail, hand_over)
        self._after()
        return outcome


def test_a_sender_that_was_overtaken_before_the_content_sends_nothing(house: House) -> None:
    house.enqueue("a")
    overtaking = Between(house.smtp(), before=lambda: house.outbox().send_due(NOW))
    house.outbox(overtaking, lease=OVER).send_due(NOW)
    assert len(house.office.received) == 1
    assert (house.row("a").state, house.row("a").attempts) == ("sent", 2)


def test_a_sender_that_was_overtaken_neither_hands_over_nor_settles(house: House) -> None:
    house.enqueue("a")
    store = PostgresOutbox(house.engine, lease=OVER)
    first, second = store.claim(NOW), store.claim(NOW)
    assert first is not None
    assert second is not None
    with pytest.raises(LeaseLostError):
        store.hand_over(first, NOW)
    assert not store.settle(first.after(Outcome(Result.REFUSED, "550"), NOW, 0.0))
    store.hand_over(second, NOW)
    assert store.settle(second.after(Outcome(Result.ACCEPTED), NOW, 0.0))


def test_what_was_handed_over_is_not_claimed_again_when_its_lease_ends(house: House) -> None:
    house.enqueue("a")
    store = PostgresOutbox(house.engine, lease=OVER)
    claimed = store.claim(NOW)
    assert claimed is not None
    store.hand_over(claimed, NOW)
    assert store.claim(NOW) is None


def test_the_late_word_of_a_sender_believed_dead_still_counts(house: House) -> None:
    house.enqueue("a")
    states: list[str] = []

    def meanwhile() -> None:
        house.outbox().send_due(NOW)
        states.append(house.row("a").state)

    house.outbox(Between(house.smtp(), after=meanwhile), lease=OVER).send_due(NOW)
    assert states == ["unknown"]
    assert house.row("a").state == "sent"
    assert len(house.office.received) == 1


def test_a_notification_whose_senders_all_die_ends_as_failed(house: House) -> None:
    house.enqueue("a")
    store = PostgresOutbox(house.engine, lease=OVER)
    for _ in range(MAX_ATTEMPTS):
        assert store.claim(NOW)
    house.outbox().send_due(NOW)
    assert house.row("a").state == "failed"
    assert house.office.received == []


# The law in the database


@pytest.mark.parametrize(
    "change",
    [
        "state = 'posted'",
        "channel = 'pigeon'",
        "state = 'sent', attempts = 1",
        "state = 'failed', attempts = 1",
        "state = 'failed', failure = 'never tried'",
        "state = 'unknown', attempts = 1, failure = 'never handed over'",
        "state = 'failed', attempts = 1, failure = 'leased', lease_until = now()",
        "handed_over_at = now()",
        "sent_at = now()",
        "attempts = -1",
    ],
)
def test_an_unlawful_row_cannot_be_stored_by_hand(house: House, change: str) -> None:
    house.enqueue("a")
    with pytest.raises(IntegrityError), house.engine.begin() as connection:
        connection.execute(text(f"update notifications set {change}"))


# Without a mail server


def test_without_a_mail_server_the_mail_lies_in_the_mailbox(house: House) -> None:
    mailbox = PostgresMailbox(house.engine)
    for key in ("first", "second"):
        house.enqueue(key, f"{key}@customer.example")
    house.outbox(mailbox).send_due(NOW)
    newest, oldest = mailbox.latest()
    assert (newest.recipient, oldest.recipient) == ("second@customer.example", "first@customer.example")
    assert newest.sent_at == NOW
    assert newest.subject.startswith("Booked: oil change")
    assert "Hello Zoë Ångström," in newest.body
    assert house.states() == {State.SENT: 2}
    assert mailbox.latest(1) == [newest]


def test_a_sender_that_dies_after_it_kept_a_mail_keeps_it_once(house: House) -> None:
    mailbox = PostgresMailbox(house.engine)
    house.enqueue("a")

    def die() -> None:
        raise KeyboardInterrupt

    with ExitStack() as stack:
        stack.enter_context(pytest.raises(KeyboardInterrupt))
        house.outbox(Between(mailbox, after=die), lease=OVER).send_due(NOW)
    house.outbox(mailbox).send_due(NOW)
    assert len(mailbox.latest()) == 1
    assert house.row("a").state == "sent"


def test_what_is_settled_cannot_be_settled_again(house: House) -> None:
    house.enqueue("a")
    store = PostgresOutbox(house.engine)
    claimed = store.claim(NOW)
    assert claimed is not None
    assert store.settle(claimed.after(Outcome(Result.REFUSED, "550"), NOW, 0.0))
    assert not store.settle(claimed.after(Outcome(Result.ACCEPTED), NOW, 0.0))
    assert house.row("a").state == "failed"
