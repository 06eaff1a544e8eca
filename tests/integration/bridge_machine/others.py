"""What else reaches a conversation: an agent's notes of the customer, tasks, the switch of a phone number."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from handoff_bridge.errors import NotYoursError, TaskEndedError
from handoff_bridge.messages import Author
from handoff_bridge.model import State
from handoff_bridge.tasks import ENDED, TaskState
from tests.integration.bridge_machine.stage import AGENTS, BRIDGES, CUSTOMERS, WHICH, Stage, pick

PHONES = {"kim": "+15125550101", "lee": "+15125550102"}


class OtherRules(Stage):
    @rule(who=AGENTS, name=CUSTOMERS, said=st.sampled_from((None, "Kim")))
    def write_down_a_name(self, who: str, name: str, said: str | None) -> None:
        conversation = self.conversation(name)
        self.anybody.contacts.settle(self.agents[who], conversation.id, {"name": said})
        with self.store.begin() as t:
            assert t.contacts.get(conversation.contact_id).name == said
            assert t.conversations.facts(conversation.id).get("customer_name") == said

    @rule(who=AGENTS, which=WHICH, state=st.sampled_from(sorted(ENDED)), at=BRIDGES)
    def end_a_task(self, who: str, which: int, state: TaskState, at: int) -> None:
        agent, tasks = self.agents[who], self.bridges[at].task_list
        if not (found := [*tasks.unfinished(agent), *tasks.ended(agent)]):
            return
        task = pick(found, which).task
        if task.is_unfinished or task.state is state:
            assert tasks.end(agent, task.id, state).task.state is state
        else:
            with pytest.raises(TaskEndedError):
                tasks.end(agent, task.id, state)

    @rule(name=CUSTOMERS, is_on=st.booleans(), at=BRIDGES)
    def switch(self, name: str, is_on: bool, at: int) -> None:
        before = self.rows(name)
        with self.store.begin() as t:
            t.conversations.lock(before.conversation.id)
            t.contacts.settle(before.conversation.contact_id, {"phone": PHONES[name]}, self.clock())
        toggle, now = self.bridges[at].switch.toggle, before.conversation
        is_an_agents = now.state is State.WITH_AGENT and now.agent_id in {agent.id for agent in self.agents.values()}
        if (is_on and is_an_agents) or (not is_on and now.state is State.RESOLVED):
            with pytest.raises(NotYoursError):
                toggle(PHONES[name], is_on)
            assert self.rows(name) == before
        else:
            assert toggle(PHONES[name], is_on).is_on is (is_on and not is_an_agents)
            assert len(self.rows(name).by(Author.ASSISTANT)) == len(before.by(Author.ASSISTANT))
