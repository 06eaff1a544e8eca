"""What tests of the triggers are made of: the rules of a business, and messages as the triggers see them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from business.triggers import TriggerRules
from handoff_bridge.triggers.judge import Judge
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.model import Said, Signals

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
ENGLISH = read_languages(["en"])


def rules(*listed: dict[str, Any], **more: Any) -> TriggerRules:
    """The rules as a business file gives them."""
    return TriggerRules.model_validate({"rules": list(listed), **more})


def judge(*listed: dict[str, Any]) -> Judge:
    return Judge(rules(*listed), ENGLISH, ["Sales", "Service"])


def talk(*said: str | dict[str, Any], channel: str = "website", has_appointment: bool = False) -> Signals:
    """A customer's messages, a minute apart; each a text, or what is known of it."""
    return Signals(tuple(_said(number, one) for number, one in enumerate(said)), channel, has_appointment)


def fired(by: Judge, *said: str | dict[str, Any], **more: Any) -> list[str]:
    """The names of the rules that fire on the last of the messages."""
    return [one.trigger for one in by.fired(talk(*said, **more))]


def rows(name: str) -> dict[str, dict[str, list[str]]]:
    """The rows of a file beside this one."""
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / name).read_text())
    return loaded


def _said(number: int, one: str | dict[str, Any]) -> Said:
    known = {"text": one} if isinstance(one, str) else {"text": f"message {number}", **one}
    return Said(message_id=number + 1, at=known.pop("at", NOW + timedelta(minutes=number)), **known)
