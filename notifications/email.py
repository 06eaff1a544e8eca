"""E-mail: a notification's template filled in, a message that no header can be smuggled into, and the way out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from email_validator import EmailNotValidError, validate_email
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from business.model import Business
from notifications.errors import CannotComposeError
from notifications.invitation import Invitation, as_calendar
from notifications.links import Links
from notifications.model import Notification, Outcome, Result
from notifications.ports import HandOver

TEMPLATES = Path(__file__).parent / "templates"
_WHAT_TEMPLATES_RAISE = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Mail:
    """A mail ready to go; `content` is the whole message with CRLF line ends. Domains are in ASCII."""

    notification: Notification
    sender: Address
    recipient: Address
    subject: str
    body: str
    content: bytes
    at: datetime

    @property
    def needs_utf8(self) -> bool:
        """Whether a server must know SMTPUTF8 (RFC 6531) to take it."""
        return not self.recipient.addr_spec.isascii()


class Transport(Protocol):
    """Carries a mail out of the house, or into the mailbox of a developer."""

    def deliver(self, mail: Mail, hand_over: HandOver) -> Outcome: ...


class _AsWritten(UnstructuredHeader, BaseHeader):
    """An address of the web: broken into lines and encoded, as long words are, no program would find it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AsWritten)


class EmailSender:
    """The `Sender` for e-mail. Templates are `<language>/<name>.txt`, the subject on the first line; a language without
    the template falls back to the business's first."""

    def __init__(
        self, business: Business, transport: Transport, templates: Path = TEMPLATES, *, links: Links | None = None
    ) -> None:
        self._business = business
        self._transport = transport
        self._links = links
        # Plain text needs no escaping; the sandbox is for templates that a business writes itself.
        self._templates = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates), autoescape=False, undefined=StrictUndefined, trim_blocks=True
        )

    def send(self, notification: Notification, now: datetime, hand_over: HandOver) -> Outcome:
        try:
            mail = self._compose(notification, now)
        except CannotComposeError as error:
            return Outcome(Result.REFUSED, str(error))
        return self._transport.deliver(mail, hand_over)

    def _compose(self, notification: Notification, now: datetime) -> Mail:
        """Raises `CannotComposeError`."""
        sender = _address(self._business.contact.email, self._business.name)
        recipient = _address(notification.recipient)
        names = [f"{code}/{notification.template}.txt" for code in (notification.language, self._business.languages[0])]
        links = self._links_in(notification)
        try:
            subject, body = self._render(names, {**notification.data, **links})
            message = _message(sender, recipient, subject, body)
            message["Date"] = format_datetime(now)
            message["Message-ID"] = _message_id(notification, self._business.domain)
            if stop := links.get("stop_url"):
                _let_stop(message, stop)
            if invitation := notification.invitation:
                _attach(message, invitation, self._calendar(notification, invitation, body, links["page_url"], now))
            return Mail(notification, sender, recipient, subject, body, message.as_bytes(), now)
        except _WHAT_TEMPLATES_RAISE as error:
            raise CannotComposeError(f"{type(error).__name__}: {error}") from error

    def _links_in(self, notification: Notification) -> dict[str, str]:
        """No `stop_url` in what somebody asked for: a confirmation cannot be stopped. Raises `CannotComposeError`."""
        page = {"page_url": self._page(notification)}
        if not notification.is_unasked:
            return page
        if self._links is None:
            raise CannotComposeError("It needs a link to stop it, and we have no address.")
        urls = self._links
        return page | {"stop_url": urls.url("stop", notification), "rating_url": urls.url("rating", notification)}

    def _page(self, notification: Notification) -> str:
        """Where the appointment is seen, moved and cancelled; empty for what is older than such pages."""
        data = notification.data
        if self._links is None or "made_at" not in data:
            return ""
        return self._links.appointment_url(int(data["appointment"]), datetime.fromisoformat(data["made_at"]))

    def _calendar(
        self, notification: Notification, invitation: Invitation, body: str, page: str, now: datetime
    ) -> bytes:
        customer = _address(notification.recipient, notification.data["customer"])
        return as_calendar(
            invitation,
            organizer=_address(self._business.contact.email, self._business.name),
            attendee=customer,
            summary=f"{notification.data['service']}, {self._business.name}",
            location=self._business.contact.address,
            description=body,
            url=page,
            at=now,
        )

    def _render(self, names: list[str], data: Mapping[str, str]) -> tuple[str, str]:
        text = self._templates.select_template(names).render(data)
        subject, _, body = text.partition("\n")
        if not subject.strip():
            raise CannotComposeError(f"{names[0]} begins with no subject.")
        return subject.strip(), body.strip() + "\n"


def _message(sender: Address, recipient: Address, subject: str, body: str) -> EmailMessage:
    """Seven bits on the wire, for any server; a header with a line break is refused with a ValueError."""
    is_ascii = recipient.addr_spec.isascii()
    message = EmailMessage(SMTP.clone(cte_type="7bit", utf8=not is_ascii, header_factory=_HEADERS))
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine need answer
    message.set_content(body)
    return message


def _let_stop(message: EmailMessage, url: str) -> None:
    """RFC 2369; one click in the reader's program, RFC 8058, is for https only."""
    message["List-Unsubscribe"] = f"<{url}>"
    if url.startswith("https:"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _attach(message: EmailMessage, invitation: Invitation, calendar: bytes) -> None:
    """Beside the text; a method in the header that is not the calendar's own makes programs show neither."""
    parameters = {"method": invitation.method}
    message.add_alternative(calendar.decode(), subtype="calendar", params=parameters, cte="base64")


def _message_id(notification: Notification, domain: str) -> str:
    """The same for every attempt, so that a reader's program can tell a repeat."""
    named = f"{notification.account_id}:{notification.key}"
    return f"<{hashlib.sha256(named.encode()).hexdigest()[:32]}@{domain}>"


def _address(written: str, name: str = "") -> Address:
    """Raises `CannotComposeError` for what is no address."""
    try:
        checked = validate_email(written, check_deliverability=False)
    except EmailNotValidError as error:
        raise CannotComposeError(str(error)) from error
    return Address(name, checked.local_part, checked.ascii_domain)
