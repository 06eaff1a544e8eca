"""A business as frozen, validated objects: what `business.yml` may say and what it means.

Keys, values and messages are those of the file. Times of day are local to the business's time zone;
durations are minutes unless a name says otherwise.
"""

import re
from datetime import UTC, datetime, time, timedelta
from datetime import date as date_
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, model_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Role = Literal["agent", "supervisor", "administrator"]

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone of the IANA list, such as America/Chicago or Europe/Dublin")
    return name


def _key(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise ValueError("lower-case letters, digits and _, beginning with a letter")
    return name


Key = Annotated[str, AfterValidator(_key)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]


class Span(_Frozen):
    """A stretch of one day, `09:00-18:00`; `24:00` is the end of the day."""

    opens: time
    minutes: int

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _SPAN.fullmatch(value.replace(" ", ""))
        if match is None:
            raise ValueError("a span such as 09:00-18:00")
        h1, m1, h2, m2 = map(int, match.groups())
        length = h2 * 60 + m2 - h1 * 60 - m1
        if length <= 0 or h2 * 60 + m2 > 24 * 60:
            raise ValueError("a span that ends after it begins, at 24:00 at the latest")
        return {"opens": time(h1, m1), "minutes": length}

    def on(self, day: date_, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Start and end on `day`, in UTC. Both are wall-clock times in `zone`: on a daylight-saving day the
        stretch between them is an hour longer or shorter."""
        opens = datetime.combine(day, self.opens)
        closes = opens + timedelta(minutes=self.minutes)
        return opens.replace(tzinfo=zone).astimezone(UTC), closes.replace(tzinfo=zone).astimezone(UTC)


def _no_overlap(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ends = -1
    for span in sorted(spans, key=lambda s: s.opens):
        start = span.opens.hour * 60 + span.opens.minute
        if start < ends:
            raise ValueError("spans of one day that do not overlap")
        ends = start + span.minutes
    return tuple(sorted(spans, key=lambda s: s.opens))


Spans = Annotated[tuple[Span, ...], AfterValidator(_no_overlap)]
WeeklyHours = dict[Weekday, Spans]


class HoursException(_Frozen):
    """A date on which other hours hold than on its weekday; no hours means closed."""

    date: date_
    name: str = ""
    hours: Spans = ()


class Contact(_Frozen):
    address: str
    phone: str
    email: EmailStr
    website: str = ""


class Department(_Frozen):
    name: Name
    hours: WeeklyHours | None = None


class Service(_Frozen):
    """What can be booked. Buffers are kept free around it; `lead_time` and `horizon` bound how soon and how far."""

    name: Name
    other_names: tuple[Name, ...] = ()
    department: Key
    minutes: Annotated[int, Field(ge=5, le=24 * 60)]
    buffer_before: Minutes = 0
    buffer_after: Minutes = 0
    step: Annotated[int, Field(ge=5, le=24 * 60)] = 30
    lead_time: Annotated[int, Field(ge=0, le=60 * 24 * 60)] = 0
    horizon: Annotated[int, Field(ge=1, le=730, description="days")] = 60
    resources: Annotated[tuple[Key, ...], Field(min_length=1)]


class Resource(_Frozen):
    name: Name
    hours: WeeklyHours | None = None


class Booking(_Frozen):
    hold_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    offer: Annotated[int, Field(ge=1, le=5)] = 5
    code_tries: Annotated[int, Field(ge=1, le=20)] = 5


class DemoAgent(_Frozen):
    name: Name
    email: EmailStr
    role: Role = "agent"
    departments: Annotated[tuple[Key, ...], Field(min_length=1)]


class HandoffRules(_Frozen):
    default_department: Key
    rephrase: Annotated[int, Field(ge=0, le=5)] = 1
    waiting_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    notice_seconds: Annotated[float, Field(ge=1, le=60)] = 6
    give_up_seconds: Annotated[float, Field(ge=5, le=3600)] = 120


def _only(*names: str) -> AfterValidator:
    """A phrase that uses no other placeholder than these."""

    def check(text: str) -> str:
        unknown = set(_PLACEHOLDER.findall(text)) - set(names)
        if unknown or "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
            allowed = ", ".join(f"{{{name}}}" for name in names) or "none"
            raise ValueError(f"a phrase whose placeholders are among: {allowed}")
        return text

    return AfterValidator(check)


Plain = Annotated[str, Field(min_length=1), _only()]


class Phrases(_Frozen):
    """What the front desk itself says to a customer, in one language. `{…}` is filled in."""

    greeting: Annotated[str, Field(min_length=1), _only("business")]
    suggestions: Annotated[tuple[Name, ...], Field(max_length=5)] = ()
    one_moment: Plain
    assistant_unavailable: Plain
    waiting: Annotated[str, Field(min_length=1), _only("position", "department")]
    waiting_closed: Annotated[str, Field(min_length=1), _only("department", "next_open")]
    agent_joined: Annotated[str, Field(min_length=1), _only("agent")]
    transferred: Annotated[str, Field(min_length=1), _only("agent", "department")]
    requeued: Plain
    returned: Annotated[str, Field(min_length=1), _only("agent")]
    returned_in_booking: Annotated[str, Field(min_length=1), _only("agent", "service")]
    expired: Plain
    withdrawn: Plain
    resolved: Plain
    failed: Plain


class Business(_Frozen):
    """Everything `business.yml` says."""

    name: Name
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    languages: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(min_length=1)]
    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    contact: Contact
    hours: WeeklyHours
    exceptions: tuple[HoursException, ...] = ()
    departments: Annotated[dict[Key, Department], Field(min_length=1)]
    services: Annotated[dict[Key, Service], Field(min_length=1)]
    resources: Annotated[dict[Key, Resource], Field(min_length=1)]
    booking: Booking = Booking()
    agents: tuple[DemoAgent, ...] = ()
    handoff: HandoffRules
    phrases: dict[str, Phrases]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def phrases_in(self, language: str) -> Phrases:
        """The phrases in `language`, or in the first language when it is not spoken here."""
        return self.phrases.get(language) or self.phrases[self.languages[0]]
