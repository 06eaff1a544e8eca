"""The word lists of the front desk, one file a language beside this module, read once and used together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "lexicon"


@dataclass(frozen=True)
class Language:
    """The lists of one language. `yes` and `no` are whole answers to an offer, `apart` the words that make a question
    another one; `feelings` are weights, from -1 to 1, by phrase."""

    name: str
    joints: frozenset[str]
    negators: frozenset[str]
    yes: Sequence[str]
    no: Sequence[str]
    apart: frozenset[str]
    groups: Mapping[str, Sequence[str]]
    asks: Sequence[str]
    machines: Sequence[str]
    refuses: Sequence[str]
    feelings: Mapping[str, float]
    strengtheners: Mapping[str, float]


def read_languages(names: Iterable[str]) -> tuple[Language, ...]:
    """The lists of those languages that have some; without any, the English ones."""
    known = [name for name in names if (_FOLDER / f"{name}.yml").is_file()]
    return tuple(_language(_FOLDER / f"{name}.yml") for name in known or ["en"])


def _language(path: Path) -> Language:
    raw: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only
    request, feelings = raw["request"], raw["feelings"]
    return Language(
        name=path.stem,
        joints=frozenset(raw["joints"]),
        negators=frozenset(raw["negators"]),
        yes=raw["yes"],
        no=raw["no"],
        apart=frozenset(raw["apart"]),
        groups=request["groups"],
        asks=request["asks"],
        machines=request["machines"],
        refuses=request["refuses"],
        feelings={phrase: float(weight) for weight, phrases in feelings["weights"].items() for phrase in phrases},
        strengtheners={word: float(factor) for word, factor in feelings["strengtheners"].items()},
    )
