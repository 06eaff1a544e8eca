"""Resolves the requirement files anew: every `.in` into a `.txt` with pins and hashes and no index address.

.venv/bin/python -m deploy.lock
"""

import subprocess
import sys

from deploy.setup import ROOT, find_uv
from deploy.terminal import step

LOCKS = (("main", "3.12"), ("dev", "3.12"), ("rasa", "3.10"), ("uv", "3.8"))


def main() -> None:
    uv = find_uv()
    for name, python in LOCKS:
        command = [uv, "pip", "compile", "--quiet", "--universal", "--upgrade", "--generate-hashes", "--no-header"]
        command += ["--no-emit-index-url", "--python-version", python, f"{name}.in", "--output-file", f"{name}.txt"]
        with step(f"resolving requirements/{name}.in"):
            status = subprocess.call(command, cwd=ROOT / "requirements")
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main()
