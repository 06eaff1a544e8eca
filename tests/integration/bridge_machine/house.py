"""A front desk on a store under test: bridge processes, three agents, a clock that stands still between steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from argon2 import PasswordHasher

from business.model import Business
from handoff_bridge.engagements import Diary, Engagement, Person
from handoff_bridge.mailroom import Mailroom
from handoff_bridge.people import Agent, Role
from handoff_bridge.ports import Store
from handoff_bridge.services import Services, join
from handoff_bridge.settings import Settings
from scheduling.book import Book, Visit
from scheduling.service import Calendar
from tests.integration.bridge_machine.actors import SteppingStore
from tests.integration.bridge_machine.assistant import ScriptedAssistant
from tests.integration.bridge_store.making import NOW, hired
from tests.integration.bridge_store.store_world import World

SETTINGS = Settings(
    database_url="",
    secret="a secret of at least thirty-two characters",
    business_file=Path("business.yml"),
    host="127.0.0.1",
    port=0,
    rasa_urls=("http://127.0.0.1:9",),
    actions_url="http://127.0.0.1:9",
    public_url="http://127.0.0.1:0",
    now=None,
    smtp_url=None,
)
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # safe is slow; tests only need right


class SteadyClock:
    """The clock of the use cases: each look is a millisecond later, and a test sets it forward."""

    tick = timedelta(milliseconds=1)

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now


class EmptyDiary(Diary):
    def of(self, _: str) -> Sequence[Engagement]:
        return ()

    def of_person(self, _: Person) -> Sequence[Engagement]:
        return ()

    def has_changed(self, _: Person, __: datetime) -> bool:
        return False


class EmptyBook(Book):
    def between(self, _: datetime, __: datetime, *, now: datetime) -> Sequence[Visit]:  # noqa: ARG002 - the port's
        return ()


class NoCalendar:
    def transaction(self) -> NoReturn:
        raise AssertionError("nobody books in these runs")


class NoMail:
    """No job, an outbox that has nothing to do, and nobody who clicks on links."""

    def send_due(self, _: datetime) -> int:
        return 0


def varied(business: Business) -> Business:
    """The business with a department for each way of finding an agent."""
    routing = business.handoff.routing.model_copy(update={"departments": {"service": "assign", "finance": "pull"}})
    return business.model_copy(update={"handoff": business.handoff.model_copy(update={"routing": routing})})


def staff(store: Store) -> dict[str, Agent]:
    """An administrator for everything, and an agent for each of two departments, one of whom is soon full."""
    return {
        "maria": hired(store, "Maria", role=Role.ADMINISTRATOR, departments=("sales", "service", "finance")),
        "sam": hired(store, "Sam", departments=("sales",)),
        "jo": hired(store, "Jo", departments=("service",), capacity=1),
    }


class House:
    """Bridge processes on one store, as `services.join` makes them, with another assistant behind their delivery.

    Made once for many runs, since joining reads long word lists; each run begins with `clear`.
    """

    def __init__(self, world: World, business: Business, *, bridges: int = 2) -> None:
        self.world = world
        self.store = SteppingStore(world.store)
        self.clock = SteadyClock()
        self.assistant = ScriptedAssistant()
        self.bridges = [self._bridge(varied(business)) for _ in range(bridges)]

    def clear(self) -> None:
        """Forgets everything of the run before."""
        self.world.clear()
        self.assistant.clear()
        self.clock.now = NOW

    def pass_time(self, seconds: float) -> None:
        """On the clock of the use cases and on that of the database."""
        self.world.pass_time(seconds)
        self.clock.now += timedelta(seconds=seconds)

    def _bridge(self, business: Business) -> Services:
        mailroom = Mailroom((), NoMail(), self.clock, None, answers=NoMail(), appointments=NoMail(), troubled=NoMail())
        services = join(
            SETTINGS,
            business,
            self.clock,
            self.store,
            diary=EmptyDiary(),
            book=EmptyBook(),
            calendar=Calendar(business, NoCalendar(), self.clock),
            mailroom=mailroom,
            hasher=QUICK_HASHER,
        )
        services.delivery._assistant = self.assistant
        return services
