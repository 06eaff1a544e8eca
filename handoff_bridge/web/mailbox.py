"""The mailbox page of developers: what would have been mailed, shown where no mail server is set.

Mails carry names, addresses and codes, so it exists only on a bridge that listens to this machine alone.
"""

from ipaddress import ip_address

from sanic import HTTPResponse, Request

from handoff_bridge.mailroom import Mailbox
from handoff_bridge.web.pages import PAGES
from handoff_bridge.web.plumbing import App, in_thread, reply


def serve_mailbox(app: App, mailbox: Mailbox, host: str) -> None:
    """Adds /dev/mailbox, if `host` is an address of this machine only."""
    if not _is_private(host):
        return
    app.static("/dev/mailbox", PAGES / "mailbox" / "index.html", name="mailbox_page", strict_slashes=False)
    app.static("/dev/mailbox/assets/", PAGES / "mailbox", name="mailbox_assets")

    @app.get("/dev/mailbox/mails", name="mailbox_mails")
    async def mails(_: Request) -> HTTPResponse:
        kept = await in_thread(mailbox.latest)
        return reply(
            {
                "mails": [
                    {
                        "id": mail.id,
                        "sent_at": mail.sent_at.isoformat(),
                        "recipient": mail.recipient,
                        "subject": mail.subject,
                        "body": mail.body,
                    }
                    for mail in kept
                ]
            }
        )


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
