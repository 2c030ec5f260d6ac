"""What the page asks for: an order in JSON, checked, and given to the car."""

from __future__ import annotations

from collections.abc import Mapping

from host.monitor import orders
from host.monitor.monitored_car import MonitoredCar
from host.world import Route
from protocol.messages import MessageError, build_command

MARK_LETTERS = 80


class AskedError(ValueError):
    """Not an order; the text says what is allowed."""


ASKED = ("drive", "stop", "halt", "resume", "patrol", "line", "clear", "mark")


def give(car: MonitoredCar, route: Route | None, asked: object) -> str:
    """Give the car what was asked for: {"do": "drive", "speed": 300, "turn": 0}. Returns what it is.

    Raises AskedError.
    """
    if not isinstance(asked, Mapping) or asked.get("do") not in ASKED:
        raise AskedError(f'give {{"do": WHAT}} with one of {", ".join(ASKED)}')
    what = str(asked["do"])
    if what == "halt":
        car.halt()
    elif what == "mark":
        car.mark(str(asked.get("text", ""))[:MARK_LETTERS])
    else:
        car.order(_order(what, route, asked))
    return what


def _order(what: str, route: Route | None, asked: Mapping[str, object]) -> orders.Order:
    if what == "drive":
        return _drive(asked)
    if what == "patrol":
        return orders.patrol(route)
    plain = {
        "stop": orders.stop, "resume": orders.resume, "line": orders.follow_line, "clear": orders.clear_faults
    }
    return plain[what]()


def _drive(asked: Mapping[str, object]) -> orders.Order:
    speed, turn = asked.get("speed", 0), asked.get("turn", 0)
    if type(speed) is not int or type(turn) is not int:  # True is no speed
        raise AskedError("drive: speed (mm/s) and turn (deg/s) are whole numbers")
    try:
        build_command("drive", {"speed": speed, "turn": turn})
    except MessageError as error:
        raise AskedError(str(error)) from None
    return orders.drive(speed, turn)
