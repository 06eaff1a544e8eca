"""The page behind the link in a confirmation: the appointment, moved or cancelled without the chat.

To open it changes nothing, because mail scanners open links as well; the buttons post.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html

from business.page_words import PageWords
from business.wording import Wording
from handoff_bridge.appointment_links import Linked
from handoff_bridge.errors import FieldInvalidError
from handoff_bridge.services import Services
from handoff_bridge.web.pages import PAGES
from handoff_bridge.web.plumbing import in_thread
from notifications.errors import LinkInvalidError
from scheduling.codes import shown_code
from scheduling.errors import (
    AlreadyBookedError,
    AppointmentOverError,
    MovedTooOftenError,
    NotBookableError,
    NoticeTooShortError,
    OpeningTakenError,
    UnknownServiceError,
)
from scheduling.model import Offer, Status

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_REFUSED = (NoticeTooShortError, MovedTooOftenError, AlreadyBookedError)  # by the terms of the business
_MINUTE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\dZ", re.ASCII)
_WRITTEN = "%Y-%m-%dT%H:%MZ"


def appointment_page(services: Services) -> Blueprint:
    """The routes under /appointment."""
    routes = Blueprint("appointment_page", url_prefix="/appointment")
    page = Environment(loader=FileSystemLoader(PAGES / "appointment"), autoescape=True).get_template("page.html")
    links, business = services.mailroom.appointments, services.business

    def shown(linked: Linked, status: int = 200, **more: Any) -> HTTPResponse:
        language = linked.language if linked.language in business.languages else business.languages[0]
        service, words = business.services.get(linked.service), business.phrases_in(language).appointment_page
        rows = [
            (words.what, service.name if service else linked.service),
            (words.when, Wording(business, language).full(linked.start)),
            (words.where, f"{business.name}, {business.contact.address}"),
            (words.customer, linked.customer_name),
            (words.code, shown_code(linked.code)),
        ]
        known = {"rows": [row for row in rows if row[1]], "page_url": links.path(linked)}
        return rendered(language, words, status, **known, **_state(linked), **more)

    def rendered(language: str, words: PageWords, status: int, **more: Any) -> HTTPResponse:
        form, phone = secrets.token_urlsafe(18), business.contact.phone
        shown = {"language": language, "words": words, "business": business.name, "phone": phone, "form": form}
        return html(page.render(shown | more), status=status, headers=_HEADERS)

    def _state(linked: Linked) -> Mapping[str, Any]:
        is_cancelled, is_open = linked.status is Status.CANCELLED, links.is_open(linked)
        can_move = is_open and linked.service in business.services
        return {"is_cancelled": is_cancelled, "is_open": is_open, "can_move": can_move}

    def offered(linked: Linked, offer: Offer, said: str = "", status: int = 200) -> HTTPResponse:
        """The openings by day; the time that the appointment has already is none of them."""
        language = linked.language if linked.language in business.languages else business.languages[0]
        wording = Wording(business, language)
        openings = [opening.start for opening in offer.openings if opening.start != linked.start]
        days = [
            (wording.day(day), [(_written(start), wording.time(start)) for start in starts])
            for day, starts in groupby(openings, key=lambda start: start.date())
        ]
        later = _written(offer.openings[-1].start) if offer.has_more and offer.openings else None
        return shown(linked, status, view="move", days=days, later=later, said=said)

    async def opened(token: str) -> Linked:
        return await in_thread(links.opened, token)

    async def gone(_: Request, __: LinkInvalidError) -> HTTPResponse:
        """The same for every link that does not work, whatever is wrong with it."""
        language = business.languages[0]
        return rendered(language, business.phrases_in(language).appointment_page, 404, view="gone")

    routes.exception(LinkInvalidError)(gone)

    @routes.get("/<token:str>")
    async def see(_: Request, token: str) -> HTTPResponse:
        return shown(await opened(token))

    @routes.get("/<token:str>/cancel")
    async def ask_to_cancel(_: Request, token: str) -> HTTPResponse:
        linked = await opened(token)
        return shown(linked, view="cancel")

    @routes.post("/<token:str>/cancel")
    async def cancel(request: Request, token: str) -> HTTPResponse:
        linked, form = await opened(token), _form(request)
        try:
            await in_thread(links.cancel, linked, form)
        except (AppointmentOverError, *_REFUSED) as error:
            return shown(await opened(token), 409, said=_said(error))
        return shown(await opened(token))

    @routes.get("/<token:str>/move")
    async def choose(request: Request, token: str) -> HTTPResponse:
        linked = await opened(token)
        after = _time("after", request.args.get("after")) if "after" in request.args else None
        if not links.is_open(linked):
            return shown(linked)
        return offered(linked, await in_thread(links.offer, linked, after))

    @routes.post("/<token:str>/move")
    async def move(request: Request, token: str) -> HTTPResponse:
        linked, form = await opened(token), _form(request)
        start = _time("start", request.form.get("start") if request.form else None)
        try:
            await in_thread(links.move, linked, start, form)
        except OpeningTakenError as error:
            return offered(linked, error.offer, "taken", 409)
        except NotBookableError:
            return offered(linked, await in_thread(links.offer, linked), "not_bookable", 409)
        except (AppointmentOverError, UnknownServiceError, *_REFUSED) as error:
            return shown(await opened(token), 409, said=_said(error))
        moved = await opened(token)
        return shown(moved, said="moved" if moved.start == start and links.is_open(moved) else "")

    return routes


def _said(error: Exception) -> str:
    """What is over says so by itself."""
    return "refused" if isinstance(error, _REFUSED) else ""


def _form(request: Request) -> str:
    """Which form was sent, the same when it is sent again. Raises `FieldInvalidError`."""
    form = request.form.get("form") if request.form else None
    if not isinstance(form, str) or not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", form, re.ASCII):
        raise FieldInvalidError("form", "the one on the page")
    return form


def _time(name: str, written: str | None) -> datetime:
    """A time from a page of ours, to the minute. Raises `FieldInvalidError`."""
    try:
        if written is not None and _MINUTE.fullmatch(written):
            return datetime.strptime(written, _WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise FieldInvalidError(name, "a time from the page")


def _written(start: datetime) -> str:
    return start.astimezone(UTC).strftime(_WRITTEN)
