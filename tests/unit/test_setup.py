"""Finding what the set-up needs, and saying what to do when it is not there."""

import ast
import stat
import sys
from pathlib import Path

import pytest

from deploy import setup


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with no Python on PATH and none in pyenv."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    (tmp_path / "bin").mkdir()


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def python_of(path: Path, version: str) -> Path:
    return script(path, f"echo {version}")


def test_a_python_on_path_is_taken_first(tmp_path: Path) -> None:
    python_of(tmp_path / "pyenv/versions/3.12.9/bin/python", "3.12")
    on_path = python_of(tmp_path / "bin/python3.12", "3.12")
    assert setup.find_python("uv", ("3.12", "3.13")) == str(on_path)


def test_the_newest_of_pyenvs_versions_is_taken(tmp_path: Path) -> None:
    python_of(tmp_path / "pyenv/versions/3.12.9/bin/python", "3.12")
    newest = python_of(tmp_path / "pyenv/versions/3.12.10/bin/python", "3.12")
    assert setup.find_python("uv", ("3.12",)) == str(newest)


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    script(tmp_path / "bin/python3.12", "exit 127")
    working = python_of(tmp_path / "pyenv/versions/3.13.0/bin/python", "3.13")
    assert setup.find_python("uv", ("3.12", "3.13")) == str(working)


def test_a_python_that_is_nowhere_is_fetched_with_uv(tmp_path: Path) -> None:
    uv = script(tmp_path / "uv", f"echo {tmp_path}/fetched/python")
    assert setup.find_python(str(uv), ("3.12",)) == f"{tmp_path}/fetched/python"


def test_a_python_that_cannot_be_fetched_is_an_error_that_says_what_to_install(tmp_path: Path) -> None:
    uv = script(tmp_path / "uv", "exit 2")
    with pytest.raises(SystemExit, match=r"No Python 3\.10 was found .*\n.*pyenv install 3\.10"):
        setup.find_python(str(uv), ("3.10",))


def test_without_venv_and_pip_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PRIVATE_UV", tmp_path / "private")
    monkeypatch.setattr(sys, "executable", str(script(tmp_path / "python-without-either", "exit 1")))
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        setup.find_uv()


@pytest.mark.parametrize("name", ["setup", "terminal", "__init__"])
def test_the_set_up_is_written_for_old_pythons(name: str) -> None:
    source = Path(setup.__file__).with_name(f"{name}.py").read_text()
    ast.parse(source, feature_version=(3, 8))
    assert name == "__init__" or "from __future__ import annotations" in source
