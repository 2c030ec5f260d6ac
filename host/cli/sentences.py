"""Replies of the car as a person reads them."""

from __future__ import annotations

from host.cli.named import UNITS, named, worded
from host.cli.orders import Order
from host.link.log import LogPlace
from protocol.messages import Reply
from protocol.parameters import PARAMETERS


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
    units = UNITS | {argument.name: argument.unit for argument in order.command.arguments}
    words = {key: worded(value) for key, value in named(values).items()}
    shown = {key: f"{text} {units.get(key, '')}".rstrip() for key, text in words.items()}
    if name == "rate":
        return f"rate: {shown['hz']}"
    if name == "mode":
        return f"mode: {shown['mode']}"
    if len(shown) <= 3:
        return f"{name}: " + ", ".join(f"{key} {text}" for key, text in shown.items())
    width = max(map(len, shown))
    return "\n".join([f"{name}:", *(f"  {key:<{width}}  {text}" for key, text in shown.items())])
