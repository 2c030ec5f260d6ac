"""The contract of a car that only drives: the channels that the car's own begins with.

Codebooks are what a contract takes of a board's memory. A board that runs the application from its file
system has less of it than one that has it in ROM, and has no use for channels that nothing fills.

    python -m host.train.drive            write protocol/contracts/drive.json
    python -m host.train.drive --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import takewhile

from host.train.car import BOOK_WORTH_BITS, plausible_log
from host.train.fit import fit_contract
from protocol.contract import DRIVE_FILE, Contract
from protocol.schema import Row

SENSES = "mode"
"""The first channel that only a car with senses fills, if there is one: it and the others are left out."""
_TRAINING_ROWS = 6000
_TRAINING_SEED = 405


def drive_contract() -> Contract:
    """The contract in protocol/contracts/drive.json, made anew."""
    log = plausible_log(_TRAINING_ROWS, _TRAINING_SEED)
    channels = tuple(takewhile(lambda channel: channel.name != SENSES, log.schema.channels))
    schema = replace(log.schema, name="drive", channels=channels)
    rows = [Row(row.time_us, row.values[: len(channels)]) for row in log.rows]
    return fit_contract(schema, rows, book_worth_bits=BOOK_WORTH_BITS)


def main() -> int:
    """The command line of this module."""
    text = drive_contract().to_json()
    if "--check" in sys.argv[1:]:
        stale = not DRIVE_FILE.is_file() or DRIVE_FILE.read_text(encoding="utf-8") != text
        if stale:
            print("protocol/contracts/drive.json is stale; run `make generate`", file=sys.stderr)
        return int(stale)
    DRIVE_FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
