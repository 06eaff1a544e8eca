"""How agents come in: log in, stay in for twelve hours, log out.

Only hashes of passwords and session tokens are stored. The CSRF token is derived from the session's token, which the
page's scripts cannot read, so that a foreign page can know neither.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from business.clock import Clock
from handoff_bridge.errors import CsrfError, LoggedOutError, LoginFailedError, TooManyLoginsError
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store

log = structlog.get_logger(__name__)

SESSION = timedelta(hours=12)
_FAILURES, _WITHIN = 10, timedelta(minutes=15)


@dataclass(frozen=True)
class Login:
    """A session that has just begun."""

    agent: Agent
    token: str
    csrf: str


class Entrance:
    """Sessions of agents."""

    def __init__(self, store: Store, clock: Clock, hasher: PasswordHasher) -> None:
        self._store = store
        self._clock = clock
        self._hasher = hasher
        self._nobody = hasher.hash(secrets.token_urlsafe())

    def log_in(self, email: str, password: str) -> Login:
        """Raises `LoginFailedError`, or `TooManyLoginsError` after ten failures in fifteen minutes for an address."""
        email, now = email.strip().lower(), self._clock()
        with self._store.begin() as t:
            if t.sessions.failures(email, now - _WITHIN) >= _FAILURES:
                raise TooManyLoginsError
            known = t.agents.by_email(email)
        # An unknown address costs as much time as a wrong password, so that nobody learns which it was.
        is_right = self._is_right(known[1] if known else self._nobody, password)
        if known is None or not is_right:
            with self._store.begin() as t:
                t.sessions.add_failure(email, now)
            log.warning("A login failed.", action="login_failed")
            raise LoginFailedError
        token = secrets.token_urlsafe(32)
        with self._store.begin() as t:
            t.sessions.add(_hash(token), known[0].id, now, now + SESSION)
        log.info("An agent logged in.", action="login", agent_id=known[0].id)
        return Login(known[0], token, csrf_of(token))

    def agent(self, token: str | None) -> Agent:
        """Whose session it is. Raises `LoggedOutError`."""
        if token:
            with self._store.look() as t:
                agent = t.sessions.agent(_hash(token), self._clock())
            if agent is not None:
                return agent
        raise LoggedOutError

    def log_out(self, token: str) -> None:
        with self._store.begin() as t:
            t.sessions.remove(_hash(token))

    def _is_right(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password.encode(errors="replace"))
        except (VerificationError, InvalidHashError):
            return False


def csrf_of(token: str) -> str:
    """The token that goes with every change made in a session."""
    return hmac.new(token.encode(errors="replace"), b"csrf", hashlib.sha256).hexdigest()


def check_csrf(token: str, given: str | None) -> None:
    """Raises `CsrfError` unless `given` belongs to the session."""
    if not hmac.compare_digest(csrf_of(token).encode(), (given or "").encode(errors="replace")):
        raise CsrfError


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
