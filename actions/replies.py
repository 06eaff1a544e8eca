"""What an action says: names of responses in domain.yml and what fills their placeholders. No wording here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

Values = Mapping[str, str | int]


@dataclass(frozen=True)
class Line:
    """A line of a list, filled into the response called `response`."""

    response: str
    values: Values


@dataclass(frozen=True)
class Button:
    """`title` is a fact, such as a time; `response` names a response whose text is the title."""

    payload: str
    title: str = ""
    response: str = ""


@dataclass(frozen=True)
class Say:
    """One message. `lines` become the value of `{lines}`."""

    response: str
    values: Values = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()


def utter(dispatcher: CollectingDispatcher, say: Say, domain: Mapping[str, Any]) -> None:
    """Says it; lines and titles are worded by the domain."""
    values: dict[str, Any] = dict(say.values)
    if say.lines:
        values["lines"] = "\n".join(_text(domain, line.response).format(**line.values) for line in say.lines)
    dispatcher.utter_message(response=say.response, buttons=list(_buttons(say, domain)), **values)


def _buttons(say: Say, domain: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for button in say.buttons:
        yield {"title": button.title or _text(domain, button.response), "payload": button.payload}


def _text(domain: Mapping[str, Any], response: str) -> str:
    text: str = domain["responses"][response][0]["text"]
    return text
