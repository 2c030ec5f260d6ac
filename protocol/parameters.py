"""The car's parameters: small integers that a host may read and set while the car runs."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.limits import MAX_ROWS


@dataclass(frozen=True)
class Parameter:
    """A named integer on the board; its place in PARAMETERS is its number on the wire."""

    name: str
    default: int
    low: int
    high: int
    unit: str
    help: str


PARAMETERS = (
    Parameter("speed_limit", 1000, 0, 3000, "mm/s", "the car is held to this speed, whatever drives it"),
    Parameter("turn_limit", 180, 0, 720, "deg/s", "drive commands are held to this turn rate"),
    Parameter("full_speed", 1000, 100, 5000, "mm/s", "wheel speed at a duty of 100 %"),
    Parameter("track_width", 150, 50, 1000, "mm", "distance between the left and right wheels"),
    Parameter("rows_per_frame", 4, 1, MAX_ROWS, "rows", "telemetry rows that share a frame"),
    Parameter("key_interval", 4000, 1, 60_000, "ms", "time until a frame needs no earlier one again"),
    Parameter("link_timeout", 500, 100, 10_000, "ms", "silence of the host after which the motors stop"),
    # From here on for a car that drives by its senses; others keep them without a use.
    Parameter("cruise", 300, 100, 600, "mm/s", "speed on a route"),
    Parameter("line_speed", 250, 100, 600, "mm/s", "speed along a line"),
    Parameter("obstacle_wait", 3000, 0, 60_000, "ms", "how long to wait for an obstacle to go away"),
    Parameter("low_battery", 6600, 0, 30_000, "mV", "below this the car breaks off its round and goes home"),
    Parameter("flat_battery", 6200, 0, 30_000, "mV", "below this the car stops, with a fault"),
)

BY_NAME = {parameter.name: index for index, parameter in enumerate(PARAMETERS)}
