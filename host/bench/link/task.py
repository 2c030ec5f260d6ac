"""What is offered to every scheme, and how the outcome is judged: at the car, by what it executed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from host.faults import Faults
from protocol.messages import build_command

BIT_ERROR_RATES = (0.0, 1e-5, 1e-4, 1e-3)
BAUD = 57_600
COMMANDS = 2_000
PATIENCE_S = 4.0
"""After this long without a reply, a scheme must say that the command failed."""


@dataclass(frozen=True)
class Task:
    """One line, and the commands that every scheme has to bring over it as soon as it can."""

    faults: Faults
    commands: int = COMMANDS

    def offered(self) -> list[dict[str, int]]:
        """The arguments of `drive`, all different, up to 181,181 of them."""
        return [
            {"speed": (37 * number) % 1001 - 500, "turn": (11 * number) % 181 - 90}
            for number in range(self.commands)
        ]

    def messages(self) -> list[bytes]:
        """The same as command messages."""
        return [build_command("drive", values) for values in self.offered()]


@dataclass
class Outcome:
    """What a scheme did: `executed` at the car, in order; the rest as the host saw it."""

    executed: list[bytes] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    """From when a command was given to the link, first sent at once or not, to its reply."""
    failed: int = 0
    """Commands of which the caller was told that they may not have been executed."""
    elapsed_s: float = 0.0
    bytes_down: int = 0
    bytes_up: int = 0


@dataclass(frozen=True)
class Run:
    """One scheme on one line. `unreported`: not executed, though the caller was told that they were."""

    scheme: str
    bit_error_rate: float
    offered: int
    delivered: int
    duplicated: int
    reordered: int
    failed: int
    corrupted: int
    """Commands that the car executed and nobody had given."""
    unreported: int
    goodput: float
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    bytes_down_per_command: float
    bytes_up_per_command: float

    def to_json(self) -> dict[str, Any]:
        """By name, rounded to what is meant."""
        return {k: round(v, 5) if isinstance(v, float) else v for k, v in vars(self).items()}


def judge(scheme: str, task: Task, outcome: Outcome) -> Run:
    """Hold what the car executed against what it was offered."""
    messages = task.messages()
    places = {message: place for place, message in enumerate(messages)}
    executed = [places[message] for message in outcome.executed if message in places]
    firsts = list(dict.fromkeys(executed))
    payload_bits = 10 * sum(len(messages[place]) for place in firsts)
    elapsed_bits = task.faults.baud * outcome.elapsed_s
    return Run(
        scheme, task.faults.bit_errors, len(messages), len(firsts), len(executed) - len(firsts),
        _reordered(firsts), outcome.failed, len(outcome.executed) - len(executed),
        max(0, len(messages) - len(firsts) - outcome.failed),
        payload_bits / elapsed_bits if elapsed_bits else 0.0, *_percentiles_ms(outcome.latencies_s),
        outcome.bytes_down / len(messages), outcome.bytes_up / len(messages),
    )


def _reordered(firsts: Sequence[int]) -> int:
    """Commands first executed after a later one."""
    latest, late = -1, 0
    for place in firsts:
        late += place < latest
        latest = max(latest, place)
    return late


def _percentiles_ms(latencies_s: Sequence[float]) -> tuple[float | None, float | None]:
    if len(latencies_s) < 2:
        return None, None
    cuts = quantiles(latencies_s, n=100, method="inclusive")
    return 1000 * cuts[49], 1000 * cuts[98]
