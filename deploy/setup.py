"""Makes both Python environments from the pinned, hashed requirement files.

    python3 -m deploy.setup

Rasa 3.6 needs Python 3.10; everything else runs on 3.12 or later. Each is looked for on PATH and in pyenv's
`versions` folder, then fetched with uv. An environment whose requirements have not changed is left as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.terminal import fail, say, step

ROOT = Path(__file__).resolve().parent.parent
PRIVATE_UV = ROOT / ".uv"

ENVIRONMENTS = (
    # folder, Python versions that will do (best first), requirement files
    (".venv", ("3.12", "3.13", "3.14"), ("main.txt", "dev.txt")),
    (".venv-rasa", ("3.10",), ("rasa.txt",)),
)


def main() -> None:
    uv = ""
    for folder, versions, files in ENVIRONMENTS:
        wanted = _fingerprint(files)
        stamp = ROOT / folder / "frontdesk-requirements"
        if stamp.is_file() and stamp.read_text() == wanted and _runs(ROOT / folder / "bin" / "python"):
            continue
        uv = uv or find_uv()
        _make(uv, folder, versions, files)
        stamp.write_text(wanted)


def find_uv() -> str:
    """The path of uv: the one on PATH, or one installed into a private environment in `.uv`."""
    found = shutil.which("uv") or shutil.which("uv", path=str(PRIVATE_UV / "bin"))
    if found:
        return found
    pinned = ["--require-hashes", "-r", str(ROOT / "requirements" / "uv.txt")]
    with step("installing uv into .uv"):
        made = _quiet([sys.executable, "-m", "venv", str(PRIVATE_UV)])
        if made:
            installed = _quiet([str(PRIVATE_UV / "bin" / "pip"), "install", "--quiet", *pinned])
        else:  # Debian and Ubuntu leave `venv` out of their python3
            shutil.rmtree(str(PRIVATE_UV), ignore_errors=True)
            target = ["--target", str(PRIVATE_UV), "--break-system-packages"]
            installed = _quiet([sys.executable, "-m", "pip", "install", "--quiet", *target, *pinned])
    found = shutil.which("uv", path=str(PRIVATE_UV / "bin"))
    if not (installed and found):
        fail(
            "uv could not be installed, because this Python has neither venv nor pip.\n"
            "Install one of them (Debian, Ubuntu: apt install python3-venv) or uv itself, then try again."
        )
    return str(found)


def find_python(uv: str, versions: tuple[str, ...]) -> str:
    """The path of a Python of one of `versions`; fetched with uv if the machine has none."""
    for version in versions:
        for path in _on_this_machine(version):
            if _runs(path, version):
                return str(path)
    if subprocess.call([uv, "python", "install", "--quiet", versions[0]]) == 0:
        found = subprocess.run([uv, "python", "find", versions[0]], stdout=subprocess.PIPE, check=False)
        if found.returncode == 0:
            return found.stdout.decode().strip()
    raise SystemExit(
        f"No Python {' or '.join(versions)} was found on PATH or in pyenv, and uv could not fetch one.\n"
        f"Install it (for instance: pyenv install {versions[0]}) and try again."
    )


def _on_this_machine(version: str) -> list[Path]:
    on_path = shutil.which("python" + version)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    newest_first = sorted(pyenv.glob(version + ".*/bin/python"), key=_patch_number, reverse=True)
    return ([Path(on_path)] if on_path else []) + newest_first


def _patch_number(python: Path) -> int:
    """10 of `3.12.10`."""
    patch = python.parent.parent.name.split(".")[2]
    return int(patch) if patch.isdigit() else -1


def _make(uv: str, folder: str, versions: tuple[str, ...], files: tuple[str, ...]) -> None:
    python = find_python(uv, versions)
    say(f"  {folder} is made from {python}")
    requirements = [part for name in files for part in ("-r", str(ROOT / "requirements" / name))]
    with step(f"{folder}: making the environment"):
        _run([uv, "venv", "--quiet", "--clear", "--python", python, str(ROOT / folder)])
    with step(f"{folder}: installing {', '.join(files)}"):
        into = ["--python", str(ROOT / folder / "bin" / "python")]
        _run([uv, "pip", "install", "--quiet", *into, "--require-hashes", *requirements])


def _run(command: list[str]) -> None:
    if subprocess.call(command, cwd=str(ROOT), env=dict(os.environ, UV_LINK_MODE="copy")) != 0:
        fail(f"This did not work: {' '.join(command)}")


def _quiet(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _runs(python: Path, version: str = "") -> bool:
    """Whether `python` starts (a shim of pyenv may not) and is of `version`."""
    code = "import sys, ssl; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.decode().strip().startswith(version)


def _fingerprint(files: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in files:
        digest.update((ROOT / "requirements" / name).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
