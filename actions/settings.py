"""The settings of the action server, from environment variables (docs/interfaces.md names them all)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingInvalidError(Exception):
    """A setting cannot be used."""

    def __init__(self, name: str, found: object, allowed: str) -> None:
        super().__init__(f"{name} is {found!r}; allowed: {allowed}")


@dataclass(frozen=True)
class Settings:
    """Where everything is."""

    database_url: str
    secret: str
    business_file: Path
    bridge_url: str
    host: str
    port: int
    now: str | None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `SettingInvalidError` naming the variable."""
    return Settings(
        database_url=_given(environ, "DATABASE_URL", "the URL of a PostgreSQL; `make run` starts one"),
        secret=_given(environ, "FRONTDESK_SECRET", "at least 32 characters; `make run` makes one"),
        business_file=Path(environ.get("BUSINESS_FILE") or "business.yml"),
        bridge_url=environ.get("BRIDGE_URL") or f"http://127.0.0.1:{_port(environ, 'BRIDGE_PORT', 8080)}",
        host=environ.get("ACTIONS_HOST") or "127.0.0.1",
        port=_port(environ, "ACTIONS_PORT", 5055),
        now=environ.get("FRONTDESK_NOW") or None,
    )


def _given(environ: Mapping[str, str], name: str, what: str) -> str:
    if not environ.get(name):
        raise SettingInvalidError(name, None, what)
    return environ[name]


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    said = environ.get(name) or str(default)
    if not said.isdecimal() or not 0 <= int(said) <= 65535:
        raise SettingInvalidError(name, said, "a port between 1 and 65535, or 0 for any that is free")
    return int(said)
