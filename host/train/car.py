"""The patrol car's own contract, fitted to a plausible drive.

    python -m host.train.car            write protocol/contracts/car.json
    python -m host.train.car --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from host.logs import Log
from host.train.fit import fit_contract
from protocol.contract import CAR_FILE, Contract
from protocol.schema import Row, load_schema

SCHEMA_FILE = CAR_FILE.with_suffix(".toml")
PERIOD_US = 20_000
_TRAINING_ROWS = 6000
_TRAINING_SEED = 405


def plausible_log(rows: int, seed: int) -> Log:
    """A drive as the car's telemetry would show it, the same for the same seed on every machine.

    Random commands every few seconds; duties follow their targets with the lag of a motor; the battery
    sags under load; loop time and clock jitter. It is made, not recorded: it stands in where no log is.
    """
    schema = load_schema(SCHEMA_FILE)
    return Log(schema, tuple(_drive(rows, Random(seed))))


def _drive(rows: int, random: Random) -> Iterator[Row]:
    time_us, left, right, charge = 0, 0, 0, 8_100_000
    speed, turn, hold, bad = 0, 0, 0, 0
    for _ in range(rows):
        if hold == 0:
            speed, turn, hold = _next_command(random)
        hold -= 1
        left += (speed - 2 * turn - left) // 6
        right += (speed + 2 * turn - right) // 6
        charge -= 40 + (abs(left) + abs(right)) // 8
        sag = (abs(left) + abs(right)) // 10
        battery = charge // 1000 - sag + random.randint(-6, 6)
        bad += random.random() < 0.001
        loop_time = 180 + random.randint(0, 40) + (900 if random.random() < 0.02 else 0)
        heap_free = 4200 - random.randint(0, 2)
        yield Row(time_us, (speed, turn, left, right, battery, loop_time, heap_free, bad))
        time_us += PERIOD_US + random.randint(-30, 30)


def _next_command(random: Random) -> tuple[int, int, int]:
    """(speed, turn, rows to hold it); standing still one time in five."""
    hold = random.randint(40, 250)
    if random.random() < 0.2:
        return 0, 0, hold
    return 50 * random.randint(-4, 12), 10 * random.randint(-6, 6), hold


def car_contract() -> Contract:
    """The contract in protocol/contracts/car.json, made anew."""
    log = plausible_log(_TRAINING_ROWS, _TRAINING_SEED)
    return fit_contract(log.schema, log.rows)


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
