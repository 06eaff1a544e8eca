"""The Sanic application: routes joined, errors answered in one shape."""

import itertools

import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException

from handoff_bridge.errors import BridgeError
from handoff_bridge.services import Services
from handoff_bridge.web.appointment_page import appointment_page
from handoff_bridge.web.bookings import inbox_bookings
from handoff_bridge.web.bot import bot
from handoff_bridge.web.bridge_api import bridge_api
from handoff_bridge.web.contact import inbox_contact
from handoff_bridge.web.decisions import inbox_decisions
from handoff_bridge.web.doorkeeper import Doorkeeper
from handoff_bridge.web.hub import Hub
from handoff_bridge.web.inbox import inbox
from handoff_bridge.web.inbox_offers import inbox_offers
from handoff_bridge.web.inbox_sessions import inbox_sessions
from handoff_bridge.web.mail_links import mail_links
from handoff_bridge.web.mail_troubles import inbox_mail_troubles
from handoff_bridge.web.mailbox import serve_mailbox
from handoff_bridge.web.operations import operations
from handoff_bridge.web.pages import serve_pages
from handoff_bridge.web.plumbing import LARGEST_BODY, App, error_body, reply
from handoff_bridge.web.reports import inbox_reports
from handoff_bridge.web.tasks import inbox_tasks
from handoff_bridge.web.timetable import inbox_timetable
from handoff_bridge.web.website import website

log = structlog.get_logger(__name__)

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 408: "too_slow", 413: "too_large"}
_MESSAGES = {
    404: "There is no such address. See docs/interfaces.md.",
    405: "This address does not take that method. See docs/interfaces.md.",
    408: "The request took too long to arrive. Send it again.",
    413: "The body is larger than 64 KiB. Send less at once.",
}
_numbers = itertools.count(1)


def create_app(services: Services, hub: Hub) -> App:
    """The application on its services; the caller serves it and starts the hub."""
    app = Sanic(f"frontdesk-{next(_numbers)}", configure_logging=False)
    app.config.update(
        REQUEST_MAX_SIZE=LARGEST_BODY,
        REQUEST_TIMEOUT=15,
        RESPONSE_TIMEOUT=60,
        KEEP_ALIVE_TIMEOUT=75,
        WEBSOCKET_MAX_SIZE=LARGEST_BODY,
        GRACEFUL_SHUTDOWN_TIMEOUT=5,
        FALLBACK_ERROR_FORMAT="json",
        AUTO_EXTEND=False,
    )
    door = Doorkeeper(services)
    app.blueprint(
        [
            website(services, hub),
            bridge_api(services),
            inbox(services, door),
            inbox_sessions(services, hub, door),
            inbox_tasks(services, door),
            inbox_timetable(services, door),
            inbox_bookings(services, door),
            inbox_offers(services, door),
            inbox_contact(services, door),
            inbox_reports(services, door),
            inbox_decisions(services, door),
            bot(services),
            mail_links(services),
            appointment_page(services),
            inbox_mail_troubles(services, door),
            operations(services),
        ]
    )
    serve_pages(app, services.settings.public_url)
    if services.mailroom.mailbox is not None:
        serve_mailbox(app, services.mailroom.mailbox, services.settings.host)
    app.error_handler.add(Exception, _answer)
    return app


def _answer(request: Request, error: Exception) -> HTTPResponse:
    """The edge of the process: every failure becomes an answer, and what nobody foresaw is logged."""
    if isinstance(error, BridgeError):
        return reply(error_body(error.code, str(error)), error.status)
    if isinstance(error, SanicException):
        status = error.status_code or 500
        if status < 500:
            message = _MESSAGES.get(status) or str(error)
            return reply(error_body(_CODES.get(status, "bad_request"), message), status)
    log.error("A request failed.", action="request_failed", path=request.path if request else None, exc_info=error)
    return reply(error_body(BridgeError.code, str(BridgeError())), 500)
