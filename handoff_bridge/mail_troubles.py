"""Mail that did not reach its customer, or may not have: what somebody of the business has to look after by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from business.clock import Clock
from handoff_bridge.errors import SupervisorsOnlyError
from handoff_bridge.people import Agent, Role
from notifications.ports import Troubled
from notifications.troubles import Trouble

_MEMORY = timedelta(days=30)
_AT_ONCE = 200


@dataclass(frozen=True)
class MailTroubles:
    """Reads only."""

    troubled: Troubled
    clock: Clock

    def latest(self, agent: Agent) -> Sequence[Trouble]:
        """Those of the last thirty days, newest first, 200 at most. Raises `SupervisorsOnlyError`."""
        if agent.role is Role.AGENT:
            raise SupervisorsOnlyError
        return self.troubled.since(self.clock() - _MEMORY, _AT_ONCE)
