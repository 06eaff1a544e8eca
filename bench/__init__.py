"""Speed and endurance, measured: each bench runs as `.venv/bin/python -m bench.<name>` and ends with a line of JSON."""
