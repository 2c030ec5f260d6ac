"""The patrol car's own contract, fitted to a plausible drive.

    python -m host.train.car            write protocol/contracts/car.json
    python -m host.train.car --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from host.logs import Log
from host.train.fit import fit_contract
from host.train.plausible import drive
from protocol.contract import CAR_FILE, Contract
from protocol.schema import load_schema

SCHEMA_FILE = CAR_FILE.with_suffix(".toml")
BOOK_WORTH_BITS = 0.05
"""A row: what a codebook has to save for its hundred bytes in the board's memory."""
_TRAINING_ROWS = 6000
_TRAINING_SEED = 405


def plausible_log(rows: int, seed: int) -> Log:
    """A drive as the car's telemetry would show it, the same for the same seed on every machine.

    It is made, not recorded: it stands in where no log is.
    """
    return Log(load_schema(SCHEMA_FILE), tuple(drive(rows, Random(seed))))


def car_contract() -> Contract:
    """The contract in protocol/contracts/car.json, made anew."""
    log = plausible_log(_TRAINING_ROWS, _TRAINING_SEED)
    return fit_contract(log.schema, log.rows, book_worth_bits=BOOK_WORTH_BITS)


def main() -> int:
    """The command line of this module."""
    text = car_contract().to_json()
    if "--check" in sys.argv[1:]:
        stale = not Path(CAR_FILE).is_file() or CAR_FILE.read_text(encoding="utf-8") != text
        if stale:
            print("protocol/contracts/car.json is stale; run `make generate`", file=sys.stderr)
        return int(stale)
    CAR_FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
