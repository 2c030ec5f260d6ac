"""Commands to a car that drives by its senses. docs/SPEC.md, section 13."""

from __future__ import annotations

from construct import Byte, Int16sl, Int16ul, Struct

from protocol.command import Argument, Command

MODES = ("manual", "line", "patrol", "home", "idle")
FAULTS = (
    "encoder_left", "encoder_right", "motor_left", "motor_right", "ranger",
    "battery", "imu", "line_lost", "blocked", "loop",
)
"""In the order of their bits."""
TURN_UNITS = 65536
"""Of a heading, in a whole turn."""

_REACH_MM = 16_000

PilotStatus = Struct(
    "mode" / Byte,
    "faults" / Int16ul,
    "first_fault" / Int16ul,
    "x" / Int16sl,
    "y" / Int16sl,
    "heading" / Int16ul,
    "speed_left" / Int16sl,
    "speed_right" / Int16sl,
    "ranges" / Int16ul[3],
    "waypoint" / Byte,
    "lap" / Byte,
    "jitter_us" / Int16ul,
)

PILOT_COMMANDS = (
    Command(
        14, "mode", "drive by itself: follow the line, patrol the route, go home; or stand",
        (Argument("mode", 0, len(MODES) - 1, "", "what to do", choices=MODES),),
        Struct("mode" / Byte), Struct("mode" / Byte),
    ),
    Command(
        15, "route", "begin a new route",
        (
            Argument("laps", 1, 255, "", "how often to drive it", default=1),
            Argument("home", 0, 1, "", "whether to end at home", default=1, choices=("no", "yes")),
        ),
        Struct("laps" / Byte, "home" / Byte), Struct(),
    ),
    Command(
        16, "waypoint", "add a waypoint to the route",
        (
            Argument("x", -_REACH_MM, _REACH_MM, "mm", "where it is"),
            Argument("y", -_REACH_MM, _REACH_MM, "mm", "where it is"),
            Argument("dwell", 0, 60_000, "ms", "how long to stand there", default=0),
        ),
        Struct("x" / Int16sl, "y" / Int16sl, "dwell" / Int16ul), Struct("count" / Byte),
    ),
    Command(
        17, "place", "tell the car where it stands; that place is its home",
        (
            Argument("x", -_REACH_MM, _REACH_MM, "mm", "where it stands"),
            Argument("y", -_REACH_MM, _REACH_MM, "mm", "where it stands"),
            Argument("heading", -180, 180, "deg", "where it looks, left positive", default=0),
        ),
        Struct("x" / Int16sl, "y" / Int16sl, "heading" / Int16sl), Struct(),
    ),
    Command(18, "clear", "forget the faults", (), Struct(), Struct()),
    Command(19, "status", "tell mode, faults and place", (), Struct(), PilotStatus),
)
