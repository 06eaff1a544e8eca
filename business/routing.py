"""Who gets a conversation that waits, and what happens when nobody answers."""

from typing import Annotated, Literal

from pydantic import Field

from business.fields import Frozen, Key

RoutingMode = Literal["offer", "assign", "pull"]
SUPERVISOR = "supervisor"
"""Where an escalation goes that names no department: to all supervisors and administrators."""


class RoutingRules(Frozen):
    """How waiting conversations find an agent; `departments` names those that do it differently.

    `skills` says which skill a topic needs: a service, or the reason of a handoff. After `skill_seconds` of waiting, or
    when nobody with the skill is there, anybody of the department will do.
    """

    mode: RoutingMode = "pull"
    departments: dict[Key, RoutingMode] = Field(default_factory=dict)
    offer_seconds: Annotated[int, Field(ge=5, le=600)] = 30
    ask_again_seconds: Annotated[int, Field(ge=5, le=3600)] = 120
    skills: dict[Key, Key] = Field(default_factory=dict)
    skill_seconds: Annotated[int, Field(ge=0, le=3600)] = 60

    def mode_in(self, department: str) -> RoutingMode:
        return self.departments.get(department, self.mode)


class Escalation(Frozen):
    """A handoff of this urgency that nobody accepted in time goes up: to the supervisors, or to a department.

    The time counts while the conversation's department is open.
    """

    urgency: Literal["low", "normal", "high", "urgent"]
    after_seconds: Annotated[int, Field(ge=10, le=24 * 3600)]
    to: Key = SUPERVISOR
