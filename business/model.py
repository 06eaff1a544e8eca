"""A business as frozen, validated objects: what `business.yml` may say and what it means.

Keys, values and messages are those of the file. Times of day are local to the business's time zone;
durations are minutes unless a name says otherwise.
"""

import re
from datetime import UTC, datetime, time, timedelta
from datetime import date as date_
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, EmailStr, Field, ValidationInfo, field_validator, model_validator

from business.fields import Frozen, Key, Minutes, Name, Plain, only
from business.handoff import HandoffRules
from business.holidays import Holidays
from business.page_words import PageWords
from business.reminders import ReminderRules

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Role = Literal["agent", "supervisor", "administrator"]

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone of the IANA list, such as America/Chicago or Europe/Dublin")
    return name


class Span(Frozen):
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


class HoursException(Frozen):
    """A date on which other hours hold than on its weekday; no hours means closed."""

    date: date_
    name: str = ""
    hours: Spans = ()


class Contact(Frozen):
    address: str
    phone: str
    email: EmailStr
    website: str = ""


class Department(Frozen):
    name: Name
    hours: WeeklyHours | None = None
    exceptions: tuple[HoursException, ...] = ()


class Limits(Frozen):
    """How many appointments of a service there may be on one day, and in one week from Monday on."""

    week: Annotated[int, Field(ge=1)] | None = None
    day: Annotated[int, Field(ge=1)] | None = None

    @field_validator("day")
    @classmethod
    def _within_the_week(cls, day: int | None, info: ValidationInfo) -> int | None:
        week = info.data.get("week")
        if day is not None and week is not None and day > week:
            raise ValueError(f"at most the {week} of the week")
        return day


class Service(Frozen):
    """What can be booked. Buffers are kept free around it; `lead_time` and `horizon` bound how soon and how far.

    One of `resources` does it, and one of each group in `needs` besides. With `places` above one, so many
    customers share a visit.
    """

    name: Name
    other_names: tuple[Name, ...] = ()
    department: Key
    minutes: Annotated[int, Field(ge=5, le=24 * 60)]
    buffer_before: Minutes = 0
    buffer_after: Minutes = 0
    step: Annotated[int, Field(ge=5, le=24 * 60)] = 30
    lead_time: Annotated[int, Field(ge=0, le=60 * 24 * 60)] = 0
    horizon: Annotated[int, Field(ge=1, le=730, description="days")] = 60
    limits: Limits = Limits()
    resources: Annotated[tuple[Key, ...], Field(min_length=1)]
    needs: tuple[Annotated[tuple[Key, ...], Field(min_length=1)], ...] = ()
    places: Annotated[int, Field(ge=1, le=100)] = 1

    @field_validator("needs")
    @classmethod
    def _each_in_one_group(
        cls, needs: tuple[tuple[str, ...], ...], info: ValidationInfo
    ) -> tuple[tuple[str, ...], ...]:
        named = [*info.data.get("resources", ()), *(key for group in needs for key in group)]
        if doubled := [key for key in named if named.count(key) > 1]:
            raise ValueError(f"resources that each stand once, in `resources` or in one group; {doubled[0]} does not")
        return needs

    @field_validator("places")
    @classmethod
    def _shared_alone(cls, places: int, info: ValidationInfo) -> int:
        if places > 1 and info.data.get("needs"):
            raise ValueError("1, for a service with `needs`")
        return places


class Resource(Frozen):
    """Who or what does a service. Of several that are free, the one with the highest `priority` is taken."""

    name: Name
    hours: WeeklyHours | None = None
    exceptions: tuple[HoursException, ...] = ()
    priority: Annotated[int, Field(ge=0, le=100)] = 0


