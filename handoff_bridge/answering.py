"""What agents do to a conversation: move it, and answer in it."""

from dataclasses import dataclass
from datetime import timedelta

from business.clock import Clock
from business.model import Business
from handoff_bridge.errors import AlreadyMovedError, FieldInvalidError, NotFoundError, NotYoursError
from handoff_bridge.events import Event, Kind
from handoff_bridge.handover import Handover
from handoff_bridge.messages import Author, Draft, Message, Source
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import Conversation, Handoff, Move, State, Urgency
from handoff_bridge.people import Agent
from handoff_bridge.ports import Store, Transaction

_FRESH = timedelta(seconds=15)  # a sign of life this recent needs no other, and whoever writes gives many
AGENT_MOVES = frozenset({Move.ACCEPT, Move.TAKE_OVER, Move.TRANSFER, Move.RETURN, Move.RESOLVE, Move.REQUEST})


@dataclass(frozen=True)
class Wanted:
    """A move as an agent asks for it: made only if the conversation is still at `epoch`."""

    move: str
    epoch: int
    department: str | None = None
    agent_id: int | None = None
    note: str = ""


class Answering:
    """The moves and words of agents."""

    def __init__(self, store: Store, clock: Clock, business: Business, handover: Handover, metrics: Metrics) -> None:
        self._store = store
        self._clock = clock
        self._business = business
        self._handover = handover
        self._metrics = metrics

    def move(self, agent: Agent, conversation_id: str, wanted: Wanted) -> None:
        """Raises `AlreadyMovedError` saying who was faster, `IllegalMoveError`, `NotYourMoveError`, `NotFoundError`."""
        if wanted.move not in AGENT_MOVES:
            raise FieldInvalidError("move", "one of " + ", ".join(sorted(AGENT_MOVES)))
        with self._store.begin() as t:
            conversation = self._lock(t, conversation_id)
            if conversation.epoch != wanted.epoch:
                raise AlreadyMovedError(self._who_was_faster(t, conversation_id))
            what = Move(wanted.move)
            handoff = self._handoff(t, conversation, wanted) if what in (Move.TRANSFER, Move.REQUEST) else None
            self._handover.make(t, conversation, what, agent.who, self._clock(), handoff=handoff, reason=wanted.note)
            self._seen(t, agent)

    def reply(self, agent: Agent, conversation_id: str, message_id: str, text: str) -> Message:
        """The stored answer; a repeat gives the first one. Takes the conversation over, or accepts it, first.

        Raises `NotYoursError` when another agent holds it or it is resolved, `NotFoundError`.
        """
        source_id = f"{agent.id}:{message_id}"
        with self._store.begin() as t:
            conversation = self._lock(t, conversation_id)
            if not _holds(agent, conversation):
                if known := _said_before(t, conversation, source_id):
                    return known
                conversation = self._take(t, conversation, agent)
            now = self._clock()
            draft = Draft(Author.AGENT, text, Source.INBOX, source_id, name=agent.name, agent_id=agent.id)
            message = t.messages.add(conversation, draft, now)
            if message is None:
                if known := _said_before(t, conversation, source_id):
                    return known
                raise FieldInvalidError("message_id", "an id that no other message has used")
            t.handoffs.answered(conversation_id, now)
            self._seen(t, agent)
        self._metrics.messages.labels(Author.AGENT.value).inc()
        return message

    def _seen(self, t: Transaction, agent: Agent) -> None:
        now = self._clock()
        if agent.last_seen_at is not None and now - agent.last_seen_at < _FRESH:
            return
        if t.agents.seen(agent.id, now):
            t.tell(Event(Kind.AGENTS))

    def _take(self, t: Transaction, conversation: Conversation, agent: Agent) -> Conversation:
        match conversation.state:
            case State.WAITING:
                what = Move.ACCEPT
            case State.WITH_ASSISTANT:
                what = Move.TAKE_OVER
            case _:
                raise NotYoursError
        return self._handover.make(t, conversation, what, agent.who, self._clock())

    def _handoff(self, t: Transaction, conversation: Conversation, wanted: Wanted) -> Handoff:
        colleague = t.agents.get(wanted.agent_id) if wanted.agent_id is not None else None
        if wanted.agent_id is not None and colleague is None:
            raise FieldInvalidError("agent_id", "the id of an agent")
        department = wanted.department or self._department_of(colleague, conversation)
        if department not in self._business.departments:
            raise FieldInvalidError("department", "one of " + ", ".join(self._business.departments))
        urgency = conversation.handoff.urgency if conversation.handoff else Urgency.NORMAL
        reason = conversation.handoff.reason if conversation.handoff else ""
        return Handoff(department, urgency, reason, wanted.note, wanted.agent_id)

    def _department_of(self, colleague: Agent | None, conversation: Conversation) -> str:
        if colleague is not None and colleague.departments:
            return colleague.departments[0]
        return conversation.handoff.department if conversation.handoff else self._business.handoff.default_department

    def _lock(self, t: Transaction, conversation_id: str) -> Conversation:
        conversation = t.conversations.lock(conversation_id)
        if conversation is None:
            raise NotFoundError
        return conversation

    def _who_was_faster(self, t: Transaction, conversation_id: str) -> str | None:
        """None when nobody has moved it yet, and the epoch was just wrong."""
        done = t.queues.transitions(conversation_id)
        if not done:
            return None
        last = done[-1]
        who = last.agent_name or last.transition.who.kind.value
        return f"{who} was faster: the conversation is {last.transition.after.value} now."


def _holds(agent: Agent, conversation: Conversation) -> bool:
    return conversation.state is State.WITH_AGENT and conversation.agent_id == agent.id


def _said_before(t: Transaction, conversation: Conversation, source_id: str) -> Message | None:
    known = t.messages.by_source(Source.INBOX, source_id)
    return known if known is not None and known.conversation_id == conversation.id else None
