"""Setting up, starting and keeping processes: what goes wrong is told by name."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.run import processes
from deploy.settings import SettingsError, check_ports, read_settings

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ports = ("BRIDGE_PORT", "RASA_PORT", "ACTIONS_PORT")
    for name in ("DATABASE_URL", "BUSINESS_FILE", "FRONTDESK_SECRET", "RASA_COUNT", *ports):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTDESK_VAR", str(tmp_path))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_an_error_that_names_the_setting(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    monkeypatch.setenv("ACTIONS_PORT", str(taken_port))
    with pytest.raises(SettingsError, match=rf"make run ACTIONS_PORT={taken_port + 100}"):
        check_ports(read_settings())


def test_a_port_used_for_two_things_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PORT", "8080")
    with pytest.raises(SettingsError, match="8080 stands twice"):
        check_ports(read_settings())


def test_several_rasas_get_ports_of_their_own_and_the_bridge_knows_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_COUNT", "2")
    settings = read_settings()
    assert settings.environment("postgresql://")["RASA_URLS"] == "http://127.0.0.1:5005,http://127.0.0.1:5006"
    started = {name: own["RASA_PORT"] for name, _, own in processes(settings) if name.startswith("rasa")}
    assert started == {"rasa": "5005", "rasa.2": "5006"}
    monkeypatch.setenv("ACTIONS_PORT", "5006")
    with pytest.raises(SettingsError, match=r"5006 stands twice among .*RASA_PORT \+ 1"):
        check_ports(read_settings())


@pytest.mark.parametrize("value", ["none", "0", "17", "1.5"])
def test_a_number_of_rasas_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RASA_COUNT", value)
    with pytest.raises(SettingsError, match="a number from 1 to 16"):
        read_settings()


@pytest.mark.parametrize("value", ["http", "-1", "0", "70000", "80 80"])
def test_a_port_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BRIDGE_PORT", value)
    with pytest.raises(SettingsError, match="allowed: a port from 1 to 65535"):
        read_settings()


def test_a_business_file_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUSINESS_FILE", "nowhere.yml")
    with pytest.raises(SettingsError, match="BUSINESS_FILE names"):
        read_settings()


def test_what_is_set_to_nothing_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "BRIDGE_HOST", "RASA_URLS", "BUSINESS_FILE", "DATABASE_URL"):
        monkeypatch.setenv(name, "")
    settings = read_settings()
    environment = settings.environment("postgresql://")
    assert settings.public_url == environment["PUBLIC_URL"] == "http://127.0.0.1:8080"
    assert (environment["BRIDGE_HOST"], environment["RASA_URLS"]) == ("127.0.0.1", "http://127.0.0.1:5005")
    assert settings.business_file.name == "business.yml"


def test_the_shared_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = read_settings().secret(), read_settings().secret()
    assert first == second
    assert len(first) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_lock_files_carry_hashes_and_no_network_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert {path.stem for path in locks} == {"main", "dev", "rasa", "uv"}
    for path in locks:
        text = path.read_text()
        assert "://" not in text
        assert all("--hash=sha256:" in block for block in text.split("\n") if "--hash" in block)
        pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
        assert pins
        assert all(line.endswith("\\") for line in pins), "a pin without a hash"


def wait_for(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.02)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = (
        f"import time, pathlib; f = pathlib.Path({str(tmp_path)!r}) / 'starts'; f.open('a').write('x'); time.sleep(60)"
    )
    command = [sys.executable, "-m", "deploy.keep", "thing", sys.executable, "-c", child]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "FRONTDESK_VAR": str(tmp_path)}
    )
    yield process
    process.kill()
    process.wait()


def test_a_process_that_dies_is_started_again_and_a_stop_is_passed_on(
    keeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pid_file, starts = tmp_path / "run" / "thing.pid", tmp_path / "starts"
    wait_for(lambda: starts.exists() and starts.read_text() == "x", "the first start")
    first = int(pid_file.read_text())
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: starts.read_text() == "xx", "the second start")
    second = int(pid_file.read_text())
    assert second != first

    keeper.terminate()

    assert keeper.wait(timeout=20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
    assert not pid_file.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_keeper_leaves_no_child_behind(keeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    pid_file, starts = tmp_path / "run" / "thing.pid", tmp_path / "starts"
    wait_for(lambda: starts.exists() and pid_file.exists() and pid_file.read_text() != "", "the first start")
    child = int(pid_file.read_text())
    keeper.kill()
    keeper.wait()
    wait_for(lambda: not _alive(child), "the child's end")


def _alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
