"""Small maps to try things on."""

from __future__ import annotations

from pathlib import Path

from host.world import Actuators, Fault, Map, Sensors, load_map
from host.world.map import Start
from host.world.world import World

ROOT = Path(__file__).parents[3]
STEP_US = 5000
STOP = Actuators(0, 0)


def floor(x_mm: float = 2000, y_mm: float = 2000, heading_deg: float = 0, **things: object) -> Map:
    """An empty floor of 10 x 4 m, without a wall around it."""
    start = Start(x_mm, y_mm, heading_deg, 0.8)
    return Map("floor", (10_000, 4000), start, **things)  # type: ignore[arg-type]


def world(on: Map | None = None, seed: int = 1, *faults: str) -> World:
    return World(on or floor(), seed, [Fault.parse(text) for text in faults])


def named(name: str, seed: int = 1, *faults: str) -> World:
    """On one of the maps of the repository."""
    return world(load_map(ROOT / "maps" / f"{name}.toml"), seed, *faults)


def drive(through: World, left: int, right: int, seconds: float) -> list[Sensors]:
    """All that the sensors said on the way."""
    actuators = Actuators(left, right)
    return [through.step(actuators, STEP_US) for _ in range(round(seconds * 1e6 / STEP_US))]
