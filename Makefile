# The project's own commands. Each makes the environment first; README.md says what they need.
PY = .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help env demo demo-reset test check bench prove lock

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

env:  ## Make .venv with the locked requirements
	@python3 ops/bootstrap.py

demo: env  ## Run everything on this machine, with three sample marketplaces (PORT=0 takes any free port)
	@exec $(PY) -m ops.demo

demo-reset: env  ## Drop the demo's data
	@$(PY) -m ops.demo --reset

# The summary that ends a red run leaves out why where the lines are short.
test: env  ## Every test that `make prove` does not run, browser journeys included
	@$(PY) -m ops.browser
	@$(PY) -m ops.packages caddy
	@COLUMNS=240 $(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder -q -m "not proves"

check: env  ## Format, lint, types, contracts, migrations, templates, locks
	@$(PY) -m ops.check

bench: env  ## All benchmarks, each against a baseline of the same run
	@$(PY) -m bench

prove: env  ## Isolation, race and fault suites against real processes, every page by axe (PROVE_MINUTES scales them)
	@$(PY) -m ops.browser
	@$(PY) -m ops.packages caddy pgbouncer
	@$(PY) -m prove

lock: env  ## Write the requirement locks anew
	@$(PY) -m ops.check --lock
