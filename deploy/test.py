"""Runs the tests and says at the end what passed, what failed, and what was skipped and why.

    .venv/bin/python -m deploy.test check     format, lint, types, unit tests
    .venv/bin/python -m deploy.test all       everything

Every step runs even when an earlier one failed. With REQUIRE_ALL=1 a skip counts as a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from deploy.settings import ROOT, read_settings
from deploy.terminal import say
from deploy.train import generate, rasa, rasa_environment, trained_model

PYTHON = str(ROOT / ".venv/bin/python")
RASA_PYTHON = str(ROOT / ".venv-rasa/bin/python")
AT_ONCE = ("-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile")
"""Tests that wait more than they work: several files side by side, each process with a PostgreSQL of its own."""


@dataclass(frozen=True)
class Outcome:
    """What one step came to: counts of tests, and each skip with its reason."""

    passed: int = 0
    failed: int = 0
    skips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One part of the run. `run` gets a scratch folder and gives its outcome."""

    name: str
    run: Callable[[Path], Outcome]


@dataclass
class Report:
    """The outcomes so far, with the seconds each took."""

    rows: list[tuple[str, Outcome, float]] = field(default_factory=list)

    def total(self) -> Outcome:
        outcomes = [outcome for _, outcome, _ in self.rows]
        return Outcome(
            sum(o.passed for o in outcomes),
            sum(o.failed for o in outcomes),
            tuple(s for o in outcomes for s in o.skips),
        )


def command(*arguments: str) -> Callable[[Path], Outcome]:
    """A step that is one command and passes when the command does."""

    def run(_scratch: Path) -> Outcome:
        return _passes(subprocess.call(arguments, cwd=ROOT))

    return run


def pytest(*arguments: str, python: str = PYTHON) -> Callable[[Path], Outcome]:
    """A step that is a run of pytest, counted from its report."""

    def run(scratch: Path) -> Outcome:
        report = scratch / "report.xml"
        environment = rasa_environment() if python == RASA_PYTHON else dict(os.environ)
        status = subprocess.call(
            [python, "-m", "pytest", "-q", f"--junitxml={report}", *arguments], cwd=ROOT, env=environment
        )
        return _counted(report, status)

    return run


def pages(scratch: Path) -> Outcome:
    """The tests of the pages' own logic, in Node."""
    if not shutil.which("node"):
        return Outcome(skips=("page tests: no node on PATH",))
    report = scratch / "report.xml"
    tests = sorted(str(path) for path in (ROOT / "handoff_bridge/pages/tests").glob("*.test.*js"))
    reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout"]
    reporters += ["--test-reporter=junit", f"--test-reporter-destination={report}"]
    return _counted(report, subprocess.call(["node", "--test", *reporters, *tests], cwd=ROOT))


def rasa_validate(scratch: Path) -> Outcome:
    generated = generate(read_settings().business_file, scratch / "nlu")
    arguments = ("--domain", "domain.yml", "--config", "config.yml", "--data", "data", str(generated))
    validate = rasa("data", "validate", "--fail-on-warnings", "--max-history", "5", *arguments)
    return _quietly(validate)


def rasa_stories(scratch: Path) -> Outcome:
    model = trained_model(read_settings())
    arguments = ("--model", str(model), "--stories", "tests/stories", "--out", str(scratch / "results"))
    test = rasa("test", "core", "--fail-on-prediction-errors", *arguments)
    return _quietly(test)


def _quietly(command: list[str]) -> Outcome:
    """Runs Rasa and shows what it says, which is much, only if it fails."""
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(done.stdout + done.stderr)
    return _passes(done.returncode)


def _passes(status: int) -> Outcome:
    return Outcome(passed=1) if status == 0 else Outcome(failed=1)


def _counted(report: Path, status: int) -> Outcome:
    """The outcome of a JUnit report; a run that ended badly without a failed test counts as one failure."""
    if not report.exists():
        return Outcome(failed=1)
    passed, failed, skips = 0, 0, []
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own report
        skip = case.find("skipped")
        if skip is not None:
            skips.append(f"{case.get('name')}: {skip.get('message')}")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return Outcome(passed, failed or int(status != 0 and not failed), tuple(skips))


CHECK = (
    Step("format", command(PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
    Step("lint", command(PYTHON, "-m", "ruff", "check", "--quiet", ".")),
    Step("types", command(PYTHON, "-m", "mypy")),
    Step("types of the addons", command(PYTHON, "-m", "mypy", "--config-file", "addons/mypy.ini", "addons")),
    Step("unit", pytest("tests/unit")),
)
ALL = (
    *CHECK,
    Step("pages", pages),
    Step("integration", pytest(*AT_ONCE, "tests/integration")),
    Step("rasa environment", pytest("tests/rasa", python=RASA_PYTHON)),
    Step("rasa data validate", rasa_validate),
    Step("rasa test core", rasa_stories),
    Step("end to end", pytest("tests/end_to_end")),
    Step("browser", pytest("tests/browser")),
)


def main() -> None:
    chosen = {"check": CHECK, "all": ALL}.get(" ".join(sys.argv[1:]))
    if chosen is None:
        sys.exit(__doc__)
    report = Report()
    for part in chosen:
        say(f"\n── {part.name}")
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            outcome = part.run(Path(scratch))
        report.rows.append((part.name, outcome, time.monotonic() - began))
    sys.exit(_conclude(report))


def _conclude(report: Report) -> int:
    say("\n── what came of it")
    for name, outcome, seconds in report.rows:
        mark = "✗" if outcome.failed else "✓"
        say(f"{mark} {name:20} {outcome.passed:5} passed {outcome.failed:4} failed {seconds:7.1f} s")
    total = report.total()
    for skip in total.skips:
        say(f"  skipped  {skip}")
    say(f"total: {total.passed} passed, {total.failed} failed, {len(total.skips)} skipped")
    required = os.environ.get("REQUIRE_ALL") == "1"
    return 1 if total.failed or (required and total.skips) else 0


if __name__ == "__main__":
    main()
