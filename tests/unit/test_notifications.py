"""Notifications without a database and without a server: the model, the mail, the address of the mail server."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.model import Business
from notifications.email import TEMPLATES, EmailSender, Mail
from notifications.errors import MailServerInvalidError
from notifications.model import BEFORE, MAX_ATTEMPTS, Draft, Notification, Outcome, Result, State, back_off, one_line
from notifications.ports import HandOver
from notifications.smtp import read_server

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
DATA = {
    "business": "Magnolia Motors",
    "service": "oil change",
    "customer": "Zoë Ångström",
    "when": "Tuesday, November 24, 2026, 10:30 AM Central Time",
    "code": "CDFG-HJKM",
    "address": "1200 Magnolia Avenue",
    "phone": "+1 512 555 0142",
}


class Catcher:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def deliver(self, mail: Mail, hand_over: HandOver) -> Outcome:
        hand_over()
        self.mails.append(mail)
        return Outcome(Result.ACCEPTED)


def notification(
    template: str = "booked",
    *,
    recipient: str = "zoe@customer.example",
    language: str = "en",
    attempts: int = 1,
    **data: str,
) -> Notification:
    """One that has just been claimed, cleaned as the outbox stores it."""
    draft = Draft("key", recipient, language, template, DATA | data)
    return Notification(
        id=7,
        account_id=1,
        key=draft.key,
        channel="email",
        recipient=draft.recipient,
        language=draft.language,
        template=draft.template,
        data=draft.data,
        state=State.PENDING,
        attempts=attempts,
        next_at=NOW,
        lease_until=NOW + timedelta(minutes=10),
        handed_over_at=None,
        failure=None,
        created_at=NOW,
        sent_at=None,
    )


def send(business: Business, sent: Notification, templates: Path = TEMPLATES) -> tuple[Outcome, EmailMessage | None]:
    """The outcome and the mail as its reader parses it."""
    catcher = Catcher()
    outcome = EmailSender(business, catcher, templates).send(sent, NOW, lambda: None)
    if not catcher.mails:
        return outcome, None
    return outcome, email.message_from_bytes(catcher.mails[0].content, policy=email.policy.default)


def mailed(business: Business, sent: Notification, templates: Path = TEMPLATES) -> EmailMessage:
    message = send(business, sent, templates)[1]
    assert message is not None
    assert not message.defects
    return message


# The model


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Result.ACCEPTED, State.SENT),
        (Result.REFUSED, State.FAILED),
        (Result.LOST, State.UNKNOWN),
        (Result.POSTPONED, State.PENDING),
        (Result.UNREACHABLE, State.PENDING),
    ],
)
def test_each_result_leads_to_its_state_by_a_lawful_way(result: Result, state: State) -> None:
    after = notification().after(Outcome(result, "why"), NOW, 0.0)
    assert after.state is state
    assert State.PENDING in BEFORE[state]
    assert after.lease_until is None
    assert after.failure == (None if state is State.SENT else "why")
    assert after.sent_at == (NOW if state is State.SENT else None)


def test_what_was_sent_or_failed_stays_so() -> None:
    assert not any({State.SENT, State.FAILED} & before for before in BEFORE.values())


def test_each_wait_is_twice_the_one_before() -> None:
    after = notification(attempts=3).after(Outcome(Result.POSTPONED, "450"), NOW, 0.0)
    assert after.next_at == NOW + timedelta(minutes=4)


def test_after_the_last_attempt_it_has_failed() -> None:
    after = notification(attempts=MAX_ATTEMPTS).after(Outcome(Result.UNREACHABLE, "refused"), NOW, 0.0)
    assert (after.state, after.failure) == (State.FAILED, "refused")


def test_the_attempts_spread_over_a_day_and_a_little_more() -> None:
    for jitter in (0.0, 1.0):
        whole = sum((back_off(attempts, jitter) for attempts in range(1, MAX_ATTEMPTS)), timedelta())
        assert timedelta(days=1) <= whole <= timedelta(days=1.5)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_never_shorter_than_a_minute_nor_longer_than_five_hours(attempts: int, jitter: float) -> None:
    assert timedelta(minutes=1) <= back_off(attempts, jitter) <= timedelta(hours=5)


@given(st.text(st.characters(), max_size=400))
def test_whatever_is_filled_in_is_one_line_that_can_be_stored_and_mailed(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 200
    assert len(line.splitlines()) <= 1
    assert "\0" not in line
    line.encode()


def test_a_name_cannot_turn_the_writing_direction_around() -> None:
    assert one_line("Ana\u202eevil\u2066") == "Anaevil"


# The mail


@pytest.mark.parametrize("template", ["booked", "moved", "cancelled"])
def test_each_mail_names_what_when_and_the_code(magnolia: Business, template: str) -> None:
    message = mailed(magnolia, notification(template))
    assert "oil change" in message["Subject"]
    assert DATA["when"] in message["Subject"]
    body = message.get_content()
    for word in ("Zoë Ångström", "oil change", DATA["when"], "CDFG-HJKM", "+1 512 555 0142", "Magnolia Motors"):
        assert word in body


def test_the_mail_comes_from_the_business_and_says_that_a_machine_wrote_it(magnolia: Business) -> None:
    message = mailed(magnolia, notification())
    assert message["From"].addresses[0].addr_spec == "hello@magnolia-motors.example"
    assert message["From"].addresses[0].display_name == "Magnolia Motors"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW


def test_another_attempt_at_the_same_notification_has_the_same_message_id(magnolia: Business) -> None:
    first = mailed(magnolia, notification(attempts=1))["Message-ID"]
    assert mailed(magnolia, notification(attempts=2))["Message-ID"] == first
    assert first.endswith("@magnolia-motors.example>")


def test_without_a_name_nobody_is_greeted_by_name(magnolia: Business) -> None:
    assert mailed(magnolia, notification(customer="")).get_content().startswith("Hello,\r\n")


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_line_break_in_a_name_makes_neither_a_header_nor_a_line(magnolia: Business, break_: str) -> None:
    evil = f"Ana{break_}Bcc: thief@evil.example{break_}{break_}Pay at evil.example"
    message = mailed(magnolia, notification(customer=evil, service=evil))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Booked: Ana Bcc: thief@evil.example Pay at evil.example,")
    assert "\nBcc" not in message.get_content()
    assert "\nPay" not in message.get_content()


def test_a_name_is_no_template(magnolia: Business) -> None:
    assert (
        "Hello {{ 7 * 7 }}{% raw %}," in mailed(magnolia, notification(customer="{{ 7 * 7 }}{% raw %}")).get_content()
    )


def test_signs_that_mean_something_in_html_stay_what_they_are(magnolia: Business) -> None:
    assert "Hello <b>O'Neill & Co</b>," in mailed(magnolia, notification(customer="<b>O'Neill & Co</b>")).get_content()


def test_every_line_on_the_wire_is_short_and_ascii(magnolia: Business) -> None:
    catcher = Catcher()
    long = notification(customer="ö" * 200, service="車" * 200)
    EmailSender(magnolia, catcher).send(long, NOW, lambda: None)
    raw = catcher.mails[0].content
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert "車" * 200 in parsed["Subject"]
    assert "ö" * 200 in parsed.get_content()


def test_a_domain_in_another_script_goes_over_the_wire_in_ascii(magnolia: Business) -> None:
    catcher = Catcher()
    EmailSender(magnolia, catcher).send(notification(recipient="zoe@bücher.example"), NOW, lambda: None)
    EmailSender(magnolia, catcher).send(notification(recipient="zoë@bücher.example"), NOW, lambda: None)
    assert [(mail.recipient.addr_spec, mail.needs_utf8) for mail in catcher.mails] == [
        ("zoe@xn--bcher-kva.example", False),
        ("zoë@xn--bcher-kva.example", True),
    ]


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@b, c@d.example", "a@b.example\r\nBcc: c@d.example", "@", "a@-.x"]
)
def test_what_is_no_address_is_refused_with_the_reason(magnolia: Business, recipient: str) -> None:
    outcome, message = send(magnolia, notification(recipient=recipient))
    assert outcome.result is Result.REFUSED
    assert outcome.reason
    assert message is None


def test_a_language_without_the_template_falls_back_to_the_first_of_the_business(magnolia: Business) -> None:
    assert mailed(magnolia, notification(language="fr"))["Subject"].startswith("Booked: oil change")


@pytest.mark.parametrize("name", ["nowhere", "../../../business.yml", "/etc/passwd"])
def test_a_template_that_is_not_there_is_refused_with_its_name(magnolia: Business, name: str) -> None:
    outcome, _ = send(magnolia, notification(name))
    assert outcome.result is Result.REFUSED
    assert name in outcome.reason


@pytest.mark.parametrize(
    "text",
    [
        b"{{ missing }}\n",
        b"{% if %}\n",
        b"\n\nno subject\n",
        b"{{ 1 / 0 }}\n",
        b"\xff\n",
        b"{{ ''.__class__.__mro__[1].__subclasses__() }}\n",
        b"{{ service + 1 }}\n",
        b'x{{ "\\rBcc: a@evil.example" }}\n',
        b'{{ "\\ud800" }}\n',
    ],
)
def test_a_broken_or_hostile_template_is_refused(magnolia: Business, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/booked.txt").write_bytes(text)
    outcome, message = send(magnolia, notification(), tmp_path)
    assert outcome.result is Result.REFUSED
    assert message is None


# The mail server's address


def test_a_mail_server_is_read_with_its_port_and_password() -> None:
    server = read_server("starttls://me%40shop.example:p%3Ass%2F@mail.example")
    assert (server.security, server.host, server.port) == ("starttls", "mail.example", 587)
    assert (server.user, server.password) == ("me@shop.example", "p:ss/")
    assert "p:ss" not in repr(server)
    assert read_server("smtps://mail.example").port == 465
    assert read_server("smtp://[::1]:2525").host == "::1"
    assert read_server("smtp://me:pw@localhost").port == 25


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail:x",
        "smtp://me:pw@mail.example",
        "smtps://mail..example",
        "smtps://ü:x@m",
    ],
)
def test_what_is_no_mail_server_or_gives_the_password_away_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(MailServerInvalidError) as caught:
        read_server(url)
    assert "SMTP_URL" in str(caught.value)
    assert "pw" not in str(caught.value)
