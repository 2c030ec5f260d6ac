"""What breaks on the car, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = {
    "encoder_left": "its counts stand still",
    "encoder_right": "its counts stand still",
    "ranger_front": "it says its last echo for ever",
    "ranger_left": "it says its last echo for ever",
    "ranger_right": "it says its last echo for ever",
    "ranger_silent": "no ranger hears an echo",
    "battery_flat": "the battery drops to 6.0 V",
    "motor_left": "the wheel is stalled",
    "motor_right": "the wheel is stalled",
    "imu": "the MPU-6050 does not answer",
}


class FaultError(ValueError):
    """A fault that no car has; the text is for the person who asked for it."""


@dataclass(frozen=True)
class Fault:
    """One thing breaks `at_s` seconds after the start, and stays broken."""

    kind: str
    at_s: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FaultError(f"fault {self.kind!r}: give one of {', '.join(KINDS)}")
        if not (math.isfinite(self.at_s) and 0 <= self.at_s <= 1e6):
            raise FaultError(f"fault {self.kind} at {self.at_s} s: give seconds since the start, 0 or more")

    @staticmethod
    def parse(text: str) -> Fault:
        """From `encoder_left@3.5`; without a time, from the start."""
        kind, _, at = text.strip().partition("@")
        try:
            return Fault(kind, float(at) if "@" in text else 0.0)
        except FaultError:
            raise
        except ValueError:
            raise FaultError(f"fault {text!r}: give kind@seconds, as encoder_left@3.5") from None

    def __str__(self) -> str:
        return f"{self.kind}@{self.at_s:g}"


class Breakdown:
    """Which faults have struck by now."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._coming = sorted(faults, key=lambda fault: (fault.at_s, fault.kind))
        self._struck: list[str] = []

    def advance_to(self, time_us: int) -> None:
        """Let those strike whose time has come."""
        while self._coming and self._coming[0].at_s * 1e6 <= time_us:
            self._struck.append(self._coming.pop(0).kind)

    def strike(self, kind: str) -> None:
        """Break that at once. Raises FaultError."""
        self._struck.append(Fault(kind).kind)

    def has(self, kind: str) -> bool:
        """Whether that is broken."""
        return kind in self._struck
