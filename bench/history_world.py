"""The front desk of the history check: two bridges on one database, two Rasas, the actions, PostgreSQL, all kept."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
import yaml

from bench.history_postgres import KeptPostgres
from bench.history_processes import ROOT, Kept, KeptProcess, wait_until_up
from bench.world import database
from business.model import WEEKDAYS, DemoAgent
from deploy.settings import read_settings
from deploy.train import rasa, trained_model

BRIDGES = 2
_CAPACITY = 100  # conversations at once; the bench's agents are never full
_UP_WITHIN = 240.0  # seconds for all, on a machine that does other things as well
_AGENTS = (
    {"name": "Noor Haddad", "email": "noor@bench.example", "role": "agent", "departments": ["sales", "finance"]},
    {"name": "Kim Berg", "email": "kim@bench.example", "role": "agent", "departments": ["service", "finance"]},
)


@dataclass(frozen=True)
class FrontDesk:
    """A front desk that is up: the addresses of its bridges, its agents' logins, and its processes by name."""

    urls: tuple[str, ...]
    logins: tuple[dict[str, str], ...]
    database_url: str
    processes: Mapping[str, Kept]


@contextmanager
def front_desk(folder: Path, *, rasas: int, bridge: str = "handoff_bridge") -> Iterator[FrontDesk]:
    """A front desk in `folder`, up as long as the context is open. `bridge` is the module its bridges run."""
    ports = _free_ports(BRIDGES + rasas + 1)
    bridges, minds, actions = ports[:BRIDGES], ports[BRIDGES:-1], ports[-1]
    home = folder / "postgres"
    with database(home) as made:  # stopped again at once: from here on the bench keeps it itself
        url = made.url
    with ExitStack() as stack:
        postgres = KeptPostgres(home)
        stack.callback(postgres.stop)
        postgres.start()
        wait_until_up([postgres], _UP_WITHIN)
        environment = _environment(folder, url, bridges, minds, actions)
        logins = _seed(environment)
        everyone: list[Kept] = [
            *(_bridge(f"bridge-{n}", bridge, port, environment, folder) for n, port in enumerate(bridges, 1)),
            *(_rasa(f"rasa-{n}", port, environment, folder) for n, port in enumerate(minds, 1)),
            _actions(actions, environment, folder),
        ]
        for one in everyone:
            stack.callback(one.stop)
            one.start()
        wait_until_up(everyone, _UP_WITHIN)
        urls = tuple(f"http://127.0.0.1:{port}" for port in bridges)
        yield FrontDesk(urls, logins, url, {one.name: one for one in (*everyone, postgres)})


def names(rasas: int) -> list[str]:
    """The names of the processes of such a front desk."""
    numbered = [f"bridge-{n + 1}" for n in range(BRIDGES)] + [f"rasa-{n + 1}" for n in range(rasas)]
    return [*numbered, "actions", "postgres"]


def _business_file(folder: Path) -> Path:
    """The sample business, open day and night and with more agents, so that the hour of the run does not matter."""
    content = yaml.safe_load((ROOT / "business.yml").read_text(encoding="utf-8"))
    content["hours"] = {day: ["00:00-24:00"] for day in WEEKDAYS}
    content["exceptions"] = []
    for place in (*content["departments"].values(), *content["resources"].values()):
        place.pop("hours", None)
    content["agents"] += [dict(agent) for agent in _AGENTS]
    if "capacity" in DemoAgent.model_fields:
        for agent in content["agents"]:
            agent["capacity"] = _CAPACITY
    file = folder / "business.yml"
    # Sorted keys would be other training data, and so another model.
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def _environment(folder: Path, url: str, bridges: list[int], minds: list[int], actions: int) -> dict[str, str]:
    business = _business_file(folder)
    ports = {"BRIDGE_PORT": bridges[0], "RASA_PORT": minds[0], "ACTIONS_PORT": actions}
    settings = replace(read_settings(), var=folder, business_file=business, ports=ports, database_url=url)
    environment = settings.environment(url)
    environment.pop("FRONTDESK_NOW", None)  # a clock that starts anew with each process would run backwards
    return environment | {
        "RASA_URLS": ",".join(f"http://127.0.0.1:{port}" for port in minds),
        "RASA_MODEL": str(trained_model(settings)),
        "ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "BRIDGE_URL": f"http://127.0.0.1:{bridges[0]}",
        "PUBLIC_URL": f"http://127.0.0.1:{bridges[0]}",
        "BRIDGE_HOST": "127.0.0.1",
    }


def _seed(environment: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    done = subprocess.run(
        [sys.executable, "-m", "handoff_bridge.seed"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return tuple(json.loads(done.stdout))


def _bridge(name: str, module: str, port: int, environment: Mapping[str, str], folder: Path) -> KeptProcess:
    own = {**environment, "BRIDGE_PORT": str(port)}
    command = [sys.executable, "-m", module]
    return KeptProcess(name, command, own, folder / f"{name}.log", lambda: _answers(f"http://127.0.0.1:{port}/health"))


def _rasa(name: str, port: int, environment: Mapping[str, str], folder: Path) -> KeptProcess:
    files = ("--model", environment["RASA_MODEL"], "--credentials", "credentials.yml", "--endpoints", "endpoints.yml")
    command = rasa("run", "--interface", "127.0.0.1", "--port", str(port), *files)
    address, secret = f"http://127.0.0.1:{port}/webhooks/bridge/", environment["FRONTDESK_SECRET"]
    return KeptProcess(name, command, environment, folder / f"{name}.log", lambda: _answers(address, secret))


def _actions(port: int, environment: Mapping[str, str], folder: Path) -> KeptProcess:
    address = f"http://127.0.0.1:{port}/health"
    command = [sys.executable, "-m", "actions"]
    return KeptProcess("actions", command, environment, folder / "actions.log", lambda: _answers(address))


def _answers(address: str, secret: str = "") -> bool:
    headers: dict[str, Any] = {"X-Frontdesk-Secret": secret} if secret else {}
    try:
        return requests.get(address, headers=headers, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _free_ports(count: int) -> list[int]:
    holders = [socket.socket() for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports: list[int] = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports
