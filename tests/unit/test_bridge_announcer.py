"""What a waiting customer hears: their place, or honestly that nobody can come soon, and what they may choose."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from business.model import Business
from handoff_bridge.announcer import Announcer
from handoff_bridge.messages import Draft
from handoff_bridge.model import Conversation, Handoff, State
from handoff_bridge.ports import QueueNumbers, Transaction

TUESDAY_MORNING = datetime.fromisoformat("2026-12-01T09:00-06:00")
SUNDAY_NIGHT = datetime.fromisoformat("2026-11-29T22:00-06:00")
CHOICES = ["/keep_waiting", "/leave_message", "/request_callback"]
BUSY = QueueNumbers(waiting=9, agents_online=1, agents_free=0, slots=1, slots_free=0, finished=50, mean_seconds=600)


@dataclass
class Line:
    """A transaction that knows one line and keeps what is said."""

    place: int
    numbers: QueueNumbers
    said: list[Draft] = field(default_factory=list)

    def transaction(self) -> Transaction:
        queues = SimpleNamespace(position=lambda _: self.place, numbers=lambda *_: self.numbers)
        messages = SimpleNamespace(add=lambda _, draft, __: self.said.append(draft))
        return cast("Transaction", SimpleNamespace(queues=queues, messages=messages, tell=lambda _: None))


def numbers(**other: Any) -> QueueNumbers:
    return QueueNumbers(**{**vars(BUSY), "waiting": 1, "slots_free": 1, "agents_free": 1, **other})


def waiting_for(department: str, now: datetime) -> Conversation:
    return Conversation(
        id="c1",
        account_id=1,
        contact_id=1,
        channel="website",
        language="en",
        state=State.WAITING,
        epoch=3,
        agent_id=None,
        waiting_since=now,
        handoff=Handoff(department),
        noticed_at=None,
        read_up_to=0,
        created_at=now,
        updated_at=now,
    )


def told(business: Business, line: Line, now: datetime, department: str = "service") -> Draft:
    Announcer(business).say_where_in_line(line.transaction(), waiting_for(department, now), now)
    [said] = line.said
    return said


def payloads(said: Draft) -> list[str]:
    return [button.payload.partition("{")[0] for button in said.buttons]


def test_with_somebody_there_the_place_is_told_and_nothing_is_offered(magnolia: Business) -> None:
    said = told(magnolia, Line(1, numbers()), TUESDAY_MORNING)
    assert said.text == "You are number 1 in line. A colleague from Service will be with you as soon as possible."
    assert said.buttons == ()


def test_out_of_hours_the_next_opening_of_the_department_is_told_with_three_choices(magnolia: Business) -> None:
    said = told(magnolia, Line(1, numbers(agents_online=0)), SUNDAY_NIGHT, "finance")
    assert "Mon, Nov 30, 9:00 AM" in said.text
    assert payloads(said) == CHOICES
    assert {button.payload.partition("{")[2] for button in said.buttons} == {'"department": "finance"}'}
    assert len({button.id for button in said.buttons}) == 3


def test_on_a_holiday_the_next_opening_is_that_of_another_day(magnolia: Business) -> None:
    thanksgiving = datetime.fromisoformat("2026-11-26T10:00-06:00")
    assert "Fri, Nov 27, 8:00 AM" in told(magnolia, Line(1, numbers()), thanksgiving).text


def test_in_the_hours_with_nobody_online_that_is_said(magnolia: Business) -> None:
    said = told(magnolia, Line(1, numbers(agents_online=0, slots=0)), TUESDAY_MORNING)
    assert "nobody from Service is online right now" in said.text
    assert payloads(said) == CHOICES


@pytest.mark.parametrize(("place", "is_long"), [(2, False), (3, True), (9, True)])
def test_a_line_that_lasts_longer_than_anybody_is_kept_waiting_is_called_long(
    magnolia: Business, place: int, is_long: bool
) -> None:
    """Ten minutes each: the third waits 20 to 45 minutes, and after 15 the wait would end."""
    said = told(magnolia, Line(place, BUSY), TUESDAY_MORNING)
    assert f"number {place} in line" in said.text
    assert payloads(said) == (CHOICES if is_long else [])


def test_no_call_is_offered_where_there_will_be_no_time_for_one(magnolia: Business) -> None:
    shut = magnolia.model_copy(update={"hours": {}, "exceptions": ()})
    said = told(shut, Line(1, numbers(agents_online=0)), TUESDAY_MORNING)
    assert payloads(said) == ["/keep_waiting", "/leave_message"]
    assert "nobody from Service is online" in said.text


def test_who_waited_in_vain_is_offered_the_same(northlight: Business) -> None:
    line, now = Line(1, BUSY), datetime.fromisoformat("2026-12-01T10:00+00:00")
    before = waiting_for("visas", now)
    after = Conversation(**{**vars(before), "state": State.WITH_ASSISTANT, "waiting_since": None, "handoff": None})
    Announcer(northlight).say_expired(line.transaction(), before, after, now)
    [said] = line.said
    assert said.text == northlight.phrases["en"].expired
    assert payloads(said) == CHOICES
    assert '"department": "visas"' in said.buttons[-1].payload
