"""Values of replies by their names and in their units, for people and for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from host.monitor.memory import fault_names
from protocol.messages import DECODERS
from protocol.pilot_commands import MODES, TURN_UNITS

UNITS = {
    "x": "mm", "y": "mm", "heading": "deg", "speed_left": "mm/s", "speed_right": "mm/s", "ranges": "mm",
    "jitter_us": "us",
}
"""Of a pilot's status."""


def named(values: Mapping[str, Any]) -> dict[str, Any]:
    """A reply's values as `--json` has them: codes by their names, headings in degrees, left positive."""
    return {key: _named(key, value) for key, value in values.items()}


def _named(key: str, value: Any) -> Any:
    if key == "decoder" and value < len(DECODERS):
        return DECODERS[value]
    if key == "mode" and value < len(MODES):
        return MODES[value]
    if key == "faults":
        return list(fault_names(value))
    if key == "first_fault":
        return next(iter(fault_names(value)), None)
    if key == "heading":
        turned = (value + TURN_UNITS // 2) % TURN_UNITS - TURN_UNITS // 2
        return round(360 * turned / TURN_UNITS, 1)
    return value


def worded(value: Any) -> str:
    """A value that `named` has given, as text."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
