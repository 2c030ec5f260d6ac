"""A soak test: hours of patrol by the emulated car. How steady is its control, how busy the board?

All figures come from the car's own telemetry, under virtual time; the board counts them, nobody times it.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from host.emulate import Emulator, build_application
from host.link import Link
from host.simulation.car import SimulatedCar
from host.world import Map, Route
from host.world.world import World
from protocol.contract import Contract, load_contract
from protocol.pilot_commands import FAULTS, MODES
from protocol.schema import Row

RATE_HZ = 50
_BOOT_S = 10.0
_SETTLE_S = 5.0
"""Of driving, before the heap is looked at: what the first telemetry needs is loaded then."""
_LOOK_S = 1.0
_LAPS = 255
NOTES = {
    "jitter": "by how much a control period was off 20,000 us, in us, at the moment of each row",
    "cpu_load": "which part of a second the loop was at work, in %, of QEMU's Cortex-M4 at 125 million "
    "instructions a second (a Cortex-M4 at 168 MHz does about as many)",
    "heap_free": "bytes, as the car tells them once a second; equal at both ends means "
    "that nothing is lost over time, and the least is what was in use for a moment",
}


@dataclass(frozen=True)
class Spread:
    """Values of a channel."""

    p50: float
    p99: float
    most: float
    mean: float

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Spread:
        """Of how often each value came. Raises ValueError for none."""
        total = sum(counts.values())
        if not total:
            raise ValueError("no value came")
        mean = sum(value * count for value, count in counts.items()) / total
        return cls(_quantile(counts, 0.5), _quantile(counts, 0.99), max(counts), round(mean, 2))


def _quantile(counts: Mapping[int, int], part: float) -> int:
    left = part * sum(counts.values())
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts)


@dataclass(frozen=True)
class Soak:
    """What came of it."""

    virtual_seconds: float
    wall_seconds: float
    seed: int
    control_hz: int
    telemetry_hz: int
    rows: int
    rows_lost: int
    bytes_per_row: float
    laps: int
    collisions: int
    fault: str
    mode: str
    jitter_us: Spread
    cpu_load_percent: Spread
    loop_time_us: Spread
    heap_free_first: int
    heap_free_last: int
    heap_free_least: int

    def record(self) -> dict[str, object]:
        """For JSON."""
        return {**asdict(self), "notes": NOTES}


class SoakBench:
    """One run. Telemetry is counted as it comes, not kept."""

    def __init__(self, map: Map, route: Route, seed: int) -> None:
        self._world = World(map, seed, fires_itself=False)
        self._map, self._route, self._seed = map, route, seed
        self._contract: Contract = load_contract()
        names = [channel.name for channel in self._contract.schema.channels]
        self._at = {name: names.index(name) for name in ("jitter", "cpu_load", "loop_time", "heap_free")}
        self._counts: dict[str, Counter[int]] = {name: Counter() for name in self._at}
        self._heap_scale = int(self._contract.schema.channels[self._at["heap_free"]].scale)
        self._first = self._last = 0
        self._rows = 0

    def run(self, seconds: float, told: Callable[[float, float], None]) -> Soak:
        """Patrol for so long. Raises EmulatorError, LinkError."""
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
            board = Emulator(build_application(Path(scratch) / "soak.hex"), sleep=False, in_world=True)
            with SimulatedCar(board, self._world) as car:
                link = Link(car, self._contract, clock=car, random=Random(self._seed).randbytes)
                link.hello(_BOOT_S)
                self._order(link)
                self._listen(car, link, car.monotonic() + _SETTLE_S)
                self._forget()
                laps = self._patrol(car, link, seconds, told)
                return self._result(car, link, laps, time.monotonic() - started)

    def _order(self, link: Link) -> None:
        start = self._map.start
        link.send("place", {
            "x": round(start.x_mm), "y": round(start.y_mm), "heading": round(start.heading_deg),
        })
        link.send("rate", {"hz": RATE_HZ})
        link.send("route", {"laps": _LAPS, "home": 1})
        for point in self._route.waypoints:
            link.send("waypoint", {"x": round(point.x_mm), "y": round(point.y_mm), "dwell": point.dwell_ms})
        link.send("mode", {"mode": MODES.index("patrol")})
        link.send("status")

    def _forget(self) -> None:
        """What was counted so far was the start."""
        for counts in self._counts.values():
            counts.clear()
        self._rows = self._first = 0

    def _patrol(
        self, car: SimulatedCar, link: Link, seconds: float, told: Callable[[float, float], None]
    ) -> int:
        laps = 0
        end = car.monotonic() + seconds
        while car.monotonic() < end:
            self._listen(car, link, min(end, car.monotonic() + _LOOK_S))
            status = link.send("status").values
            laps = max(laps, status["lap"])
            told(seconds - (end - car.monotonic()), seconds)
            if status["first_fault"]:
                break
        return laps

    def _listen(self, car: SimulatedCar, link: Link, until_s: float) -> None:
        while car.monotonic() < until_s:
            for row in link.next_rows(0):
                self._take(row)

    def _take(self, row: Row) -> None:
        self._rows += 1
        for name, at in self._at.items():
            self._counts[name][row.values[at]] += 1
        self._last = self._heap_scale * row.values[self._at["heap_free"]]
        self._first = self._first or self._last

    def _result(self, car: SimulatedCar, link: Link, laps: int, wall_s: float) -> Soak:
        status, heard = link.send("status").values, link.counters
        fault = status["first_fault"]
        return Soak(
            virtual_seconds=round(car.monotonic(), 3), wall_seconds=round(wall_s, 1), seed=self._seed,
            control_hz=50, telemetry_hz=RATE_HZ, rows=self._rows, rows_lost=heard.lost_frames,
            bytes_per_row=round(heard.telemetry_bytes / max(1, heard.rows), 2),
            laps=laps, collisions=self._world.collisions,
            fault=FAULTS[fault.bit_length() - 1] if fault else "", mode=MODES[status["mode"]],
            jitter_us=Spread.of(self._counts["jitter"]), cpu_load_percent=Spread.of(self._counts["cpu_load"]),
            loop_time_us=Spread.of(self._counts["loop_time"]),
            heap_free_first=self._first, heap_free_last=self._last,
            heap_free_least=self._heap_scale * min(self._counts["heap_free"]),
        )  # fmt: skip
