"""Lets agents into the inbox: the cookie, the CSRF token, the origin of a socket."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from handoff_bridge.entrance import SESSION, Login, check_csrf
from handoff_bridge.errors import OriginWrongError
from handoff_bridge.people import Agent
from handoff_bridge.services import Services
from handoff_bridge.web.plumbing import Lane, in_thread

_COOKIE = "frontdesk_session"
_PATH = "/inbox/api"


class Doorkeeper:
    """Knows agents by their cookie."""

    def __init__(self, services: Services) -> None:
        self._entrance = services.entrance
        self._public_url = services.settings.public_url

    async def agent(self, request: Request) -> Agent:
        """Whose session it is; a change needs its CSRF token as well. Raises `LoggedOutError`, `CsrfError`."""
        return await self.lead_in(request, lambda agent: agent)

    async def lead_in[R](self, request: Request, to_do: Callable[[Agent], R], *, lane: Lane | None = None) -> R:
        """What the agent came to do, in the same thread; raises as `agent` does, and what `to_do` raises."""

        def enter() -> R:
            agent = self._entrance.agent(self.token(request))
            if request.method != "GET":
                check_csrf(self.token(request), request.headers.get("x-csrf-token"))
            return to_do(agent)

        return await (lane(enter) if lane else in_thread(enter))

    def token(self, request: Request) -> str:
        return str(request.cookies.get(_COOKIE) or "")

    def check_origin(self, request: Request) -> None:
        """Lets only our own page open a socket with an agent's cookie. Raises `OriginWrongError`."""
        origin = urlsplit(request.headers.get("origin", "")).netloc
        if not origin or origin not in (urlsplit(self._public_url).netloc, request.headers.get("host")):
            raise OriginWrongError

    def remember(self, response: HTTPResponse, login: Login) -> None:
        """Puts the session into the cookie."""
        response.add_cookie(_COOKIE, login.token, max_age=int(SESSION.total_seconds()), **self._attributes())

    def forget(self, response: HTTPResponse) -> None:
        response.add_cookie(_COOKIE, "", max_age=0, **self._attributes())

    def _attributes(self) -> dict[str, Any]:
        is_secure = self._public_url.startswith("https:")
        return {"path": _PATH, "httponly": True, "samesite": "Strict", "secure": is_secure}
