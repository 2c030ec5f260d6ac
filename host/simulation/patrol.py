"""A route driven by the emulated car in a world: what `host patrol` does and tells."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from host.emulate import Emulator, build_application
from host.emulate.pins import PERIOD_MS
from host.link import NOBODY, Link, Observer
from host.link.log import LogNews
from host.simulation.car import SimulatedCar
from host.simulation.fault_clock import FaultClock
from host.simulation.lap import Lap
from host.simulation.orders import begin, place_at_start
from host.world import Actuators, Fault, Map, Route
from host.world.polyline import Point
from host.world.world import World
from protocol.contract import load_contract
from protocol.pilot_commands import FAULTS, MODES

RATE_HZ = 50
_BOOT_S = 10.0
_LOOK_S = 0.1
"""Of the car's time, between two looks at its status."""

Told = Callable[[float, float], None]
"""Told virtual seconds, and after how many it gives up."""


@dataclass(frozen=True)
class PatrolResult:
    """What came of a run. Times in seconds, lengths in mm; `fault` is the first, empty for none.

    `fault_after_ms` is how long the motors still had current after something broke; None where nothing broke
    or the car has not named it.
    """

    completed: bool
    collisions: int
    fault: str
    fault_after_ms: int | None
    stopped: bool
    cross_track_rms_mm: float
    telemetry_sha256: str
    telemetry_rows: int
    virtual_seconds: float
    wall_seconds: float
    odometry_error_mm: float
    control_jitter_us: int
    seed: int

    @property
    def outcome(self) -> str:
        """In a word or two."""
        return "completed" if self.completed else self.fault or "not completed"

    def record(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


class Patrol:
    """One run of one car, with an `application` that is built already or one of its own.

    `world` has the track afterwards.
    """

    def __init__(
        self,
        map: Map,
        route: Route | None,
        seed: int,
        faults: Sequence[Fault] = (),
        application: Path | None = None,
        observer: Observer = NOBODY,
    ) -> None:
        """`observer` is told what passes over the link, by the board's clock."""
        self.world = World(map, seed, faults, fires_itself=False)
        self._map = map
        self._route = route
        self._seed = seed
        self._application = application
        self._fault_clock = FaultClock(faults)
        self._observer = observer
        self._digest = hashlib.sha256()
        self._rows = 0
        self._news = LogNews(load_contract().schema)
        self._tape_mm: list[float] = []
        self._is_at_rest = True

    def run(self, limit_s: float, told: Told = lambda done, total: None) -> PatrolResult:
        """Drive the route, or follow the tape for one lap without one. Raises EmulatorError, LinkError."""
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="patrol-") as scratch:
            application = self._application or build_application(Path(scratch) / "application.hex")
            board = Emulator(application, sleep=False, in_world=True)
            with SimulatedCar(board, self.world, self._stepped) as car:
                # The link's own random numbers would be another run each time.
                random = Random(self._seed).randbytes
                link = Link(car, load_contract(), clock=car, random=random, observer=self._observer)
                link.hello(_BOOT_S)
                place_at_start(link, self._map)
                link.send("rate", {"hz": RATE_HZ})
                begin(link, self._route)
                status, completed = self._follow(car, link, limit_s, told)
                self._take_rows(link)  # that came with the last reply
                return self._result(car, status, completed, time.monotonic() - started)

    def _follow(
        self, car: SimulatedCar, link: Link, limit_s: float, told: Told
    ) -> tuple[dict[str, int], bool]:
        """Watch until the route is done, a fault holds the car, or the time is up."""
        has_lap = self._route is None
        lap = Lap(self.world)
        while True:
            self._listen(car, link, _LOOK_S)
            status = link.send("status").values
            told(car.monotonic(), limit_s)
            if status["first_fault"]:
                self._listen(car, link, 1.0)
                return link.send("status").values, False
            if has_lap and lap.is_done():
                link.send("stop")
                return link.send("status").values, True
            if not has_lap and MODES[status["mode"]] == "idle":
                self._listen(car, link, _LOOK_S)  # so that telemetry says it, too
                return status, True
            if car.monotonic() > limit_s:
                link.send("stop")
                return status, False

    def _listen(self, car: SimulatedCar, link: Link, seconds: float) -> None:
        end = car.monotonic() + seconds
        while car.monotonic() < end:
            self._take_rows(link)

    def _take_rows(self, link: Link) -> None:
        rows = link.next_rows(0)
        for row in rows:
            self._digest.update(repr(row).encode())
            self._rows += 1
        if self._news.in_rows(rows):
            link.log_lines()  # the observer is told of them

    def _stepped(self, actuators: Actuators) -> None:
        """After each step of the world."""
        self._is_at_rest = actuators.duty_left == 0 == actuators.duty_right
        if self._route is None and not self._is_at_rest:
            self._tape_mm.append(self.world.tape_distance_mm())
        now_us = self.world.time_us
        for fault in self._fault_clock.step(now_us, 1000 * PERIOD_MS, is_driven=not self._is_at_rest):
            self._observer.noted(f"fault injected: {fault.kind}", now_us / 1e6)

    def _cross_track(self) -> float:
        """RMS distance of the car's middle to the route, or of the line sensors to the tape."""
        if self._route is None:
            return _rms(self._tape_mm)
        start = self._map.start
        line = self._route.line((start.x_mm, start.y_mm))
        return _rms([_distance((at.x_mm, at.y_mm), line) for at in self.world.track])

    def _result(
        self, car: SimulatedCar, status: dict[str, int], completed: bool, wall_s: float
    ) -> PatrolResult:
        world, first = self.world, status["first_fault"]
        error = ((status["x"] - world.pose.x_mm) ** 2 + (status["y"] - world.pose.y_mm) ** 2) ** 0.5
        return PatrolResult(
            completed=completed,
            collisions=world.collisions,
            fault=FAULTS[first.bit_length() - 1] if first else "",
            fault_after_ms=self._fault_clock.driven_ms if first else None,
            stopped=self._is_at_rest,
            cross_track_rms_mm=round(self._cross_track(), 1),
            telemetry_sha256=self._digest.hexdigest(),
            telemetry_rows=self._rows,
            virtual_seconds=round(car.monotonic(), 3),
            wall_seconds=round(wall_s, 3),
            odometry_error_mm=round(error, 1),
            control_jitter_us=status["jitter_us"],
            seed=self._seed,
        )


def _rms(values: Sequence[float]) -> float:
    return (sum(value * value for value in values) / len(values)) ** 0.5 if values else 0.0


def _distance(place: Point, line: Sequence[Point]) -> float:
    """To the nearest point of a line of straight pieces."""
    return min(_to_piece(place, a, b) for a, b in pairwise(line))


def _to_piece(place: Point, a: Point, b: Point) -> float:
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    part = ((place[0] - a[0]) * along[0] + (place[1] - a[1]) * along[1]) / length if length else 0.0
    part = min(1.0, max(0.0, part))
    return float(((place[0] - a[0] - part * along[0]) ** 2 + (place[1] - a[1] - part * along[1]) ** 2) ** 0.5)
