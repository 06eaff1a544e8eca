"""Confirmation codes: short, readable aloud, not guessable.

The alphabet leaves out what looks or sounds alike (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) and the vowels, so that no word
comes out. Eight of 22 characters are 35 bits; with the limited tries of `Calendar.find` that is enough.
"""

import re
import secrets

_ALPHABET = "CDFGHJKMNPQRTWXY234679"
_LENGTH = 8
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_code() -> str:
    """A fresh code as it is stored, `XXXXXXXX`."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def read_code(said: str) -> str | None:
    """The stored form of what a customer typed, whatever its case, spaces and dashes; None if it cannot be a code."""
    bare = re.sub(r"[\s\W_]", "", said).upper()
    return bare if _CODE.fullmatch(bare) else None


def shown_code(code: str) -> str:
    """The code as customers see it, `XXXX-XXXX`."""
    return f"{code[:4]}-{code[4:]}"
