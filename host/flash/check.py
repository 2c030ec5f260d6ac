"""Whether an image fits a chip, before the chip is touched."""

from __future__ import annotations

from collections.abc import Sequence

from host.flash.chips import Chip
from host.flash.errors import ImageError
from host.flash.image import FLASH_START, Image

_RAM = ((0x2000_0000, 0x2008_0000), (0x1000_0000, 0x1001_0000))
"""SRAM, and the core-coupled memory that some have."""
_VECTORS = 8
"""Bytes that the core reads when it starts: the stack's end, and where the program begins."""


def check_for_some(image: Image, chips: Sequence[Chip]) -> None:
    """What can be said before a port is opened: raises ImageError when not even the largest chip fits."""
    largest = max(chips, key=lambda chip: chip.flash_bytes)
    check_image(image, largest.flash_bytes, f"{largest.name} with {largest.flash_bytes >> 10} KiB")


def check_image(image: Image, flash_bytes: int, name: str) -> None:
    """Raises ImageError when a chip with so much flash cannot hold it, or could not start it."""
    end = FLASH_START + flash_bytes
    for piece in image.pieces:
        if piece.address < FLASH_START or piece.end > end:
            raise ImageError(
                f"its bytes at {piece.address:#010x} to {piece.end:#010x} are outside the flash of {name}, "
                f"{FLASH_START:#010x} to {end:#010x}; build it for this chip, or check --address"
            )
    vectors = b"".join(piece.data for piece in image.part(FLASH_START, FLASH_START + _VECTORS))
    if vectors:
        _check_vectors(vectors, end)


def _check_vectors(vectors: bytes, end: int) -> None:
    """ARMv7-M Architecture Reference Manual, B1.5.3: an even stack in RAM, an odd (Thumb) start in flash."""
    stack = int.from_bytes(vectors[:4], "little")
    start = int.from_bytes(vectors[4:_VECTORS], "little")
    in_ram = any(low < stack <= high for low, high in _RAM)
    if len(vectors) < _VECTORS or not in_ram or stack % 4 or not start % 2 or not FLASH_START < start < end:
        raise ImageError(
            f"it begins with {vectors.hex(' ')}, which is no stack in RAM and start in flash: the chip could "
            "not run it; check that it is a program for a Cortex-M, and --address"
        )
