"""The settings of a bridge process, from environment variables (docs/interfaces.md names them all)."""

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
    host: str
    port: int
    rasa_urls: tuple[str, ...]
    actions_url: str
    public_url: str
    now: str | None
    smtp_url: str | None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `business.settings.SettingInvalidError` naming the variable."""
    port = read.port(environ, "BRIDGE_PORT", 8080)
    rasa = environ.get("RASA_URLS") or f"http://127.0.0.1:{read.port(environ, 'RASA_PORT', 5005)}"
    actions = environ.get("ACTIONS_URL") or f"http://127.0.0.1:{read.port(environ, 'ACTIONS_PORT', 5055)}"
    public = environ.get("PUBLIC_URL") or environ.get("BRIDGE_URL") or f"http://127.0.0.1:{port}"
    return Settings(
        database_url=read.database_url(environ),
        secret=read.secret(environ),
        business_file=read.business_file(environ),
        host=environ.get("BRIDGE_HOST") or "127.0.0.1",
        port=port,
        rasa_urls=tuple(read.url("RASA_URLS", url.strip()) for url in rasa.split(",") if url.strip()),
        actions_url=read.url("ACTIONS_URL", actions),
        public_url=read.url("PUBLIC_URL", public),
        now=environ.get("FRONTDESK_NOW") or None,
        smtp_url=environ.get("SMTP_URL") or None,
    )
