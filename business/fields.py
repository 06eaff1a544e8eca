"""The kinds of values that a business file is made of."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")


class Frozen(BaseModel):
    """A part of the business file: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _key(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise ValueError("lower-case letters, digits and _, beginning with a letter")
    return name


Key = Annotated[str, AfterValidator(_key)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]


def only(*names: str) -> AfterValidator:
    """A phrase that uses no other placeholder than these."""

    def check(text: str) -> str:
        unknown = set(_PLACEHOLDER.findall(text)) - set(names)
        if unknown or "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
            allowed = ", ".join(f"{{{name}}}" for name in names) or "none"
            raise ValueError(f"a phrase whose placeholders are among: {allowed}")
        return text

    return AfterValidator(check)


Plain = Annotated[str, Field(min_length=1), only()]
