"""What agents do and see."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from handoff_bridge.answering import AGENT_MOVES, Wanted
from handoff_bridge.desk import QUEUES
from handoff_bridge.errors import (
    AlreadyMovedError,
    AtCapacityError,
    BridgeError,
    IllegalMoveError,
    NotYourMoveError,
    NotYoursError,
    SetOfflineError,
)
from handoff_bridge.messages import Author
from handoff_bridge.model import TABLE, Conversation, Move, Mover, State
from handoff_bridge.people import Agent, Availability
from tests.integration.bridge_machine.stage import AGENTS, BRIDGES, CUSTOMERS, WHICH, Stage, pick

MOVES = st.sampled_from(sorted(AGENT_MOVES))
ENDS = st.sampled_from((None, None, Move.RETURN, Move.RESOLVE))
DEPARTMENTS = st.sampled_from((None, "sales", "service"))


class AgentRules(Stage):
    @rule(who=AGENTS, name=CUSTOMERS, what=MOVES, late_by=st.sampled_from((0, 0, 0, 1)))
    def move(self, who: str, name: str, what: Move, late_by: int) -> None:
        before = self.conversation(name)
        self.try_to_move(self.agents[who], before, Wanted(what, before.epoch - late_by))

    @rule(who=AGENTS, name=CUSTOMERS, department=DEPARTMENTS, to=st.none() | AGENTS)
    def transfer(self, who: str, name: str, department: str | None, to: str | None) -> None:
        before = self.conversation(name)
        colleague = self.agents[to] if to else None
        wanted = Wanted(Move.TRANSFER, before.epoch, department, colleague.id if colleague else None, "a note")
        if self.try_to_move(self.agents[who], before, wanted):
            handoff = self.conversation(name).handoff
            assert handoff is not None
            assert handoff.wanted_agent_id == wanted.agent_id
            assert handoff.department == (department or handoff.department)

    @rule(first=AGENTS, second=AGENTS, name=CUSTOMERS, what=MOVES)
    def move_both_from_one_epoch(self, first: str, second: str, name: str, what: Move) -> None:
        before = self.conversation(name)
        wanted = Wanted(what, before.epoch)
        if self.try_to_move(self.agents[first], before, wanted):
            with pytest.raises(AlreadyMovedError) as refusal:
                self.bridges[1].answering.move(self.agents[second], before.id, wanted)
            assert self.agents[first].name in str(refusal.value)

    @rule(who=AGENTS, name=CUSTOMERS, end=ENDS)
    def help(self, who: str, name: str, end: Move | None) -> None:
        """An agent answers, which takes the conversation, and perhaps is through with it then."""
        self.reply(self.agents[who], name)
        if end is not None:
            before = self.conversation(name)
            self.try_to_move(self.agents[who], before, Wanted(end, before.epoch))

    @rule(who=AGENTS, availability=st.sampled_from((Availability.ONLINE, *Availability)))
    def come(self, who: str, availability: Availability) -> None:
        assert self.anybody.desk.set_availability(self.agents[who], availability).availability is availability
        self.anybody.desk.seen(self.agents[who])

    @rule(who=AGENTS, name=CUSTOMERS, at=BRIDGES, which=WHICH)
    def look_around(self, who: str, name: str, at: int, which: int) -> None:
        self.look(who)
        self.read(who, name, which)
        self.repeat_a_reply(name, at, which)

    def reply(self, agent: Agent, name: str) -> None:
        before = self.rows(name)
        now, message_id = before.conversation, f"{name}-{len(before.messages)}"
        is_theirs = now.state is State.WITH_AGENT and now.agent_id != agent.id
        refusal: type[BridgeError] | None = NotYoursError if is_theirs or now.state is State.RESOLVED else None
        if refusal is None and now.agent_id != agent.id:
            refusal = self.no_room(agent)
        if refusal is not None:
            self.is_refused(refusal, self.anybody.answering.reply, agent, now.id, message_id, "I am a person")
            assert self.rows(name) == before
            return
        said = self.anybody.answering.reply(agent, now.id, message_id, "I am a person")
        after = self.rows(name)
        assert after.messages[-1] == said
        assert (after.conversation.agent_id, after.conversation.read_up_to) == (agent.id, said.id)

    def repeat_a_reply(self, name: str, at: int, which: int) -> None:
        before = self.rows(name)
        if not (replies := before.by(Author.AGENT)):
            return
        said = pick(replies, which)
        (agent,) = (agent for agent in self.agents.values() if agent.id == said.agent_id)
        message_id = said.source_id.removeprefix(f"{agent.id}:")
        assert self.bridges[at].answering.reply(agent, said.conversation_id, message_id, "other words") == said
        assert self.rows(name) == before

    def read(self, who: str, name: str, which: int) -> None:
        before = self.rows(name)
        up_to = pick(before.messages, which).id
        self.anybody.desk.read(self.agents[who], before.conversation.id, up_to)
        assert self.conversation(name).read_up_to == max(up_to, before.conversation.read_up_to)

    def look(self, who: str) -> None:
        """Every page of the desk shows what the rows say."""
        desk, agent = self.anybody.desk, self.agents[who]
        seen = {queue: {o.conversation.id for o in desk.queue(agent, queue, None)} for queue in QUEUES}
        assert seen == {
            queue: {c.id for c in map(self.conversation, self.customers) if _queue_of(c, agent) == queue}
            for queue in QUEUES
        }
        counted = Counter({queue: len(ids) for queue, ids in seen.items() if queue != "resolved"})
        assert desk.counts().of(agent.id) == counted
        for name in self.customers:
            rows, opened = self.rows(name), desk.open(self.customers[name].conversation_id)
            assert list(opened.messages) == list(rows.messages)[-100:]
            assert opened.overview.last_message == rows.messages[-1]
            assert [record.transition for record in opened.transitions] == list(rows.transitions)
            self.see_status(rows.conversation)

    def see_status(self, conversation: Conversation) -> None:
        status = self.anybody.line.status(conversation.id)
        assert status is not None
        assert status.state is conversation.state
        assert (status.position is not None) == (conversation.state is State.WAITING)
        assert (status.agent is not None) == (conversation.state is State.WITH_AGENT)

    def no_room(self, agent: Agent) -> type[BridgeError] | None:
        """Why the agent cannot take one more conversation."""
        with self.store.begin() as t:
            colleague = t.routing.colleague(agent.id)
        assert colleague is not None
        if colleague.agent.availability is Availability.OFFLINE:
            return SetOfflineError
        return AtCapacityError if colleague.held >= colleague.agent.capacity else None

    def is_refused(self, refusal: type[BridgeError], use_case: Callable[..., object], *given: object) -> None:
        with pytest.raises(refusal):
            use_case(*given)

    def try_to_move(self, agent: Agent, before: Conversation, wanted: Wanted) -> bool:
        """Whether the move was made, which must be so exactly when the table has it for this agent."""
        refusal = _refusal(agent, before, wanted)
        if refusal is None and TABLE[before.state, Move(wanted.move)].after is State.WITH_AGENT:
            refusal = self.no_room(agent)
        if refusal is None:
            self.anybody.answering.move(agent, before.id, wanted)
            with self.store.begin() as t:
                made = t.queues.transitions(before.id)[before.epoch].transition
            assert (made.move, made.who) == (wanted.move, agent.who)
            return True
        self.is_refused(refusal, self.anybody.answering.move, agent, before.id, wanted)
        with self.store.begin() as t:
            assert t.conversations.find(before.id) == before
        return False


def _refusal(agent: Agent, before: Conversation, wanted: Wanted) -> type[BridgeError] | None:
    rule_of_table = TABLE.get((before.state, Move(wanted.move)))
    if wanted.epoch != before.epoch:
        return AlreadyMovedError
    if rule_of_table is None:
        return IllegalMoveError
    is_of_another = before.state is State.WITH_AGENT and before.agent_id != agent.id
    is_wrong = agent.who.kind not in rule_of_table.movers or (is_of_another and agent.who.kind is Mover.AGENT)
    return NotYourMoveError if is_wrong else None


def _queue_of(conversation: Conversation, agent: Agent) -> str:
    if conversation.state is not State.WITH_AGENT:
        return conversation.state.value
    return "mine" if conversation.agent_id == agent.id else "others"
