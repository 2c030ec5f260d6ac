"""What a command is: its code, its arguments for people, and the layout of its messages."""

from __future__ import annotations

from dataclasses import dataclass

from construct import Struct


@dataclass(frozen=True)
class Argument:
    """One argument of a command, as a person types it: `--name VALUE` or in order."""

    name: str
    low: int
    high: int
    unit: str
    help: str
    default: int | None = None
    choices: tuple[str, ...] = ()
    """Names that stand for numbers 0, 1, 2, ..."""


@dataclass(frozen=True)
class Command:
    """A command: its code and name, its arguments for people, and both messages' layouts."""

    code: int
    name: str
    help: str
    arguments: tuple[Argument, ...]
    layout: Struct
    result: Struct
    typed: bool = True
    """Whether a person may type it; the others are parts of a verb."""
    trailing: str = ""
    """The layout's last field, when it is text or bytes of any length: those after all others."""

    @property
    def argument_bytes(self) -> int:
        """Bytes of the arguments; of a command with a trailing field, those before it."""
        fields = [field for field in self.layout.subcons if field.name != self.trailing]
        return sum(int(field.sizeof()) for field in fields)
