"""What chip a bootloader on a UART says that it is, read until it is sure: its answers carry no checksum.

One bit that is hit makes another chip of it, with other sectors, or none that is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from host.flash.chips import BY_ID, Identity
from host.flash.errors import ImageError, NoiseError

_READINGS = 8
"""Of each number, of which two must be alike."""


class Asked(Protocol):
    """Methods raise NoiseError or RefusedError for what may be tried again."""

    def get(self) -> int:
        """The bootloader's version, BCD."""

    def chip_id(self) -> int:
        """The product's number."""

    def flash_kib(self) -> int:
        """The size of its flash in KiB; 0 when that is not to be had."""


class Identification:
    """Asks one bootloader. What was read is kept when a later reading fails."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._read: Counter[tuple[str, int]] = Counter()

    def identity(self) -> Identity:
        """What chip it is. Raises ImageError for one not known here, and what the bootloader's methods do."""
        try:
            version = self._agreed("version", self._asked.get)
            number = self._agreed("chip", self._asked.chip_id)
        except NoiseError as error:
            # What `connect` took for its answer may have been a byte of something else.
            raise NoiseError(f"what answers does not speak as a bootloader: {error}") from None
        chip = BY_ID.get(number)
        if chip is None:
            raise ImageError(f"chip {number:#05x} is no STM32F4 that is known here; use stm32flash for it")
        told = self._agreed("size of its flash", self._asked.flash_kib) << 10
        # The most that its line has when it says nothing sensible.
        size = told if 0 < told <= chip.flash_bytes else chip.flash_bytes
        return Identity(
            (chip,), chip.name, size, tuple(chip.sectors(size)), f"{version >> 4}.{version & 15}"
        )

    def _agreed(self, what: str, read: Callable[[], int]) -> int:
        """What was read alike twice, now or before. Raises NoiseError when nothing is."""
        for _ in range(_READINGS):
            value = read()
            self._read[what, value] += 1
            if self._read[what, value] > 1:
                return value
        raise NoiseError(f"it names another {what} each time; reset the board with BOOT0 high and try again")
