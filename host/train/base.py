"""The smallest contract of a car: what it was told, what it does, and how the board fares, in eight channels.

Channels more take codebooks, of a board's heap and of its flash when the application runs from files, and a
NUCLEO-F411RE has neither to spare. The eight are the first of the car's own, and stay so when that one grows.

    python -m host.train.base            write protocol/contracts/base.json
    python -m host.train.base --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from dataclasses import replace

from host.train.car import plausible_log
from host.train.fit import fit_contract
from protocol.contract import BASE_FILE, Contract
from protocol.schema import Row

CHANNELS = 8
"""From speed_set to frames_bad. firmware_mpy/patrol/sampling.py fills them in this order."""
_TRAINING_ROWS = 6000
_TRAINING_SEED = 405


def base_contract() -> Contract:
    """The contract in protocol/contracts/base.json, made anew."""
    log = plausible_log(_TRAINING_ROWS, _TRAINING_SEED)
    schema = replace(log.schema, name="base", channels=log.schema.channels[:CHANNELS])
    return fit_contract(schema, [Row(row.time_us, row.values[:CHANNELS]) for row in log.rows])


def main() -> int:
    """The command line of this module."""
    text = base_contract().to_json()
    if "--check" in sys.argv[1:]:
        stale = not BASE_FILE.is_file() or BASE_FILE.read_text(encoding="utf-8") != text
        if stale:
            print("protocol/contracts/base.json is stale; run `make generate`", file=sys.stderr)
        return int(stale)
    BASE_FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