class Booking(Frozen):
    """What holds for bookings of all services. Agents may overrule the four from `move_notice` to `one_at_a_time`."""

    hold_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    offer: Annotated[int, Field(ge=1, le=5)] = 5
    code_tries: Annotated[int, Field(ge=1, le=20)] = 5
    link_days: Annotated[int, Field(ge=0, le=365)] = 14
    move_notice: Annotated[int, Field(ge=0, le=60 * 24, description="hours, 0 for none")] = 0
    cancel_notice: Annotated[int, Field(ge=0, le=60 * 24, description="hours, 0 for none")] = 0
    moves: Annotated[int, Field(ge=0, le=100)] | None = None
    one_at_a_time: bool = False
    waitlist_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30


class DemoAgent(Frozen):
    name: Name
    email: EmailStr
    role: Role = "agent"
    departments: Annotated[tuple[Key, ...], Field(min_length=1)]
    skills: tuple[Key, ...] = ()
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ()
    capacity: Annotated[int, Field(ge=1, le=100, description="conversations at once")] = 4


Choice = Annotated[str, Field(min_length=1, max_length=20), only()]
"""The title of a button; WhatsApp shows no more of it."""


class Phrases(Frozen):
    """What the front desk itself says to a customer, in one language. `{…}` is filled in."""

    greeting: Annotated[str, Field(min_length=1), only("business")]
    suggestions: Annotated[tuple[Name, ...], Field(max_length=5)] = ()
    one_moment: Plain
    assistant_unavailable: Plain
    waiting: Annotated[str, Field(min_length=1), only("position", "department")]
    waiting_closed: Annotated[str, Field(min_length=1), only("department", "next_open")]
    waiting_nobody: Annotated[str, Field(min_length=1), only("department")]
    waiting_long: Annotated[str, Field(min_length=1), only("position", "department")]
    choice_wait: Choice
    choice_message: Choice
    choice_callback: Choice
    agent_joined: Annotated[str, Field(min_length=1), only("agent")]
    transferred: Annotated[str, Field(min_length=1), only("agent", "department")]
    requeued: Plain
    returned: Annotated[str, Field(min_length=1), only("agent")]
    returned_in_booking: Annotated[str, Field(min_length=1), only("agent", "service")]
    expired: Plain
    withdrawn: Plain
    resolved: Plain
    rating: Annotated[str, Field(min_length=1), only("agent")]
    rating_choices: Annotated[tuple[Choice, ...], Field(min_length=5, max_length=5)]
    rating_thanks: Plain
    choice_comment: Choice
    comment_wanted: Plain
    comment_thanks: Plain
    rating_over: Plain
    failed: Plain
    offer_person: Plain
    offer_yes: Choice
    offer_no: Choice
    offer_declined: Plain
    connecting: Plain
    mail_stop: Annotated[str, Field(min_length=1), only("business")]
    mail_stop_yes: Plain
    mail_stopped: Annotated[str, Field(min_length=1), only("business")]
    visit_rating: Annotated[str, Field(min_length=1), only("business")]
    visit_rating_thanks: Plain
    appointment_page: PageWords
    triggers: dict[Key, Plain] = Field(default_factory=dict)

    def text(self, name: str) -> str:
        """The phrase of that name, or the words that a trigger's rule has of its own."""
        own = self.triggers.get(name)
        return own if own is not None else str(getattr(self, name))


class Business(Frozen):
    """Everything `business.yml` says."""

    name: Name
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    languages: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(min_length=1)]
    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    contact: Contact
    hours: WeeklyHours
    exceptions: tuple[HoursException, ...] = ()
    holidays: Holidays | None = None
    departments: Annotated[dict[Key, Department], Field(min_length=1)]
    services: Annotated[dict[Key, Service], Field(min_length=1)]
    resources: Annotated[dict[Key, Resource], Field(min_length=1)]
    booking: Booking = Booking()
    reminders: ReminderRules = ReminderRules()
    agents: tuple[DemoAgent, ...] = ()
    handoff: HandoffRules
    phrases: dict[str, Phrases]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def phrases_in(self, language: str) -> Phrases:
        """The phrases in `language`, or in the first language when it is not spoken here."""
        return self.phrases.get(language) or self.phrases[self.languages[0]]
