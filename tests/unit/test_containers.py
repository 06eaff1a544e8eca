"""The container files: what compose accepts, what is published, and that what an image copies is there."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
SECRETS = {"POSTGRES_PASSWORD": "p" * 32, "FRONTDESK_SECRET": "s" * 32}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return loaded


def compose() -> list[str]:
    for command in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(command[0])
            and subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0
        ):
            return command
    pytest.skip("no compose client on PATH")


def configured(settings: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **settings}
    return subprocess.run([*compose(), "config", "-q"], cwd=ROOT, env=environment, capture_output=True, check=False)


def test_compose_accepts_the_file_when_the_secrets_are_set() -> None:
    done = configured(SECRETS)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_compose_refuses_to_start_without_a_secret_and_names_it(missing: str) -> None:
    done = configured({name: value for name, value in SECRETS.items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr.decode()


def test_only_the_bridge_is_published(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"bridge"}
    assert {name for name, service in services.items() if "public" in service["networks"]} == {"bridge"}


def test_everything_waits_for_the_migrations(services: dict[str, Any]) -> None:
    for name in ("rasa", "actions", "bridge"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("image", ["rasa", "frontdesk"])
def test_what_an_image_copies_is_in_the_tree(image: str) -> None:
    lines = (ROOT / f"deploy/Dockerfile.{image}").read_text().splitlines()
    sources = [
        source for line in lines if line.startswith("COPY ") and "--from" not in line for source in line.split()[1:-1]
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
