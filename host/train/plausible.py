"""A made-up drive: rows as the car's own telemetry would have them, the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from protocol.pilot_commands import MODES
from protocol.schema import Row

PERIOD_US = 20_000
_HEADINGS = 4096
_SINES = [round(1024 * math.sin(math.tau * at / _HEADINGS)) for at in range(_HEADINGS)]
_TRACK_MM = 150
_FAR_MM = 4000


def drive(rows: int, random: Random) -> Iterator[Row]:
    """A row each 20 ms: standing, driven by hand, along a line or a route, in turn."""
    car = _Car(random)
    for _ in range(rows):
        car.step()
        yield Row(car.time_us, car.channels())


class _Car:
    """Where the car is and what it does; places in 1/1024 mm, headings in 1/4096 of a turn."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.time_us = self._due_us = self._hold = 0
        self._mode = MODES.index("idle")
        self._speed = self._turn = 0
        self._wanted = [0, 0]
        self._wheels = [0, 0]
        self._duties = [0, 0]
        self._x = self._y = self._heading = 0
        self._charge_uv = 8_100_000
        self._ranges = [_FAR_MM, 700, 900]
        self._echoes = list(self._ranges)
        self._line = self._dark = 0
        self._good = self._bad = self._repeated = self._lines = 0
        self._gyro = 0

    def step(self) -> None:
        """20 ms of it."""
        random = self._random
        if self._hold == 0:
            self._decide()
        self._hold -= 1
        before = sum(self._wheels)
        for side in (0, 1):
            self._drive_wheel(side)
        across = self._wheels[1] - self._wheels[0]
        self._gyro = across * 573 // _TRACK_MM  # in 0.1 deg/s
        self._heading += (across * PERIOD_US * _HEADINGS) // (_TRACK_MM * 6_283_185)
        way = (before + sum(self._wheels)) * 1024 * PERIOD_US // 4_000_000
        self._x += way * _SINES[(self._heading + _HEADINGS // 4) % _HEADINGS] // 1024
        self._y += way * _SINES[self._heading % _HEADINGS] // 1024
        self._sense(way // 1024)
        self._charge_uv -= 6 + sum(map(abs, self._duties)) // 120
        self._bad += random.random() < 0.0003
        self._repeated += random.random() < 0.0003
        self._good += random.random() < 0.3
        self._due_us += PERIOD_US
        # The control goes first: a row may have to wait for its step.
        late_us = random.choice((0, 4, 300, random.randint(1000, 5000), random.randint(4000, 9000)))
        self.time_us = self._due_us + late_us

    def _decide(self) -> None:
        """Something else for a while."""
        random = self._random
        self._hold = random.randint(40, 250)
        if random.random() < 0.15:
            self._mode = random.randrange(len(MODES))
            self._lines += 1
        manual = MODES[self._mode] == "manual"
        self._speed = 50 * random.randint(-4, 12) if manual else 0
        self._turn = 10 * random.randint(-6, 6) if manual else 0
        speed = self._speed if manual else random.choice((0, 150, 250, 300))
        across = self._turn * 5 // 2 if manual else random.choice((0, 0, 0, 40, -40, 180, -180))
        if MODES[self._mode] == "idle":
            speed = across = 0
        self._wanted = [speed - across // 2, speed + across // 2]

    def _drive_wheel(self, side: int) -> None:
        random, wanted = self._random, self._wanted[side]
        error = wanted - self._wheels[side]
        self._wheels[side] += max(-16, min(16, error)) + _bell(random, 1 if wanted else 0)
        if not wanted and abs(self._wheels[side]) < 16:
            self._wheels[side] = self._duties[side] = 0
        else:
            self._duties[side] = self._wheels[side] * 9 // 10 + error // 2 + _bell(random, 4)

    def _sense(self, way_mm: int) -> None:
        random = self._random
        for place, drift in enumerate((-way_mm, 0, 0)):
            if random.random() < 0.5:  # each ranger has its turn
                self._echoes[place] = self._ranges[place] + _bell(random, 3)
                if random.random() < 0.012:
                    self._echoes[place] = _FAR_MM
            if random.random() < 0.01:  # something else is in its way
                self._ranges[place] = random.randint(200, _FAR_MM)
            self._ranges[place] = max(20, min(_FAR_MM, self._ranges[place] + drift))
        if MODES[self._mode] == "line":
            self._line = max(-2000, min(2000, self._line + _bell(random, 40)))
            self._dark = 4 >> (self._line > 500) << (self._line < -500)

    def channels(self) -> tuple[int, ...]:
        """In the order of protocol/contracts/car.toml."""
        random = self._random
        heading = (self._heading + _HEADINGS // 2) % _HEADINGS - _HEADINGS // 2
        sag = sum(map(abs, self._duties)) // 12
        moving = any(self._wheels)
        measured = [wheel + _bell(random, 1) if wheel else 0 for wheel in self._wheels]
        return (
            self._speed, self._turn, *self._duties, self._charge_uv // 1000 - sag + _bell(random, 5),
            random.choice((210, 334, 334, 334, 335, 700, 4650)), 1900 - (random.random() < 0.01),
            self._bad & 0xFFFF, 50 + random.randint(0, 1), 2684, self._good & 0xFFFF,
            self._repeated & 0xFFFF, self._lines & 0xFFFF,
            self._mode, 0, self._x // 1024, self._y // 1024, heading, *measured, *self._echoes,
            self._line, self._dark, 10 + self._gyro + _bell(random, 1 + 2 * moving), 20 + _bell(random, 4),
            -10 + _bell(random, 3 + moving), random.choice((1, 2, 3, 4, 112, 205, random.randint(0, 8000))),
        )  # fmt: skip


def _bell(random: Random, width: int) -> int:
    """About normal, with a deviation of `width`."""
    return (sum(random.randint(-width, width) for _ in range(3))) if width else 0
