"""Puts the wire's constants into the firmware's code as numbers, before it is compiled.

MicroPython's compiler does so with the constants of one module; those of another one cost a look-up each, and
200 names in the board's memory: about a tenth of its heap.
"""

from __future__ import annotations

import re
from pathlib import Path

CONSTANTS_FILE = "patrol/wire.py"
_DEFINITION = re.compile(r"^([A-Z][A-Z0-9_]*) = const\((-?\d+)\)\n", re.MULTILINE)
_USE = re.compile(r"(?<![.\w])wire\.([A-Z][A-Z0-9_]*)\b")


def constants_in(path: Path) -> dict[str, int]:
    """The whole-number constants that a module defines."""
    return {name: int(value) for name, value in _DEFINITION.findall(path.read_text(encoding="utf-8"))}


def folded(name: str, text: str, constants: dict[str, int]) -> str:
    """A module's source with numbers in place of `wire`'s constants, line for line.

    Of the module of constants itself only what is no number is left.
    """
    if name == CONSTANTS_FILE:
        return _DEFINITION.sub("\n", text)

    def number(use: re.Match[str]) -> str:
        value = constants.get(use[1])
        return use[0] if value is None else f"({value})"

    return _USE.sub(number, text)
