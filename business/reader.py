"""Reads a business file: YAML in, a `Business` out, or every mistake at once."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from business.errors import BusinessInvalidError, Problem
from business.model import Business
from business.references import broken_references

_ALLOWED = {
    "missing": "a value; the key is missing",
    "extra_forbidden": "no such key here",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "date_from_datetime_parsing": "a date such as 2026-12-25",
    "date_type": "a date such as 2026-12-25",
}


class _Loader(yaml.SafeLoader):
    """YAML without silent overwriting: a key that stands twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands here twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_business(path: Path) -> Business:
    """The business described in the file at `path`.

    Raises `BusinessInvalidError` with every mistake found; a file that is not there or not YAML is one of them.
    """
    raw = _load(path)
    problems: list[Problem] = []
    business = None
    try:
        business = Business.model_validate(raw)
    except ValidationError as error:
        problems += [_problem(item) for item in error.errors(include_url=False)]
    problems += broken_references(raw)
    if business is None or problems:
        raise BusinessInvalidError(str(path), tuple(problems))
    return business


def _load(path: Path) -> Any:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a subclass of SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise BusinessInvalidError(str(path), (Problem("", str(error), "a readable file in UTF-8"),)) from error
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise BusinessInvalidError(str(path), (Problem("", where, "YAML with each key once"),)) from error
    if not isinstance(raw, dict):
        raise BusinessInvalidError(str(path), (Problem("", _shown(raw), "keys with values, beginning with `name:`"),))
    return raw


def _problem(item: Any) -> Problem:
    path = ".".join(str(part) for part in item["loc"] if part != "[key]")
    found = "nothing" if item["type"] == "missing" else _shown(item["input"])
    if item["type"] == "literal_error":
        allowed = f"one of {item['ctx']['expected']}"
    elif item["type"] == "value_error":
        allowed = item["ctx"].get("reason") or str(item["ctx"]["error"])
    else:
        allowed = _ALLOWED.get(item["type"]) or item["msg"].removeprefix("Input should be ")
    return Problem(path, found, allowed)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
