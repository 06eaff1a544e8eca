"""What agents look at: queues, conversations, each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from business.clock import Clock
from handoff_bridge.engagements import Diary, Engagement
from handoff_bridge.errors import FieldInvalidError, NotFoundError
from handoff_bridge.events import Event, Kind
from handoff_bridge.fact_words import FactWords
from handoff_bridge.handoffs import HandoffRecord
from handoff_bridge.messages import Author, Message
from handoff_bridge.model import State
from handoff_bridge.offers import Escalation
from handoff_bridge.people import Agent, Availability
from handoff_bridge.ports import Overview, Store, TransitionRecord

PAGE = 100  # messages
_LIST = 50  # conversations
QUEUES = ("with_assistant", "waiting", "mine", "others", "resolved")


@dataclass(frozen=True)
class Counts:
    """Unresolved conversations by state and agent."""

    by_state: Mapping[tuple[State, int | None], int]

    @cached_property
    def _held(self) -> int:
        return sum(number for (state, _), number in self.by_state.items() if state is State.WITH_AGENT)

    def of(self, agent_id: int) -> dict[str, int]:
        """How many stand in each queue as the agent sees it."""
        mine = self.by_state.get((State.WITH_AGENT, agent_id), 0)
        return {
            "with_assistant": self.by_state.get((State.WITH_ASSISTANT, None), 0),
            "waiting": self.by_state.get((State.WAITING, None), 0),
            "mine": mine,
            "others": self._held - mine,
        }


@dataclass(frozen=True)
class Opened:
    """A conversation with everything an agent needs to answer."""

    overview: Overview
    facts: Mapping[str, str]
    appointments: Sequence[Engagement]
    messages: Sequence[Message]
    has_more: bool
    transitions: Sequence[TransitionRecord]
    handoff: HandoffRecord | None
    accepted_by: str | None
    escalations: Sequence[Escalation]


class Desk:
    """Reads, and the small signs that move nothing: read, typing, availability, heartbeat."""

    def __init__(self, store: Store, clock: Clock, diary: Diary, words: FactWords) -> None:
        self._store = store
        self._clock = clock
        self._diary = diary
        self._words = words

    def queue(self, agent: Agent, name: str, before: datetime | None) -> Sequence[Overview]:
        """A page of a queue. Raises `FieldInvalidError` for a queue that does not exist."""
        if name not in QUEUES:
            raise FieldInvalidError("queue", "one of " + ", ".join(QUEUES))
        state = State.WITH_AGENT if name in ("mine", "others") else State(name)
        mine, not_mine = (agent.id if name == "mine" else None), (agent.id if name == "others" else None)
        with self._store.begin() as t:
            return t.queues.overviews(state=state, agent_id=mine, excluding=not_mine, before=before, limit=_LIST)

    def counts(self) -> Counts:
        with self._store.begin() as t:
            return Counts(t.queues.counts())

    def overview(self, conversation_id: str) -> Overview | None:
        with self._store.begin() as t:
            return t.queues.overview(conversation_id)

    def open(self, conversation_id: str) -> Opened:
        """Raises `NotFoundError`."""
        with self._store.begin() as t:
            overview = t.queues.overview(conversation_id)
            if overview is None:
                raise NotFoundError
            messages = t.messages.before(conversation_id, None, PAGE + 1)
            facts = t.conversations.facts(conversation_id)
            transitions = t.queues.transitions(conversation_id)
            handoff = t.handoffs.last(conversation_id)
            agent = t.agents.get(handoff.accepted_by) if handoff and handoff.accepted_by else None
            went_up = t.escalations.of(conversation_id) if handoff else ()
        return Opened(
            overview=overview,
            facts=self._words.of(facts),
            appointments=self._diary.of(conversation_id),
            messages=messages[-PAGE:],
            has_more=len(messages) > PAGE,
            transitions=transitions,
            handoff=handoff,
            accepted_by=agent.name if agent else None,
            escalations=[one for one in went_up if handoff and one.at >= handoff.requested_at],
        )

    def messages(
        self, conversation_id: str, *, before: int | None = None, after: int | None = None
    ) -> tuple[Sequence[Message], bool]:
        """A page before or after a message, oldest first, and whether more follows that way."""
        with self._store.begin() as t:
            if t.conversations.find(conversation_id) is None:
                raise NotFoundError
            if after is not None:
                found = t.messages.after(conversation_id, after, PAGE + 1)
                return found[:PAGE], len(found) > PAGE
            found = t.messages.before(conversation_id, before, PAGE + 1)
            return found[-PAGE:], len(found) > PAGE

    def said(self, message_ids: Sequence[int]) -> Sequence[tuple[Message, int | None]]:
        """The messages in the order of their ids, each with the agent who holds its conversation now."""
        with self._store.look() as t:
            return t.queues.said(message_ids)

    def standing(self, conversation_ids: Sequence[str], some_moved: bool) -> tuple[Sequence[Overview], Counts | None]:
        """How conversations stand, and the counts if these may have changed: by a move, or by a new conversation."""
        with self._store.look() as t:
            overviews = t.queues.overviews_of(conversation_ids)
            has_new = any(overview.conversation.epoch == 0 for overview in overviews)
            return overviews, Counts(t.queues.counts()) if some_moved or has_new else None

    def agents(self) -> Sequence[Agent]:
        with self._store.look() as t:
            return t.agents.all()

    def name_of(self, agent_id: int | None) -> str | None:
        if agent_id is None:
            return None
        with self._store.look() as t:
            agent = t.agents.get(agent_id)
            return agent.name if agent else None

    def read(self, agent: Agent, conversation_id: str, up_to: int) -> None:
        """Somebody at the desk has seen everything up to a message id. Raises `NotFoundError`."""
        with self._store.begin() as t:
            self._check(t.conversations.find(conversation_id))
            t.conversations.mark_read(conversation_id, up_to)
            t.tell(Event(Kind.READ, conversation_id, author=Author.AGENT, agent_id=agent.id, up_to=up_to))
            t.tell(Event(Kind.CONVERSATION, conversation_id))

    def typing(self, agent: Agent, conversation_id: str, on: bool) -> None:
        """Raises `NotFoundError`."""
        with self._store.begin() as t:
            self._check(t.conversations.find(conversation_id))
            t.tell(Event(Kind.TYPING, conversation_id, author=Author.AGENT, agent_id=agent.id, on=on))

    def set_availability(self, agent: Agent, availability: Availability) -> Agent:
        with self._store.begin() as t:
            t.agents.set_availability(agent.id, availability)
            t.tell(Event(Kind.AGENTS))
            return t.agents.get(agent.id) or agent

    def seen(self, agent: Agent) -> None:
        """A sign of life; whoever was absent is announced."""
        with self._store.begin() as t:
            if t.agents.seen(agent.id, self._clock()):
                t.tell(Event(Kind.AGENTS))

    def _check(self, conversation: object | None) -> None:
        if conversation is None:
            raise NotFoundError
