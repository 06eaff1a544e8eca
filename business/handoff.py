"""What `handoff` in a business file may say: when a person is needed, who gets it, and what if nobody is there."""

from typing import Annotated

from pydantic import Field

from business.callbacks import CallbackRules
from business.fields import Frozen, Key
from business.routing import Escalation, RoutingRules
from business.triggers import TriggerRules


class HandoffRules(Frozen):
    default_department: Key
    rephrase: Annotated[int, Field(ge=0, le=5)] = 1
    waiting_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    notice_seconds: Annotated[float, Field(ge=1, le=60)] = 6
    give_up_seconds: Annotated[float, Field(ge=5, le=3600)] = 120
    triggers: TriggerRules = TriggerRules()
    routing: RoutingRules = RoutingRules()
    escalation: tuple[Escalation, ...] = ()
    callbacks: CallbackRules = CallbackRules()
    rating: bool = True
