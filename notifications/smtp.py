"""Mail over SMTP (RFC 5321). The content goes out between `hand_over` and the server's last reply; a connection that
breaks there leaves the outcome unknown, one that breaks earlier has delivered nothing.
"""

import re
import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from notifications.email import Mail
from notifications.errors import MailServerInvalidError
from notifications.model import Outcome, Result
from notifications.ports import HandOver

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_GO_AHEAD = 354


class Security(StrEnum):
    """STARTTLS and SMTPS insist on TLS with a certificate that is trusted; SMTP has none."""

    SMTP = "smtp"
    STARTTLS = "starttls"
    SMTPS = "smtps"


_PORTS = {Security.SMTP: 25, Security.STARTTLS: 587, Security.SMTPS: 465}


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out; without `user` nobody logs in."""

    security: Security
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def read_server(url: str) -> MailServer:
    """Reads `smtp[s]://` or `starttls://[user:password@]host[:port]`. Raises `MailServerInvalidError`."""
    try:
        parts = urlsplit(url)
        security, host, port = Security(parts.scheme), parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise MailServerInvalidError from error
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    is_unguarded = security is Security.SMTP and user and host not in _THIS_MACHINE
    if not host or is_unguarded or not (user + password).isascii():
        raise MailServerInvalidError
    return MailServer(security, host, port or _PORTS[security], user, password)


class SmtpTransport:
    """The `Transport` to a mail server; waits `timeout` seconds for each of its replies."""

    def __init__(self, server: MailServer, *, timeout: float = 30, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._timeout = timeout
        self._context = context or ssl.create_default_context()

    def deliver(self, mail: Mail, hand_over: HandOver) -> Outcome:
        content = _dotted(mail.content)
        try:
            client = self._connect()
        except OSError as error:
            return Outcome(Result.UNREACHABLE, _named(error))
        with closing(client):
            try:
                refusal = self._introduce(client, mail) or _address(client, mail)
            except OSError as error:
                return Outcome(Result.UNREACHABLE, _named(error))
            if refusal:
                return refusal
            hand_over()
            return _transmit(client, content)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security is Security.SMTPS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=self._context)
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout)

    def _introduce(self, client: smtplib.SMTP, mail: Mail) -> Outcome | None:
        """Who we are, up to MAIL FROM. A refusal so far is about us and not about the mail."""
        client.ehlo_or_helo_if_needed()
        if self._server.security is Security.STARTTLS:
            client.starttls(context=self._context)
            client.ehlo()
        if self._server.user:
            client.login(self._server.user, self._server.password)
        if mail.needs_utf8 and not client.has_extn("smtputf8"):
            return Outcome(Result.REFUSED, "The mail server takes only addresses in ASCII.")
        code, reply = client.mail(mail.sender.addr_spec, ["SMTPUTF8", "BODY=8BITMIME"] if mail.needs_utf8 else [])
        return None if _is_good(code) else Outcome(Result.UNREACHABLE, _words(code, reply))


def _address(client: smtplib.SMTP, mail: Mail) -> Outcome | None:
    """RCPT TO and DATA; the outcome when the server does not want the mail."""
    code, reply = client.rcpt(mail.recipient.addr_spec)
    if not _is_good(code):
        return _refusal(code, reply)
    code, reply = client.docmd("DATA")
    return None if code == _GO_AHEAD else _refusal(code, reply)


def _transmit(client: smtplib.SMTP, content: bytes) -> Outcome:
    try:
        client.send(content)
        code, reply = client.getreply()
    except OSError as error:
        return Outcome(Result.LOST, _named(error))
    with suppress(OSError):
        client.quit()
    if _is_good(code):
        return Outcome(Result.ACCEPTED)
    return _refusal(code, reply) if 400 <= code < 600 else Outcome(Result.LOST, _words(code, reply))


def _refusal(code: int, reply: bytes) -> Outcome:
    return Outcome(Result.REFUSED if 500 <= code < 600 else Result.POSTPONED, _words(code, reply))


def _is_good(code: int) -> bool:
    return 200 <= code < 300


def _words(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}"


def _named(error: OSError) -> str:
    return f"{type(error).__name__}: {error}"


def _dotted(content: bytes) -> bytes:
    """With the end mark of DATA, and the dots doubled that could be taken for it (RFC 5321, 4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", content).removesuffix(b"\r\n") + b"\r\n.\r\n"
