"""What the programmer asks of a way to a chip's memory: UART (`an3155`), USB (`dfu_device`), `probe`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from host.flash.chips import Identity, Sector


class Bootloader(Protocol):
    """A way to a chip's memory. Methods raise RefusedError or NoiseError for what may be tried again."""

    block_bytes: int
    """Most that one `read` or `write` carries; a power of two."""
    patience: int
    """Failures of one block in a row after which a way that has worked is given up."""

    def connect(self) -> None:
        """Have it listen. Raises BootloaderError, saying what to do, when nobody does."""

    def identify(self) -> Identity:
        """What chip it is. Raises ImageError when that is none known here."""

    def read(self, address: int, size: int) -> bytes:
        """Memory."""

    def write(self, address: int, data: bytes) -> None:
        """Whole words into erased flash."""

    def erase(self, sectors: Sequence[Sector]) -> None:
        """Sectors, all of them."""

    def go(self, address: int) -> None:
        """Start the program whose vectors are there."""

    def resync(self) -> None:
        """Bring it back to where it waits for a command, whatever it waits for now."""
