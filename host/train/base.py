"""The smallest contract of a car: what it was told, what it does, and how the board fares, in eight channels.

Channels and codebooks take of a board's heap and of its flash when the application runs from files, and a
NUCLEO-F411RE has neither to spare. The channels are the first of the car's own. The drive it is fitted to is
its own, and plain: the contract stays when the car's own grows, and a livelier log would take 4 KB more.

    python -m host.train.base            write protocol/contracts/base.json
    python -m host.train.base --check    exit 1 when it is stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from host.train.fit import fit_contract
from protocol.contract import BASE_FILE, CAR_FILE, Contract
from protocol.schema import Row, load_schema

CHANNELS = 8
"""From speed_set to frames_bad. firmware_mpy/patrol/sampling.py fills them in this order."""
_PERIOD_US = 20_000
_TRAINING_ROWS = 6000
_TRAINING_SEED = 405


def base_contract() -> Contract:
    """The contract in protocol/contracts/base.json, made anew."""
    schema = load_schema(CAR_FILE.with_suffix(".toml"))
    schema = replace(schema, name="base", channels=schema.channels[:CHANNELS])
    return fit_contract(schema, list(_plain_drive(_TRAINING_ROWS, Random(_TRAINING_SEED))))


def _plain_drive(rows: int, random: Random) -> Iterator[Row]:
    """Random commands every few seconds, which duties follow with a motor's lag; a battery that sags."""
    time_us, left, right, charge = 0, 0, 0, 8_100_000
    speed, turn, hold, bad = 0, 0, 0, 0
    for _ in range(rows):
        if hold == 0:
            speed, turn, hold = _next_command(random)
        hold -= 1
        left += (speed - 2 * turn - left) // 6
        right += (speed + 2 * turn - right) // 6
        charge -= 40 + (abs(left) + abs(right)) // 8
        battery = charge // 1000 - (abs(left) + abs(right)) // 10 + random.randint(-6, 6)
        bad += random.random() < 0.001
        loop_time = 180 + random.randint(0, 40) + (900 if random.random() < 0.02 else 0)
        heap_free = 1500 - random.randint(0, 2)
        yield Row(time_us, (speed, turn, left, right, battery, loop_time, heap_free, bad))
        time_us += _PERIOD_US + random.randint(-30, 30)


def _next_command(random: Random) -> tuple[int, int, int]:
    """(speed, turn, rows to hold it); standing still one time in five."""
    hold = random.randint(40, 250)
    if random.random() < 0.2:
        return 0, 0, hold
    return 50 * random.randint(-4, 12), 10 * random.randint(-6, 6), hold


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
