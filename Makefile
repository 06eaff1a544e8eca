# Everything a person does with Frontdesk. `make run` and `make test` do their own set-up.
# Settings (docs/interfaces.md) come from the environment or the command line: make run BRIDGE_PORT=9000
PYTHON ?= python3
MAKEFLAGS += --no-print-directory

.PHONY: run setup train shell check test lock

run: setup        ## sets everything up and starts it; Ctrl-C stops it
	@.venv/bin/python -m deploy.run

setup:            ## makes both environments; starts nothing
	@$(PYTHON) -m deploy.setup

train: setup      ## trains the assistant if something it is made from has changed
	@.venv/bin/python -m deploy.train

shell: setup      ## talks to the running assistant in the terminal
	@.venv/bin/python -m deploy.shell

check: setup      ## format, lint, types and unit tests: seconds
	@.venv/bin/python -m deploy.test check

test: setup       ## every test
	@.venv/bin/python -m deploy.test all

lock: setup       ## resolves the requirement files anew
	@.venv/bin/python -m deploy.lock
