"""Brings the whole front desk up and keeps it up until Ctrl-C.

    .venv/bin/python -m deploy.run

PostgreSQL (the embedded one, unless DATABASE_URL names yours), migrations, the model, the agents of the demo, then
Rasa, actions and bridge from the Procfile under honcho.
"""

import contextlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import honcho.manager
from honcho.environ import parse_procfile
from honcho.printer import Printer
from sqlalchemy.exc import SQLAlchemyError

from business.errors import BusinessInvalidError
from business.reader import read_business
from database.embedded import EmbeddedServerError, embedded_server
from database.engine import DatabaseTooOldError, check_server, connect
from database.migrate import migrate
from deploy.ready import announce
from deploy.settings import ROOT, Settings, SettingsError, check_ports, read_settings
from deploy.terminal import fail, say, step
from deploy.train import TrainingError, trained_model

_DRAIN = 25  # seconds: the bridge may take 20 to finish what it has begun


def main() -> None:
    try:
        sys.exit(_run(read_settings()))
    except KeyboardInterrupt:
        sys.exit(130)
    except (SettingsError, BusinessInvalidError, TrainingError, DatabaseTooOldError, EmbeddedServerError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"The database in DATABASE_URL cannot be used: {error}")


def _run(settings: Settings) -> int:
    check_ports(settings)
    business = read_business(settings.business_file)
    say(f"{business.name} ({settings.business_file.name})")
    with _database(settings) as url:
        environment = settings.environment(url)
        environment["RASA_MODEL"] = str(trained_model(settings))
        with step("bringing in the agents"):
            logins = _seed_agents(settings, environment)
        return _supervise(settings, environment, logins)


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The URL of a migrated database, up as long as the context is open."""
    with contextlib.ExitStack() as stack:
        url = settings.database_url
        if url is None:
            with step("starting PostgreSQL"):
                url = stack.enter_context(embedded_server(settings.var / "postgres"))
        with step("bringing the database up to date"):
            engine = connect(url)
            check_server(engine)
            migrate(engine)
            engine.dispose()
        yield url


def _seed_agents(settings: Settings, environment: dict[str, str]) -> list[dict[str, str]]:
    """The logins of the demo agents; a password is known only from the run that made it, so they are kept in `var`."""
    kept = settings.var / "logins.json"
    logins: dict[str, dict[str, str]] = {}
    if kept.exists():
        logins = {login["email"]: login for login in json.loads(kept.read_text(encoding="utf-8"))}
    made = subprocess.run(
        [sys.executable, "-m", "handoff_bridge.seed"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
    )
    logins |= {login["email"]: login for login in json.loads(made.stdout)}
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(list(logins.values()), indent=2), encoding="utf-8")
    return list(logins.values())


def _supervise(settings: Settings, environment: dict[str, str], logins: list[dict[str, str]]) -> int:
    log = _fresh_log(settings.var / "logs" / "frontdesk.log")
    watcher = multiprocessing.get_context("spawn").Process(
        target=announce, args=(settings.bridge_url, settings.public_url, logins, str(log)), daemon=True
    )
    watcher.start()
    honcho.manager.KILL_WAIT = _DRAIN
    with log.open("a", encoding="utf-8") as output:
        manager = honcho.manager.Manager(Printer(output))
        for name, command, own in processes(settings):
            manager.add_process(name, f"exec {command}", env=environment | own, cwd=str(ROOT))
        manager.loop()
    watcher.terminate()
    watcher.join()
    say("\nEverything is stopped.")
    if manager.returncode not in (130, 143):
        say(f"A process ended by itself; what it said is in {log}")
    return int(manager.returncode or 0)


def processes(settings: Settings) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, command and own environment of each process; Rasa stands there as often as wanted."""
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        if name != "rasa":
            yield name, command, {"PROCESS": name}
            continue
        for number, port in enumerate(settings.rasa_ports, 1):
            process = name if number == 1 else f"{name}.{number}"
            yield process, command, {"PROCESS": process, "RASA_PORT": str(port)}


def _fresh_log(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.move(path, path.with_suffix(".previous.log"))
    return path


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
