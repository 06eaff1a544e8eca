"""Trains the Rasa model of a business, if what goes into it has changed.

    .venv/bin/python -m deploy.train

A model is named after a hash of everything it is made from, so two businesses keep theirs side by side.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from business.errors import BusinessInvalidError
from business.reader import read_business
from deploy.settings import RASA_ENVIRONMENT, ROOT, Settings, SettingsError, read_settings
from deploy.terminal import fail, say, step

_INPUTS = ("domain.yml", "config.yml", "data", "requirements/rasa.txt")
_MODELS_KEPT = 6


class TrainingError(Exception):
    """Rasa could not train the model. The end of its output follows; the whole of it is in the log named there."""


def trained_model(settings: Settings) -> Path:
    """The model for the business of `settings`, trained now unless it is there already.

    Raises `BusinessInvalidError` or `TrainingError`.
    """
    with tempfile.TemporaryDirectory() as folder:
        generated = generate(settings.business_file, Path(folder) / "nlu")
        model = settings.models / f"{_fingerprint(generated)}.tar.gz"
        if not model.exists():
            with step("training the assistant"):
                _train(generated, model, settings.var / "logs" / "train.log")
            _forget_old_models(settings.models, keep=model)
    return model


def generate(business_file: Path, folder: Path) -> Path:
    """Writes the training data that follow from the business file into `folder` and gives it back."""
    read_business(business_file)
    subprocess.run(
        [sys.executable, "-m", "business.training_data", str(business_file), str(folder)], cwd=ROOT, check=True
    )
    return folder


def rasa(*arguments: str) -> list[str]:
    """The command line that runs Rasa in its own environment."""
    return [str(ROOT / ".venv-rasa/bin/python"), "-W", "ignore", "-m", "rasa", *arguments]


def rasa_environment() -> dict[str, str]:
    return {**RASA_ENVIRONMENT, **os.environ, "PYTHONPATH": str(ROOT)}


def _train(generated: Path, model: Path, log: Path) -> None:
    model.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, log.open("wb") as output:
        command = rasa(
            "train", "--skip-validation", "--domain", "domain.yml", "--config", "config.yml", "--out", folder
        )
        command += ["--data", "data", str(generated), "--fixed-model-name", "model"]
        status = subprocess.call(command, cwd=ROOT, env=rasa_environment(), stdout=output, stderr=subprocess.STDOUT)
        if status != 0:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise TrainingError(f"{TrainingError.__doc__}\n{log}:\n{end}")
        shutil.move(Path(folder) / "model.tar.gz", model)


def _fingerprint(generated: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(*(ROOT / name for name in _INPUTS))):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for path in sorted(_files(generated)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(*paths: Path) -> Iterator[Path]:
    for path in paths:
        yield from (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else (path,)


def _forget_old_models(folder: Path, keep: Path) -> None:
    newest_first = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[_MODELS_KEPT:]:
        if old != keep:
            old.unlink()


def main() -> None:
    try:
        say(f"The model is {trained_model(read_settings())}")
    except (SettingsError, BusinessInvalidError, TrainingError) as error:
        fail(str(error))


if __name__ == "__main__":
    main()
