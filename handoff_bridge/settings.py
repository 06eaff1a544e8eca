"""The settings of a bridge process, from environment variables (docs/interfaces.md names them all)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


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
    host: str
    port: int
    rasa_urls: tuple[str, ...]
    actions_url: str
    public_url: str
    now: str | None
    smtp_url: str | None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`. Raises `SettingInvalidError` naming the variable."""
    host = environ.get("BRIDGE_HOST") or "127.0.0.1"
    port = _port(environ, "BRIDGE_PORT", "8080")
    rasa = environ.get("RASA_URLS") or f"http://127.0.0.1:{_port(environ, 'RASA_PORT', '5005')}"
    actions = environ.get("ACTIONS_URL") or f"http://127.0.0.1:{_port(environ, 'ACTIONS_PORT', '5055')}"
    public = environ.get("PUBLIC_URL") or environ.get("BRIDGE_URL") or f"http://127.0.0.1:{port}"
    return Settings(
        database_url=_given(environ, "DATABASE_URL", "the URL of a PostgreSQL; `make run` starts one"),
        secret=_secret(environ),
        business_file=Path(environ.get("BUSINESS_FILE") or "business.yml"),
        host=host,
        port=port,
        rasa_urls=tuple(_url("RASA_URLS", url.strip()) for url in rasa.split(",") if url.strip()),
        actions_url=_url("ACTIONS_URL", actions),
        public_url=_url("PUBLIC_URL", public),
        now=environ.get("FRONTDESK_NOW") or None,
        smtp_url=environ.get("SMTP_URL") or None,
    )


def _given(environ: Mapping[str, str], name: str, what: str) -> str:
    if not environ.get(name):
        raise SettingInvalidError(name, None, what)
    return environ[name]


def _secret(environ: Mapping[str, str]) -> str:
    secret = _given(environ, "FRONTDESK_SECRET", "at least 32 characters; `make run` makes one")
    if len(secret) < 32:
        raise SettingInvalidError("FRONTDESK_SECRET", f"{len(secret)} characters", "at least 32 characters")
    return secret


def _port(environ: Mapping[str, str], name: str, default: str) -> int:
    text = environ.get(name) or default
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise SettingInvalidError(name, text, "a port, 0 to 65535")
    return int(text)


def _url(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingInvalidError(name, text, "an address such as http://127.0.0.1:5005")
    return text.rstrip("/")
