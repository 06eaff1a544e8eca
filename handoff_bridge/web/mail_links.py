"""The pages behind the links in mails. To open one changes nothing, because mail scanners open links as well; the
button does, and so does the one click of a mail program (RFC 8058), which posts to the same address."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html

from business.model import Phrases
from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.services import Services
from handoff_bridge.web.pages import PAGES
from handoff_bridge.web.plumbing import in_thread
from notifications.errors import LinkInvalidError
from notifications.links import Purpose
from notifications.model import Notification

_FOLDER: Path = PAGES / "mail"


def mail_links(services: Services) -> Blueprint:
    """The routes under /mail."""
    routes = Blueprint("mail_links", url_prefix="/mail")
    page = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("page.html")
    answers, business = services.mailroom.answers, services.business

    def shown(notification: Notification, phrase: str, buttons: Sequence[tuple[str, str]] = ()) -> HTTPResponse:
        question = _phrases(notification).text(phrase).format(business=business.name)
        body = page.render(
            language=notification.language, business=business.name, question=question, buttons=tuple(buttons)
        )
        return html(body, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    def _phrases(notification: Notification) -> Phrases:
        return business.phrases_in(notification.language)

    async def opened(purpose: Purpose, token: str) -> Notification:
        try:
            return await in_thread(answers.opened, purpose, token)
        except LinkInvalidError as error:
            raise NotFoundError from error

    @routes.get("/stop/<token:str>")
    async def ask_to_stop(_: Request, token: str) -> HTTPResponse:
        notification = await opened("stop", token)
        return shown(notification, "mail_stop", [("", _phrases(notification).mail_stop_yes)])

    @routes.post("/stop/<token:str>")
    async def stop(_: Request, token: str) -> HTTPResponse:
        notification = await opened("stop", token)
        await in_thread(answers.stop, token, services.clock())
        return shown(notification, "mail_stopped")

    @routes.get("/rating/<token:str>")
    async def ask_to_rate(_: Request, token: str) -> HTTPResponse:
        notification = await opened("rating", token)
        choices = enumerate(_phrases(notification).rating_choices, 1)
        return shown(notification, "visit_rating", [(str(score), title) for score, title in choices])

    @routes.post("/rating/<token:str>")
    async def rate(request: Request, token: str) -> HTTPResponse:
        notification = await opened("rating", token)
        await in_thread(answers.rate, token, _score(request), services.clock())
        return shown(notification, "visit_rating_thanks")

    return routes


def _score(request: Request) -> int:
    """The button that was pressed. Raises `FieldInvalidError`."""
    score = request.form.get("score") if request.form else None
    if score not in ("1", "2", "3", "4", "5"):
        raise FieldInvalidError("score", "a number from 1 to 5")
    return int(score)
