"""Replies of the car as a person reads them."""

from __future__ import annotations

from host.cli.orders import Order
from host.link.log import LogPlace
from protocol.messages import DECODERS, Reply
from protocol.parameters import PARAMETERS
from protocol.pilot_commands import FAULTS, MODES


def sentence(order: Order, reply: Reply, round_trip_s: float) -> str:
    """What the car answered to an order: one line, or a heading and a line a value."""
    name, values = order.command.name, reply.values
    if name == "ping":
        took, up = f"{1000 * round_trip_s:.1f} ms", f"{values['uptime_ms'] / 1000:.1f} s"
        return f"ping: answered in {took} (up {up})"
    if name in ("get", "set"):
        parameter = PARAMETERS[order.values["parameter"]]
        return f"{name}: {parameter.name} {values['value']} {parameter.unit}"
    if name == "log":
        return "\n".join(map(str, LogPlace().take(values))) or "log: empty"
    if not values:
        return f"{name}: done in {1000 * round_trip_s:.1f} ms"
    units = {argument.name: argument.unit for argument in order.command.arguments}
    shown = {key: f"{_named(key, value)} {units.get(key, '')}".rstrip() for key, value in values.items()}
    if name == "rate":
        return f"rate: {shown['hz']}"
    if len(shown) <= 3:
        return f"{name}: " + ", ".join(f"{key} {text}" for key, text in shown.items())
    width = max(map(len, shown))
    return "\n".join([f"{name}:", *(f"  {key:<{width}}  {text}" for key, text in shown.items())])


def _named(key: str, value: object) -> object:
    if key == "ranges" and isinstance(value, list):
        return ", ".join(map(str, value))
    if not isinstance(value, int):
        return value
    if key == "decoder" and value < len(DECODERS):
        return DECODERS[value]
    if key == "mode" and value < len(MODES):
        return MODES[value]
    if key in ("faults", "first_fault"):
        return ", ".join(name for bit, name in enumerate(FAULTS) if value >> bit & 1) or "none"
    return value
