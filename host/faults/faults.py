"""Which faults a line has, and how many."""

from __future__ import annotations

from dataclasses import dataclass, fields

BITS_A_BYTE = 10
"""On a UART: start bit, eight data bits, stop bit (8N1)."""

_PROBABILITIES = (
    "bit_errors", "drop", "insert", "duplicate", "reorder", "split", "stall", "disconnect",
)


class FaultsError(ValueError):
    """A fault that no line can have; the text is for the person who asked for it."""


@dataclass(frozen=True)
class Faults:
    """The same for both directions, each with its own stream of random numbers and its own line time.

    `bit_errors` counts a data bit, `drop` and `insert` a byte; the others count a chunk, which is what was
    written at once: a radio's packet, or a driver's buffer. A chunk is duplicated whole, overtaken whole
    by the one behind it, or split by a pause.
    """

    bit_errors: float = 0.0
    """Probability that a data bit arrives flipped."""
    drop: float = 0.0
    """Probability that a byte is lost. It took its time on the line all the same."""
    insert: float = 0.0
    """Probability that a random byte comes before a byte."""
    duplicate: float = 0.0
    """Probability that a chunk arrives a second time, at once behind the first."""
    reorder: float = 0.0
    """Probability that a chunk is overtaken by the next one, if that comes within `hold_s`."""
    hold_s: float = 0.05
    split: float = 0.0
    """Probability that a chunk is cut at a random place, and the rest comes `split_s` later."""
    split_s: float = 0.02
    stall: float = 0.0
    """Probability that the line stands still for `stall_s` before a chunk. Nothing is lost by it."""
    stall_s: float = 0.5
    delay_s: float = 0.0
    """How much later each byte arrives than it would by line time alone."""
    baud: int = 0
    """Bits a second, BITS_A_BYTE of them a byte; 0 is a line that takes no time."""
    disconnect: float = 0.0
    """Probability that both directions break with a chunk: what is under way is lost."""
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            name = f"--{field.name.removesuffix('_s').replace('_', '-')}"
            if field.name in _PROBABILITIES and not 0 <= value <= 1:
                raise FaultsError(f"{name} {value:g}: give a probability, 0 to 1")
            if field.name in ("hold_s", "split_s", "stall_s", "delay_s") and not 0 <= value <= 3600:
                raise FaultsError(f"{name} of {value:g} s: give 0 to 3600 s")
        if not 0 <= self.baud <= 100_000_000:
            raise FaultsError(f"--baud {self.baud}: give bits a second, or 0 for a line that takes no time")

    @property
    def byte_s(self) -> float:
        """Seconds that a byte takes on the line."""
        return BITS_A_BYTE / self.baud if self.baud else 0.0
