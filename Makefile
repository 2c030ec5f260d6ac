# Everything a newcomer needs: `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup test lint pytest generate clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed  ## Install all that is needed; cached

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

test: setup lint pytest  ## Run every test: linters and pytest

lint: $(VENV)/.installed  ## Check style, types, layers and generated files
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m host.train.car --check
	@$(BIN)/python -m protocol.device --check
	@$(BIN)/python -m protocol.vectors.make --check

pytest: setup
	$(BIN)/python -m pytest

generate: $(VENV)/.installed  ## Write the car's contract, the board's tables and the golden vectors anew
	$(BIN)/python -m host.train.car
	$(BIN)/python -m protocol.device
	$(BIN)/python -m protocol.vectors.make

clean:  ## Remove what was built; .venv stays
	rm -rf .pytest_cache .mypy_cache .ruff_cache
