"""The log of a process names places in the code and never what a customer wrote."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAILING = """
import logging, structlog
from business.logs import log_as_json
log_as_json()
said = "my secret words"
try:
    raise ValueError(f"values: {said}")
except ValueError as error:
    structlog.get_logger().exception("It went wrong.", action="test", conversation_id="c-1")
    logging.getLogger("a.library").error("Exception in %s", said, exc_info=error)
"""


def test_an_exception_is_logged_without_its_text() -> None:
    ran = subprocess.run([sys.executable, "-c", FAILING], cwd=ROOT, capture_output=True, text=True, check=True)
    ours, library = (json.loads(line) for line in ran.stdout.splitlines())
    assert (ours["event"], ours["conversation_id"], ours["error"]) == ("It went wrong.", "c-1", "ValueError")
    assert ours["places"]
    assert (library["action"], library["error"]) == ("a.library", "ValueError")
    assert "secret" not in ran.stdout + ran.stderr
