"""The settings of a run: the environment, with what is unset filled in (see docs/interfaces.md)."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_RASAS = 16
PORTS = {"BRIDGE_PORT": 8080, "RASA_PORT": 5005, "ACTIONS_PORT": 5055}


class SettingsError(Exception):
    """A setting cannot be used. The message names it and says what is allowed."""


@dataclass(frozen=True)
class Settings:
    """Where a run finds and puts its things. `ports` by setting name; folders are absolute."""

    var: Path
    models: Path
    business_file: Path
    ports: Mapping[str, int]
    rasa_count: int
    host: str
    database_url: str | None

    @property
    def bridge_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['BRIDGE_PORT']}"

    @property
    def public_url(self) -> str:
        return os.environ.get("PUBLIC_URL") or self.bridge_url

    @property
    def rasa_ports(self) -> tuple[int, ...]:
        """The port of each Rasa: `RASA_PORT` and those after it."""
        return tuple(self.ports["RASA_PORT"] + number for number in range(self.rasa_count))

    def environment(self, database_url: str) -> dict[str, str]:
        """The environment that every process of the run gets."""
        unless_set = {
            "RASA_URLS": ",".join(f"http://127.0.0.1:{port}" for port in self.rasa_ports),
            "ACTIONS_URL": f"http://127.0.0.1:{self.ports['ACTIONS_PORT']}",
            "BRIDGE_URL": self.bridge_url,
            "PUBLIC_URL": self.public_url,
            "BRIDGE_HOST": self.host,
        }
        always = {
            "DATABASE_URL": database_url,
            "FRONTDESK_VAR": str(self.var),
            "FRONTDESK_SECRET": self.secret(),
            "BUSINESS_FILE": str(self.business_file),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **{name: str(port) for name, port in self.ports.items()},
        }
        is_set = {name: value for name, value in os.environ.items() if value}  # make exports the unset as empty
        return {**RASA_ENVIRONMENT, **unless_set, **is_set, **always}

    def secret(self) -> str:
        """The shared secret: the one set, or one made at the first start and kept readable by its owner only."""
        if given := os.environ.get("FRONTDESK_SECRET"):
            return given
        kept = self.var / "secret"
        if not kept.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return kept.read_text(encoding="ascii")


RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
"""What Rasa's old libraries want: no telemetry, one thread each, less talk about their own age."""


def read_settings() -> Settings:
    """Reads the environment. Raises `SettingsError` for a port that is not a number or a file that is not there."""
    var = Path(os.environ.get("FRONTDESK_VAR") or ROOT / "var").resolve()
    business_file = Path(os.environ.get("BUSINESS_FILE") or ROOT / "business.yml").resolve()
    if not business_file.is_file():
        raise SettingsError(f"BUSINESS_FILE names {business_file}, which is not there.")
    return Settings(
        var=var,
        models=Path(os.environ.get("FRONTDESK_MODELS") or var / "models").resolve(),
        business_file=business_file,
        ports={name: _port(name, default) for name, default in PORTS.items()},
        rasa_count=_rasa_count(),
        host=os.environ.get("BRIDGE_HOST") or "127.0.0.1",
        database_url=os.environ.get("DATABASE_URL") or None,
    )


def check_ports(settings: Settings) -> None:
    """Raises `SettingsError` that names the setting of a port that is taken or stands twice."""
    ports = [*settings.ports.items(), *((f"RASA_PORT + {n}", port) for n, port in _more(settings.rasa_ports))]
    for name, port in ports:
        if [other for _, other in ports].count(port) > 1:
            raise SettingsError(f"{name}={port} stands twice among {', '.join(name for name, _ in ports)}.")
        host = settings.host if name == "BRIDGE_PORT" else "127.0.0.1"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise SettingsError(
                    f"Port {port} on {host} cannot be used ({error.strerror}). "
                    f"Stop what uses it, or choose another: make run {name.split()[0]}={port + 100}"
                ) from error


def _more(ports: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(enumerate(ports))[1:]


def _rasa_count() -> int:
    text = os.environ.get("RASA_COUNT") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= MOST_RASAS:
        raise SettingsError(f"RASA_COUNT is {text!r}; allowed: a number from 1 to {MOST_RASAS}.")
    return int(text)


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name} is {text!r}; allowed: a port from 1 to 65535.")
    return int(text)
