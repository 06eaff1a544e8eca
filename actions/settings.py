"""The settings of the action server, from environment variables (docs/interfaces.md names them all)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from business import settings as read


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
    """The settings in `environ`. Raises `business.settings.SettingInvalidError` naming the variable."""
    bridge = environ.get("BRIDGE_URL") or f"http://127.0.0.1:{read.port(environ, 'BRIDGE_PORT', 8080)}"
    return Settings(
        database_url=read.database_url(environ),
        secret=read.secret(environ),
        business_file=read.business_file(environ),
        bridge_url=read.url("BRIDGE_URL", bridge),
        host=environ.get("ACTIONS_HOST") or "127.0.0.1",
        port=read.port(environ, "ACTIONS_PORT", 5055),
        now=environ.get("FRONTDESK_NOW") or None,
    )
