"""Everything a message says about an appointment, read with what was just asked in mind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from actions.heard import Heard
from actions.reading.choices import Page, read_choice, read_page
from actions.reading.codes import codes_in
from actions.reading.names import is_month_name, read_name
from actions.reading.services import read_service
from business.model import Business
from scheduling.customers import read_contact
from scheduling.errors import ContactInvalidError
from scheduling.model import Customer
from scheduling.wishes import Expect, Wish, read_wish

SURE = 0.75
"""The confidence from which an intent stands against a bare answer."""

Change = Literal["time", "service", "name", "contact"]

_ADDRESS = re.compile(r"\S+@\S+")
_SPOKEN_ADDRESS = re.compile(r"(?P<user>[\w.+-]+)\s+at\s+(?P<host>[\w-]+(?:\s+dot\s+[\w-]+)+)", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.IGNORECASE)
_A_WEEK = timedelta(days=6)
_LEADS_TO_IT = r"(?:\b(?:on|at|under)\s+)?"  # left alone, "at 4 on" would be read as from four on
_NUMBERS = re.compile(_LEADS_TO_IT + r"\+?\d[\d\s()./-]{6,}\d", re.IGNORECASE)
_CHANGES: tuple[tuple[Change, str], ...] = (
    ("contact", r"\b(?:e-?mail|mail|phone|number|contact|address)\b"),
    ("name", r"\bnames?\b"),
    ("time", r"\b(?:time|day|date|hour|when)\b"),
    ("service", r"\b(?:service|appointment|what)\b"),
)


@dataclass(frozen=True)
class Told:
    """`choice` is an index into what was offered; `services` has more than one key when several were named."""

    services: tuple[str, ...] = ()
    wish: Wish | None = None
    choice: int | None = None
    page: Page | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    codes: tuple[str, ...] = ()
    change: Change | None = None
    is_yes: bool = False
    is_no: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Told()


class Listener:
    """Reads messages to one business."""

    def __init__(self, business: Business, language: str) -> None:
        self._business = business
        self._language = f"{language}-{business.country}"

    def listen(self, heard: Heard, asked: str | None, offered: Sequence[datetime], now: datetime) -> Told:
        """What `heard` says. `asked` is the slot that was asked for; `offered` are the openings shown last."""
        if heard.is_button:
            return self._pressed(heard, len(offered))
        codes = tuple(codes_in(heard.text))
        contact = self._contact(heard.text) if not codes else Customer()
        rest = _without_contact(heard.text, codes)
        services = self._services(heard, rest, asked)
        choice = self._choice(rest, asked, offered)
        wish = None if choice is not None else self._wish(rest, asked, offered, now)
        page = read_page(rest) if heard.intent == "more_openings" or asked == "opening" else None
        return Told(
            services=services,
            wish=wish,
            choice=choice,
            page=page if wish is None and choice is None else None,
            name=self._name(heard, rest, asked, is_answer=not (wish or services or codes)),
            email=contact.email,
            phone=contact.phone,
            codes=codes,
            change=_change(rest) if asked == "change" else None,
            is_yes=heard.intent == "affirm",
            is_no=heard.intent == "deny",
        )

    def _pressed(self, heard: Heard, count: int) -> Told:
        number, change = heard.value("number") or "", heard.value("change")
        return Told(
            services=tuple(key for key in heard.values("service") if key in self._business.services),
            wish=Wish(earliest=True) if heard.value("wish") == "earliest" else None,
            choice=read_choice(number, count) if number else None,
            page=Page.MORE if heard.intent == "more_openings" else None,
            change=next((known for known, _ in _CHANGES if known == change), None),
            is_yes=heard.intent == "affirm",
            is_no=heard.intent == "deny",
        )

    def _services(self, heard: Heard, text: str, asked: str | None) -> tuple[str, ...]:
        known = tuple(key for key in heard.values("service") if key in self._business.services)
        if known:
            return known
        keys = tuple(self._business.services)
        if asked == "service" and (choice := read_choice(text, len(keys))) is not None:
            return (keys[choice],)
        listens = asked in {None, "service", "change"} or heard.intent == "book"
        guessed = read_service(text, self._business) if listens else None
        return (guessed,) if guessed else ()

    def _choice(self, text: str, asked: str | None, offered: Sequence[datetime]) -> int | None:
        return read_choice(text, len(offered)) if asked == "opening" else None

    def _wish(self, text: str, asked: str | None, offered: Sequence[datetime], now: datetime) -> Wish | None:
        if asked == "customer_name" and is_month_name(text):
            return None
        expect: Expect | None = "time" if asked == "opening" and offered else "date" if asked == "wish" else None
        if asked == "opening" and offered and _WEEKDAY.search(text) and offered[0] - now > _A_WEEK:
            # The Friday among those just shown: a weekday is looked for after, not on, the day of `now`.
            now = datetime.combine(offered[0].date() - timedelta(days=1), time(), now.tzinfo)
        return read_wish(text, now, expect=expect, language=self._language)

    def _name(self, heard: Heard, text: str, asked: str | None, *, is_answer: bool) -> str | None:
        return read_name(text, asked=asked == "customer_name" and is_answer and not _is_talk(heard, text))

    def _contact(self, text: str) -> Customer:
        try:
            return read_contact(_SPOKEN_ADDRESS.sub(_written, text), self._business.country)
        except ContactInvalidError:
            return Customer()


def _without_contact(text: str, codes: tuple[str, ...]) -> str:
    """The words without addresses, phone numbers and codes, in which dates and names might be seen."""
    for code in codes:
        text = text.replace(code, " ")
    return _NUMBERS.sub(" ", _ADDRESS.sub(" ", text)).strip()


def _written(address: re.Match[str]) -> str:
    return f"{address['user']}@{re.sub(r'\s+dot\s+', '.', address['host'], flags=re.IGNORECASE)}"


def _change(text: str) -> Change | None:
    return next((change for change, pattern in _CHANGES if re.search(pattern, text, re.IGNORECASE)), None)


def _is_talk(heard: Heard, name: str) -> bool:
    """Whether a few words that could be a name are surely talk: thanks, a yes, a question.

    Names are not in the training data, so one is easily taken for something out of scope.
    """
    if heard.intent in {"inform", "book", "nlu_fallback"}:
        return False
    if heard.intent == "out_of_scope":
        return heard.confidence >= SURE and not name.istitle() and len(name.split()) > 1
    return heard.confidence >= SURE
