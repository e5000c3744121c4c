# The project's own commands. Each makes the environment first; see README.md.
PY = .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help env

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

env:  ## Make .venv with the locked requirements
	@python3 ops/bootstrap.py
