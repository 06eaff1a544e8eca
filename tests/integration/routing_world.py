"""A front desk without its threads and sockets: the use cases on a real database, and a clock that a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from business.model import Business
from business.routing import Escalation, RoutingRules
from handoff_bridge.answering import Wanted
from handoff_bridge.candidates import Colleague
from handoff_bridge.line import Wait
from handoff_bridge.model import Conversation, Move, State
from handoff_bridge.offers import OfferState
from handoff_bridge.people import Agent, Availability, Role
from handoff_bridge.petitions import Petition
from handoff_bridge.services import Services, join
from handoff_bridge.storage import PostgresStore
from handoff_bridge.storage_mailroom import join_mailroom
from scheduling.service import Calendar
from scheduling.storage import PostgresStore as CalendarStore
from tests.integration.bridge_store.making import opened
from tests.integration.bridge_world import QUICK_HASHER, EmptyBook, EmptyDiary, settings_for

TUESDAY_NINE = datetime(2026, 12, 1, 15, tzinfo=UTC)  # in Austin, where everybody is open


def routed(
    business: Business, mode: str = "offer", *, escalation: tuple[Escalation, ...] = (), **rules: Any
) -> Business:
    """The business with other rules for who gets a conversation; no department does it differently."""
    routing = RoutingRules.model_validate({"mode": mode, **rules})
    handoff = business.handoff.model_copy(update={"routing": routing, "escalation": escalation})
    return business.model_copy(update={"handoff": handoff})


class StandingClock:
    """Stands until a test moves it on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def services_on(engine: Engine, business: Business, clock: StandingClock) -> Services:
    """The use cases of one bridge process; nothing runs."""
    settings = settings_for("http://127.0.0.1:9")
    mailroom = join_mailroom(
        engine, business, clock, server=None, public_url=settings.public_url, secret=settings.secret
    )
    return join(
        settings,
        business,
        clock,
        PostgresStore(engine),
        diary=EmptyDiary(),
        book=EmptyBook(),
        calendar=Calendar(business, CalendarStore(engine), clock),
        mailroom=mailroom,
        hasher=QUICK_HASHER,
    )


@dataclass
class Front:
    """One front desk; `tick` is the clock's strike, after which everybody who is there gives a sign of life again."""

    engine: Engine
    business: Business
    clock: StandingClock
    services: Services

    @classmethod
    def on(cls, engine: Engine, business: Business, now: datetime = TUESDAY_NINE) -> "Front":
        clock = StandingClock(now)
        return cls(engine, business, clock, services_on(engine, business, clock))

    def agent(self, name: str, *, comes: bool = True, **more: Any) -> Agent:
        """A new agent of sales, who is there unless `comes` is false."""
        usual = {"role": Role.AGENT, "departments": ("sales",), "availability": Availability.ONLINE, "capacity": 4}
        email = f"{name.lower()}@x.example"
        draft = Agent(id=0, account_id=1, name=name, email=email, last_seen_at=None, **{**usual, **more})
        with self.services.store.begin() as t:
            assert t.agents.add(draft, "hash", self.clock.now)
            found = t.agents.by_email(email)
        assert found is not None
        return self.comes(found[0]) if comes else found[0]

    def comes(self, agent: Agent) -> Agent:
        self.services.desk.seen(agent)
        return agent

    def says(self, agent: Agent, availability: Availability) -> None:
        self.services.desk.set_availability(agent, availability)

    def asks(self, department: str = "sales", urgency: str = "normal", reason: str = "asked") -> str:
        """Somebody new asks for a person, a moment later; the id of their conversation."""
        self.clock.now += timedelta(milliseconds=1)
        conversation = opened(self.services.store, self.clock.now)
        self.requests(conversation.id, department, urgency, reason)
        return conversation.id

    def requests(
        self, conversation_id: str, department: str = "sales", urgency: str = "normal", reason: str = ""
    ) -> None:
        self.services.petitions.request(conversation_id, Petition(department, urgency, reason, ""))

    def tick(self, seconds: float = 0, *, there: tuple[Agent, ...] = ()) -> None:
        """Lets seconds pass, in which those who are `there` gave signs of life, and has the clock strike."""
        self.clock.now += timedelta(seconds=seconds)
        for agent in there:
            self.comes(agent)
        self.services.clockwork.tick()

    def conversation(self, conversation_id: str) -> Conversation:
        with self.services.store.begin() as t:
            found = t.conversations.find(conversation_id)
        assert found is not None
        return found

    def state(self, conversation_id: str) -> State:
        return self.conversation(conversation_id).state

    def asked(self, conversation_id: str) -> str | None:
        """The name of the agent whom the conversation is offered to."""
        with self.services.store.begin() as t:
            offer = t.offers.open_of(conversation_id)
            agent = t.agents.get(offer.agent_id) if offer else None
        return agent.name if agent else None

    def holder(self, conversation_id: str) -> str | None:
        return self.services.desk.name_of(self.conversation(conversation_id).agent_id)

    def move(self, agent: Agent, conversation_id: str, move: Move, **more: Any) -> None:
        self.services.answering.move(
            agent, conversation_id, Wanted(move, self.conversation(conversation_id).epoch, **more)
        )

    def colleagues(self) -> Sequence[Colleague]:
        with self.services.store.begin() as t:
            return t.routing.colleagues()

    def endings(self, conversation_id: str) -> list[OfferState]:
        """How the offers of a conversation ended, oldest first; an open one is not among them."""
        query = "select state from offers where conversation_id = :id and state <> 'open' order by id"
        with self.engine.connect() as connection:
            return [OfferState(state) for state in connection.scalars(text(query), {"id": conversation_id})]

    def tiers(self, conversation_id: str) -> list[tuple[int, str, str]]:
        """Which tiers a conversation went up: number, from, to."""
        with self.services.store.begin() as t:
            return [(one.tier, one.before, one.after) for one in t.escalations.of(conversation_id)]

    def wait(self, conversation_id: str) -> Wait | None:
        """What the customer is told of how long they wait."""
        status = self.services.line.status(conversation_id)
        assert status is not None
        return status.wait
