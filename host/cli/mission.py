"""Mission files: orders to the car, one a line, with `wait SECONDS` between them."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from pathlib import Path

from host.cli.errors import UserError
from host.cli.orders import Order, parse_order

MAX_WAIT_S = 86_400.0


@dataclass(frozen=True)
class Wait:
    """A pause in seconds, during which the car goes on with what it does."""

    seconds: float


@dataclass(frozen=True)
class Step:
    """What stands in one line of a mission."""

    line: int
    text: str
    action: Order | Wait


def read_mission(path: Path) -> list[Step]:
    """Every step of a mission, all checked. Raises UserError naming file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a text file; a mission is one command a line, in UTF-8") from None
    steps = [step for number, line in enumerate(lines, 1) if (step := _step(path, number, line))]
    if not steps:
        raise UserError(f"{path}: no command in it; write one a line, such as `drive 300`")
    return steps


def _step(path: Path, number: int, line: str) -> Step | None:
    try:
        words = shlex.split(line, comments=True)
        if not words:
            return None
        action = _wait(words) if words[0] == "wait" else parse_order(words)
    except (UserError, ValueError) as error:  # ValueError: a quotation mark without its partner
        raise UserError(f"{path}, line {number}: {error}") from None
    return Step(number, " ".join(words), action)


def _wait(words: list[str]) -> Wait:
    try:
        (seconds,) = map(float, words[1:])
    except ValueError:
        raise UserError("wait needs a number of seconds, such as `wait 2.5`") from None
    if not (math.isfinite(seconds) and 0 <= seconds <= MAX_WAIT_S):
        raise UserError(f"wait: {seconds:g} s; 0 to {MAX_WAIT_S:g} s is allowed")
    return Wait(seconds)
