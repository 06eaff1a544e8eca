"""What is said when a department could not be asked, because the bridge does not answer."""

import structlog

from actions.bridge import BridgeUnavailableError
from actions.context import Context
from actions.dialogues.turns import Outcome, Turn
from actions.facts import Facts
from actions.replies import Say

log = structlog.get_logger()


def say_not_arranged(context: Context) -> Say:
    """A sentence with the other ways to reach the business."""
    contact = context.business.contact
    return Say("say_not_arranged", {"phone": contact.phone, "email": contact.email})


def not_arranged(context: Context, turn: Turn, facts: Facts, asks: str, error: BridgeUnavailableError) -> Outcome:
    """Keeps everything, so that a yes to `asks` tries it again."""
    log.warning(
        "The bridge does not answer.",
        action=f"ask_{asks}",
        conversation_id=turn.heard.conversation_id,
        error=type(error).__name__,
    )
    return Outcome(facts, (say_not_arranged(context),), asks)
