"""A real mail server that takes, refuses, hangs up or is silent, and keeps what it received."""

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class PostOffice:
    """What the server received, and how it behaves. A reply may be a function, called with the connection."""

    port: int = 0
    received: list[Any] = field(default_factory=list)
    at_recipient: str | Callable[[Any], Any] = "250 OK"
    after_content: str | Callable[[Any], Any] = "250 OK"

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        reply = await _reply(self.at_recipient, server)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.received.append(envelope)
        return await _reply(self.after_content, server)

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(e.content, policy=email.policy.default) for e in self.received]

    @property
    def recipients(self) -> list[str]:
        return [address for envelope in self.received for address in envelope.rcpt_tos]


async def _reply(reply: str | Callable[[Any], Any], server: Any) -> str:
    if isinstance(reply, str):
        return reply
    await reply(server)
    return "250 OK"


async def hangs_up(server: Any) -> None:
    server.transport.abort()


async def falls_silent(_server: Any) -> None:
    await asyncio.sleep(600)


class _Controller(Controller):
    """On a port of the kernel's choice."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def opened(office: PostOffice, **how: Any) -> Iterator[PostOffice]:
    controller = _Controller(office, hostname="127.0.0.1", port=0, **how)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()
