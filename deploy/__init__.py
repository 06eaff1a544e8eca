"""Set-up, start, training and the test run: what the Makefile calls.

`terminal` and `setup` run before anything is installed, on any Python 3.8 or later; the rest runs in `.venv`.
"""
