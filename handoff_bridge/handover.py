"""Makes moves, with all that follows from them in the same transaction: work settled, echoes, words, notices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog

from handoff_bridge import echoes
from handoff_bridge.announcer import Announcer
from handoff_bridge.events import Event, Kind
from handoff_bridge.memory import Memory
from handoff_bridge.metrics import Metrics
from handoff_bridge.model import ASSISTANT_SPEAKS, Conversation, Handoff, Move, Mover, State, Transition, Who, move
from handoff_bridge.ports import Transaction
from handoff_bridge.turns import TurnState

log = structlog.get_logger(__name__)


class Follower(Protocol):
    """Whoever keeps rows about moves: called inside the move's transaction, after the conversation has been written."""

    def moved(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None: ...


class Handover:
    """The one way in which a conversation changes its state."""

    def __init__(
        self,
        announcer: Announcer,
        metrics: Metrics,
        followers: Sequence[Follower] = (),
        *,
        askers: Sequence[Follower] = (),
        memory: Memory | None = None,
    ) -> None:
        """`askers` follow as well, but have the last word: after what the move itself says to the customer."""
        self._announcer = announcer
        self._metrics = metrics
        self._followers = followers
        self._askers = askers
        self._memory = memory or Memory()

    def make(
        self,
        t: Transaction,
        conversation: Conversation,
        what: Move,
        who: Who,
        now: datetime,
        *,
        handoff: Handoff | None = None,
        reason: str = "",
        phrase: str | None = None,
    ) -> Conversation:
        """The conversation after the move; it must be locked in `t`. `phrase` is said instead of the move's own.

        Raises what `model.move` raises, and `AlreadyMovedError`.
        """
        moved, transition = move(conversation, what, who, now, handoff=handoff, reason=reason)
        t.conversations.move(moved, transition)
        self._settle(t, conversation, moved)
        self._echo(t, conversation, moved, now)
        for follower in self._followers:  # after the turns, because followers may lock agents
            follower.moved(t, conversation, moved, transition)
        if phrase:
            self._announcer.say(t, moved, phrase, now)
        else:
            self._announce(t, conversation, moved, transition)
        for asker in self._askers:
            asker.moved(t, conversation, moved, transition)
        self._notify(t, conversation, moved)
        self._metrics.moves.labels(what.value).inc()
        log.info(
            "A conversation moved.",
            action="move",
            conversation_id=moved.id,
            move=what.value,
            before=transition.before.value,
            after=transition.after.value,
            mover=who.kind.value,
            epoch=moved.epoch,
        )
        return moved

    def _settle(self, t: Transaction, before: Conversation, after: Conversation) -> None:
        """While the assistant keeps its voice the turn in flight is still to be heard; else no turn is."""
        if {before.state, after.state} <= ASSISTANT_SPEAKS:
            t.turns.carry(after.id, before.epoch, after.epoch)
        else:
            t.turns.settle_open(after.id, TurnState.DROPPED, taken=False)

    def _echo(self, t: Transaction, before: Conversation, after: Conversation, now: datetime) -> None:
        if after.state is State.WITH_AGENT:
            t.turns.add_events(after, echoes.pause())
        elif before.state is State.WITH_AGENT and after.state in ASSISTANT_SPEAKS:
            self._begin_afresh(t, after, self._memory.after_agent(t, after), now)
        elif before.state is State.RESOLVED:
            self._begin_afresh(t, after, self._memory.after_resolution(t, after), now)

    def _begin_afresh(self, t: Transaction, after: Conversation, facts: Mapping[str, Any], now: datetime) -> None:
        """The assistant's conversation and ours go on with the same facts."""
        t.conversations.replace_facts(after, facts, now)
        t.turns.add_events(after, echoes.fresh_session(facts))

    def _announce(self, t: Transaction, before: Conversation, after: Conversation, done: Transition) -> None:
        say, now = self._announcer.say, done.at
        match done.move:
            case Move.ACCEPT | Move.TAKE_OVER:
                say(t, after, "agent_joined", now, agent=_agent_name(t, after.agent_id))
            case Move.TRANSFER if after.handoff:
                department = self._announcer.department_name(after.handoff.department)
                say(t, after, "transferred", now, agent=_agent_name(t, before.agent_id), department=department)
            case Move.RETURN:
                self._announcer.say_returned(t, after, _agent_name(t, before.agent_id), now)
            case Move.REQUEUE:
                say(t, after, "requeued", now)
            case Move.EXPIRE:
                self._announcer.say_expired(t, before, after, now)
            case Move.RESOLVE:
                say(t, after, "resolved", now)
            case Move.REQUEST if done.who.kind is not Mover.ASSISTANT:
                self._announcer.say_where_in_line(t, after, now)
            case _:  # the customer knows what they did, and the assistant speaks for itself
                pass

    def _notify(self, t: Transaction, before: Conversation, after: Conversation) -> None:
        t.tell(Event(Kind.CONVERSATION, after.id))
        if State.WAITING in (before.state, after.state):
            t.tell(Event(Kind.QUEUE, after.id if after.state is State.WAITING else None))
        t.tell(Event(Kind.WORK))


def _agent_name(t: Transaction, agent_id: int | None) -> str:
    agent = t.agents.get(agent_id) if agent_id is not None else None
    return agent.name if agent else ""
