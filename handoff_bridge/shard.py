"""One of the Rasas and how it is, as far as this process has seen."""

from enum import StrEnum

import structlog

from handoff_bridge.assistant import AssistantSlowError, AssistantUnavailableError, RasaAssistant
from handoff_bridge.metrics import Metrics

log = structlog.get_logger(__name__)


class ShardState(StrEnum):
    UP = "up"
    SLOW = "slow"  # it takes connections and does not answer in time: it keeps its conversations
    DOWN = "down"


class Shard:
    """A Rasa and what was last seen of it."""

    def __init__(self, assistant: RasaAssistant, metrics: Metrics) -> None:
        self.assistant = assistant
        self.state = ShardState.DOWN
        self.seen = "not asked yet"
        self._gauge = metrics.rasa_up.labels(assistant.url)
        self._gauge.set(0)

    @property
    def is_alive(self) -> bool:
        return self.state is not ShardState.DOWN

    def look(self) -> None:
        """Asks it how it is. One that was down must answer to count as alive again."""
        try:
            self.assistant.check()
        except AssistantSlowError as error:
            self.note(ShardState.SLOW if self.is_alive else ShardState.DOWN, str(error))
        except AssistantUnavailableError as error:
            self.note(ShardState.DOWN, str(error))
        else:
            self.note(ShardState.UP)

    def note(self, state: ShardState, seen: str = "") -> None:
        was, self.state, self.seen = self.state, state, seen
        self._gauge.set(state is ShardState.UP)
        if was is not state:
            log.info("A Rasa changed.", action="rasa_state", url=self.assistant.url, state=state.value, seen=seen)
