"""STM32F4 chips by what their bootloader calls them (ST, AN2606): sizes, and how their flash is divided.

Sectors are as in the reference manuals' "Embedded Flash memory" chapters: four of 16 KiB, one of 64 KiB,
the others of 128 KiB; chips with two banks have that twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from host.flash.image import FLASH_START

_K = 1024
_SMALL = (16 * _K,) * 4 + (64 * _K,)
_LARGE = 128 * _K
FLASH_SIZE_AT = 0x1FFF_7A22
"""Where the size of the chip's flash stands, in KiB, 16 bits (RM0090, 39.2)."""
SIGNATURE_AT = 0x1FFF_7A00
"""The 256 bytes around it. Some bootloaders refuse to read the two bytes alone, but not all of these."""


@dataclass(frozen=True)
class Sector:
    """The smallest part of flash that can be erased."""

    number: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """The address behind its last byte."""
        return self.start + self.size


@dataclass(frozen=True)
class Chip:
    """One line of chips. `flash_bytes` is what the largest of them has."""

    id: int
    name: str
    flash_bytes: int
    banks: int = 1

    def sectors(self, flash_bytes: int | None = None) -> list[Sector]:
        """All sectors of a chip with so much flash."""
        size = min(flash_bytes or self.flash_bytes, self.flash_bytes)
        sizes: list[int] = []
        for _ in range(self.banks):
            bank = list(_SMALL)
            while sum(bank) < self.flash_bytes // self.banks:
                bank.append(_LARGE)
            sizes += bank
        found, start = [], FLASH_START
        for number, each in enumerate(sizes):
            if start + each > FLASH_START + size:
                break
            found.append(Sector(number, start, each))
            start += each
        return found


@dataclass(frozen=True)
class Identity:
    """What a bootloader tells of its chip."""

    chips: tuple[Chip, ...]
    """All that it may be."""
    name: str
    flash_bytes: int
    sectors: tuple[Sector, ...]
    bootloader: str
    """Its version."""


CHIPS = (
    Chip(0x413, "STM32F405/407", 1024 * _K),
    Chip(0x419, "STM32F42x/43x", 2048 * _K, banks=2),
    Chip(0x421, "STM32F446", 512 * _K),
    Chip(0x423, "STM32F401xB/C", 256 * _K),
    Chip(0x431, "STM32F411", 512 * _K),
    Chip(0x433, "STM32F401xD/E", 512 * _K),
    Chip(0x434, "STM32F469/479", 2048 * _K, banks=2),
    Chip(0x441, "STM32F412", 1024 * _K),
    Chip(0x458, "STM32F410", 128 * _K),
    Chip(0x463, "STM32F413/423", 1536 * _K),
)
BY_ID = {chip.id: chip for chip in CHIPS}


def chips_named(text: str) -> list[Chip]:
    """The chips whose name begins as the text does, such as f405, STM32F411 or f42, or is the text."""
    wanted = text.upper().removeprefix("STM32")
    return [chip for chip in CHIPS if wanted == chip.name.upper().removeprefix("STM32") or any(
        name.startswith(wanted) or (wanted and wanted.startswith(name.rstrip("X")))
        for name in _spelled(chip.name)
    )]


def _spelled(name: str) -> list[str]:
    """F405/407 is F405 or F407."""
    first, *others = name.upper().removeprefix("STM32").split("/")
    return [first, *(other if other.startswith("F") else first[: -len(other)] + other for other in others)]
