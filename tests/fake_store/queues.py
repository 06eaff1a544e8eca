"""What the desk looks at, in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from statistics import fmean

from handoff_bridge import ports
from handoff_bridge.candidates import Waiting, precedence
from handoff_bridge.messages import Author, Message
from handoff_bridge.model import Conversation, State
from handoff_bridge.people import Agent, Availability, Place
from handoff_bridge.ports import Overview, QueueNumbers, TransitionRecord
from tests.fake_store.work import Work

_SAMPLE = 100


class FakeQueues(ports.Queues):
    def __init__(self, work: Work) -> None:
        self._tables = work.tables

    def overviews(
        self, *, state: State, agent_id: int | None, excluding: int | None, before: datetime | None, limit: int
    ) -> Sequence[Overview]:
        found = [
            conversation
            for conversation in sorted(self._in(state), key=lambda conversation: conversation.id)
            if agent_id in (None, conversation.agent_id)
            and (excluding is None or conversation.agent_id not in (None, excluding))
            and (before is None or conversation.updated_at < before)
        ]
        if state is State.WAITING:
            found.sort(key=lambda conversation: conversation.waiting_since or conversation.updated_at)
        else:
            found.sort(key=lambda conversation: conversation.updated_at, reverse=True)
        return [self._overview(conversation) for conversation in found[:limit]]

    def overview(self, conversation_id: str) -> Overview | None:
        conversation = self._tables.conversations.get(conversation_id)
        return self._overview(conversation) if conversation else None

    def overviews_of(self, conversation_ids: Sequence[str]) -> Sequence[Overview]:
        return [overview for of in dict.fromkeys(conversation_ids) if (overview := self.overview(of))]

    def said(self, message_ids: Sequence[int]) -> Sequence[tuple[Message, int | None]]:
        found = [message for of in sorted(set(message_ids)) if (message := self._tables.messages.get(of))]
        return [(message, self._tables.conversations[message.conversation_id].agent_id) for message in found]

    def counts(self) -> Mapping[tuple[State, int | None], int]:
        open_ones = (c for c in self._tables.conversations.values() if c.state is not State.RESOLVED)
        return Counter((conversation.state, conversation.agent_id) for conversation in open_ones)

    def position(self, conversation: Conversation) -> int:
        handoff = conversation.handoff
        if handoff is None or conversation.waiting_since is None:
            return 1
        place = precedence(Waiting(conversation))
        return sum(precedence(Waiting(other)) <= place for other in self._waiting_for(handoff.department)) or 1

    def numbers(self, department: str, seen_since: datetime) -> QueueNumbers:
        there = [
            agent
            for agent in self._agents()
            if agent.availability is Availability.ONLINE
            and agent.last_seen_at is not None
            and agent.last_seen_at >= seen_since
            and department in agent.departments
        ]
        held = Counter(c.agent_id for c in self._tables.conversations.values())
        free = [max(0, agent.capacity - held[agent.id]) for agent in there]
        lately = list(islice(self._seconds_with_agents(), _SAMPLE))
        return QueueNumbers(
            waiting=len(list(self._waiting_for(department))),
            agents_online=len(there),
            agents_free=sum(slots > 0 for slots in free),
            slots=sum(agent.capacity for agent in there),
            slots_free=sum(free),
            finished=len(lately),
            mean_seconds=fmean(lately) if lately else None,
        )

    def transitions(self, conversation_id: str) -> Sequence[TransitionRecord]:
        done = (t for (of, _), t in self._tables.transitions.items() if of == conversation_id)
        return [TransitionRecord(transition, self._name(transition.who.agent_id)) for transition in done]

    def lengths(self) -> Mapping[str, int]:
        open_turns = sum(row.is_open for row in self._tables.turns.values())
        return {"waiting": len(list(self._in(State.WAITING))), "turns": open_turns}

    def _overview(self, conversation: Conversation) -> Overview:
        said = [m for m in self._tables.messages.values() if m.conversation_id == conversation.id]
        unread = (m for m in said if m.author is Author.CUSTOMER and m.id > conversation.read_up_to)
        wanted = conversation.handoff.wanted_agent_id if conversation.handoff else None
        return Overview(
            conversation=conversation,
            contact=self._tables.contacts[conversation.contact_id],
            agent_name=self._name(conversation.agent_id),
            wanted_agent_name=self._name(wanted),
            last_message=said[-1] if said else None,
            unread=len(list(unread)),
        )

    def _in(self, state: State) -> Iterator[Conversation]:
        return (c for c in self._tables.conversations.values() if c.state is state)

    def _waiting_for(self, department: str) -> Iterator[Conversation]:
        return (c for c in self._in(State.WAITING) if c.handoff and c.handoff.department == department)

    def _agents(self) -> Iterator[Agent]:
        return (row.agent for row in self._tables.agents.values())

    def _name(self, agent_id: int | None) -> str | None:
        row = self._tables.agents.get(agent_id) if agent_id is not None else None
        return row.agent.name if row else None

    def _is_inside(self, agent_id: int | None) -> bool:
        row = self._tables.agents.get(agent_id) if agent_id is not None else None
        return row is not None and row.agent.place is Place.INBOX

    def _seconds_with_agents(self) -> Iterator[float]:
        """How long each stay with an agent took, the last one to end first."""
        for (conversation_id, epoch), ended in reversed(self._tables.transitions.items()):
            began = self._tables.transitions.get((conversation_id, epoch - 1))
            if ended.before is State.WITH_AGENT and began is not None and self._is_inside(began.who.agent_id):
                yield (ended.at - began.at).total_seconds()
