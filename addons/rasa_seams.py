"""Where Frontdesk changes what Rasa 3.6.21 does, each place with its reason. `fit` makes all the changes."""

import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

import structlog
from aiohttp import ClientConnectionError
from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

log = structlog.get_logger()

FAILURE = "frontdesk_failure"
"""Key in the metadata of the `action_listen` that ends a failed turn; the value is `{code, message}`."""


class UnfitError(RasaException):
    """Rasa is set up in a way that would break a promise of the bridge's channel."""


class ActionsUnreachableError(RasaException):
    """The action server does not answer. Nothing of the turn is kept, so that it can be taken again."""


class ActionFailedError(RasaException):
    """An action failed; what failed is logged apart. Rasa logs this in place of the original, which quotes the answer
    of the action server and with it, as the SDK answers a failure, the whole conversation."""


@runtime_checkable
class TurnStore(Protocol):
    """A tracker store that can tell what it answered to a message, also after a restart."""

    async def retrieve_turn(self, sender_id: str, message_id: str) -> DialogueStateTracker | None:
        """The session as the turn that answered `message_id` left it, or `None` if there was no such turn."""


def fit(agent: Agent) -> None:
    """Fits a loaded agent to the bridge's channel; harmless to repeat. Raises `UnfitError`."""
    store = _bare(agent.tracker_store)
    if not isinstance(store, TurnStore):
        raise UnfitError(
            f"endpoints.yml: tracker_store is {type(store).__name__}, which cannot repeat an answer. "
            "Use `type: addons.tracker_store.PostgresTrackerStore`."
        )
    if agent.domain.session_config.are_sessions_enabled():
        raise UnfitError(
            "domain.yml: session_expiration_time must be 0. An expiring session would let the assistant speak again "
            "in a conversation that an agent holds."
        )
    agent.tracker_store = agent.processor.tracker_store = store
    if not isinstance(agent.processor._run_action, HonestRunAction):
        agent.processor._run_action = HonestRunAction(agent.processor._run_action)
        agent.processor.on_circuit_break = _end_circle


def trace_of(exc: Exception) -> list[str]:
    """Where it happened, without what it says: exceptions may quote what a customer wrote."""
    return traceback.format_tb(exc.__traceback__)[-4:]


def _bare(store: Any) -> Any:
    """The store itself: Rasa's fail-safe wrapper answers a database failure with a blank tracker."""
    return store._tracker_store if isinstance(store, FailSafeTrackerStore) else store


class HonestRunAction:
    """`MessageProcessor._run_action` that ends the turn when an action fails.

    Rasa logs the failure and goes on as if the action had run: the next response of the rule is said ("It is
    cancelled") though nothing was done.
    """

    def __init__(self, run_action: Callable[..., Awaitable[bool]]) -> None:
        self._run_action = run_action

    async def __call__(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        watched = _WatchedAction(action)
        go_on = await self._run_action(watched, tracker, output_channel, nlg, prediction)
        if watched.failure is None:
            return go_on
        if _nothing_happened(watched):
            raise ActionsUnreachableError(ActionsUnreachableError.__doc__) from None
        failed, failure = action.name(), type(watched.failure.__cause__ or watched.failure).__name__
        log.error(
            "An action failed",
            action="action_failed",
            conversation_id=tracker.sender_id,
            failed=failed,
            failure=failure,
            trace=trace_of(watched.failure),
        )
        _end(tracker, f"{failed} failed: {failure}.")
        return False


class _WatchedAction(Action):
    """An action that remembers the exception it ended with."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self.failure: Exception | None = None

    def name(self) -> str:
        return str(self._action.name())

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        try:
            return list(await self._action.run(output_channel, nlg, tracker, domain) or [])
        except ActionExecutionRejection:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever it is, Rasa is about to swallow it
            self.failure = exc
            raise ActionFailedError(ActionFailedError.__doc__) from None

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> ActionExecuted:
        return self._action.event_for_successful_execution(prediction)


def _nothing_happened(watched: _WatchedAction) -> bool:
    """Whether the turn had better be taken again: the call did not arrive, or the session has not begun.

    Rasa raises an exception of its own while it handles aiohttp's, which therefore is its context.
    """
    failure = watched.failure
    unreachable = failure is not None and isinstance(failure.__context__, ClientConnectionError)
    return unreachable or watched.name() == ACTION_SESSION_START_NAME


def _end(tracker: DialogueStateTracker, reason: str) -> None:
    failure = {"code": "failed", "message": reason}
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME, metadata={FAILURE: failure}))


def _end_circle(tracker: DialogueStateTracker, *_: Any) -> None:
    """Rasa stops after ten actions without a word to anybody, and leaves a turn that never ended."""
    log.error("The turn went in circles", action="turn_in_circles", conversation_id=tracker.sender_id)
    _end(tracker, "The rules lead in a circle: ten actions and no end.")
