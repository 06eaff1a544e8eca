"""Rasa's reply read into an answer, by the contract "Bridge → Rasa" of docs/interfaces.md.

Nothing in it is trusted: its shape is checked, what PostgreSQL cannot store is taken out, and what is too long for a
customer is cut into portions.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, NoReturn

from pydantic import BaseModel, Field

from handoff_bridge.messages import LONGEST_TEXT, tidy
from handoff_bridge.turns import Answer, Utterance

MOST_PORTIONS = 3  # of one utterance
MOST_MESSAGES = 10  # of one answer
_MOST_BUTTONS = 50  # under one message
_CUT = "…"
_ENDS = tuple(
    map(re.compile, (r"\n\s*\n", r"[.!?…。！？][\"'”’»)\]]*\s|\n", r"\s"))
)  # of a paragraph, a sentence, a word


class ReplyInvalidError(ValueError):
    """The reply is not of the contract's shape."""


class _Button(BaseModel):
    title: str | None = None
    payload: str | None = None


class _Said(BaseModel):
    text: str | None = None
    buttons: tuple[_Button, ...] | None = None
    response: str | None = None


class _Intent(BaseModel):
    name: str | None = None
    confidence: float | None = Field(None, ge=0, le=1)


class _Error(BaseModel):
    code: str


class _Reply(BaseModel):
    messages: tuple[_Said, ...]
    intent: _Intent | None = None
    active_loop: str | None = None
    slots: dict[str, Any] = {}
    paused: bool | None = None
    error: _Error | None = None


def read_answer(content: bytes) -> Answer:
    """The answer in a reply's body. Raises `ReplyInvalidError`, which quotes nothing of it."""
    try:
        data = json.loads(content.decode(), parse_constant=_refuse, parse_float=_finite)
        reply = _Reply.model_validate(_storable(data))
    except (ValueError, RecursionError):
        raise ReplyInvalidError(ReplyInvalidError.__doc__) from None
    intent = reply.intent or _Intent()
    return Answer(
        utterances=_utterances(reply.messages),
        facts={name: value for name, value in reply.slots.items() if value is not None},
        intent=intent.name,
        confidence=intent.confidence,
        paused=bool(reply.paused),
        error=reply.error.code if reply.error else None,
        form=reply.active_loop,
    )


def portions(text: str) -> tuple[str, ...]:
    """The text in parts of at most 4,000 characters, cut where a paragraph, a sentence or a word ends.

    What three parts cannot hold is left out, and the last one says so by an ellipsis.
    """
    parts: list[str] = []
    while len(text) > LONGEST_TEXT and len(parts) < MOST_PORTIONS - 1:
        end = _end_of_part(text, LONGEST_TEXT)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    if len(text) > LONGEST_TEXT:
        text = _marked(text[: _end_of_part(text, LONGEST_TEXT - 1)])
    return (*parts, text)


def _utterances(messages: Iterable[_Said]) -> tuple[Utterance, ...]:
    heard = tuple(islice(chain.from_iterable(map(_portioned, messages)), MOST_MESSAGES + 1))
    if len(heard) <= MOST_MESSAGES:
        return heard
    last = heard[MOST_MESSAGES - 1]
    return (*heard[: MOST_MESSAGES - 1], replace(last, text=_marked(last.text)))


def _portioned(said: _Said) -> Iterator[Utterance]:
    """The buttons are under the last part: they answer what was said as a whole."""
    text = tidy((said.text or "")[: 2 * MOST_PORTIONS * LONGEST_TEXT])
    if not text:
        return
    *first, last = portions(text)
    yield from map(Utterance, first)
    pressable = ((button.title, button.payload) for button in said.buttons or ())
    buttons = ((tidy(title), payload) for title, payload in pressable if title and payload)
    yield Utterance(last, tuple(islice(buttons, _MOST_BUTTONS)), said.response)


def _end_of_part(text: str, limit: int) -> int:
    """Where a part of at most `limit` characters ends; not in its first half, lest the parts be many and small."""
    for pattern in _ENDS:
        ends = [found.end() for found in pattern.finditer(text, limit // 2, limit + 1)]
        if ends:
            return ends[-1]
    return limit


def _marked(text: str) -> str:
    return text[: LONGEST_TEXT - 1].rstrip(f" \n\t{_CUT}") + _CUT


def _storable(value: Any) -> Any:
    """The value without NUL and lone surrogates in its texts, and so also in its names."""
    match value:
        case str():
            return value.replace("\0", "").encode(errors="ignore").decode()
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {_storable(name): _storable(one) for name, one in value.items()}
        case _:
            return value


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(digits: str) -> NoReturn:
    raise ValueError(f"{digits[:20]} is no number of JSON")
