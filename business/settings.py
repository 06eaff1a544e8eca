"""Reading settings from environment variables (docs/interfaces.md names them all)."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit


class SettingInvalidError(Exception):
    """A setting cannot be used."""

    def __init__(self, name: str, found: object, allowed: str) -> None:
        super().__init__(f"{name} is {found!r}; allowed: {allowed}")


def database_url(environ: Mapping[str, str]) -> str:
    return _given(environ, "DATABASE_URL", "the URL of a PostgreSQL; `make run` starts one")


def secret(environ: Mapping[str, str]) -> str:
    """What bridge, Rasa and actions share. Raises `SettingInvalidError`, which does not show it."""
    text = _given(environ, "FRONTDESK_SECRET", "at least 32 characters; `make run` makes one")
    if len(text) < 32:
        raise SettingInvalidError("FRONTDESK_SECRET", f"{len(text)} characters", "at least 32 characters")
    return text


def business_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("BUSINESS_FILE") or "business.yml")


def port(environ: Mapping[str, str], name: str, default: int) -> int:
    """A port; 0 means any that is free. Raises `SettingInvalidError`."""
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise SettingInvalidError(name, text, "a port, 0 to 65535")
    return int(text)


def url(name: str, text: str) -> str:
    """An address of ours without a slash at its end. Raises `SettingInvalidError`."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingInvalidError(name, text, "an address such as http://127.0.0.1:5005")
    return text.rstrip("/")


def _given(environ: Mapping[str, str], name: str, allowed: str) -> str:
    if not environ.get(name):
        raise SettingInvalidError(name, None, allowed)
    return environ[name]
