"""An image into flash: checked, compared, erased where it must be, written, read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from host.flash.an3155 import BLOCK_BYTES, Bootloader
from host.flash.check import check_image
from host.flash.chips import BY_ID, FLASH_SIZE_AT, SIGNATURE_AT, Chip, Sector
from host.flash.errors import BootloaderError, ImageError, NoiseError, ProtectedError, RefusedError
from host.flash.image import Image, Piece

TRIES = 8
"""Of one command, before a line is given up."""
SECTOR_TRIES = 3
_ERASED = 0xFF
_WORD = 4
_T = TypeVar("_T")
Told = Callable[[str, int, int], None]
"""Told what is under way, and how many bytes of how many are done."""


@dataclass
class Outcome:
    """What was done to a chip; sizes in bytes."""

    chip: str
    flash_bytes: int
    image_bytes: int
    bootloader: str
    same: bool = False
    """It held the image already."""
    sectors_erased: list[int] = field(default_factory=list)
    written_bytes: int = 0
    retries: int = 0
    verified: bool = False
    started: bool = False

    def record(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


class Programmer:
    """Puts one image into the chip behind a bootloader. `wanted` are the chips that it may be, if any."""

    def __init__(
        self, bootloader: Bootloader, image: Image, *, wanted: Sequence[Chip] = (),
        told: Told = lambda what, done, of: None,
    ) -> None:
        self._bootloader = bootloader
        self._image = image
        self._wanted = wanted
        self._told = told
        self.outcome = Outcome("", 0, image.size, "")
        self._sectors: list[Sector] = []

    def prepare(self) -> None:
        """Find out what chip it is, and whether the image is for it. Raises ImageError, BootloaderError."""
        self._bootloader.connect()
        version = self._again(self._bootloader.get)
        number = self._again(self._bootloader.chip_id)
        chip = BY_ID.get(number)
        if chip is None:
            raise ImageError(f"chip {number:#05x} is no STM32F4 that is known here; use stm32flash for it")
        if self._wanted and chip not in self._wanted:
            asked = ", ".join(each.name for each in self._wanted)
            raise ImageError(f"the chip is {chip.name}, not {asked}; is it the right board?")
        flash_bytes = self._flash_bytes(chip)
        check_image(self._image, flash_bytes, f"{chip.name} with {flash_bytes >> 10} KiB")
        self._sectors = [
            sector for sector in chip.sectors(flash_bytes) if self._image.part(sector.start, sector.end)
        ]
        self.outcome.chip, self.outcome.flash_bytes = chip.name, flash_bytes
        self.outcome.bootloader = f"{version >> 4}.{version & 15}"

    def _flash_bytes(self, chip: Chip) -> int:
        """What the chip says of itself, or the most that its line has when it says nothing sensible."""
        try:
            signature = self._read(SIGNATURE_AT, BLOCK_BYTES)
        except ProtectedError:
            raise
        except RefusedError:
            return chip.flash_bytes
        at = FLASH_SIZE_AT - SIGNATURE_AT
        size = int.from_bytes(signature[at : at + 2], "little") << 10
        return size if 0 < size <= chip.flash_bytes else chip.flash_bytes

    def run(self) -> None:
        """After `prepare`: write what differs, and read all of it back. Raises BootloaderError."""
        different = [sector for sector in self._sectors if not self._holds(sector, "compare")]
        self.outcome.same = not different
        total = sum(self._bytes_of(sector) for sector in different)
        done = 0
        for sector in different:
            self._renew(sector, done, total)
            done += self._bytes_of(sector)
        self.outcome.verified = True

    def verify(self) -> None:
        """After `prepare`: compare only."""
        self.outcome.same = self.outcome.verified = all(
            self._holds(sector, "compare") for sector in self._sectors
        )

    def start(self) -> bool:
        """Run what is at the image's beginning; whether the bootloader said that it does.

        When its last yes is lost the program runs already, and nobody answers any more.
        """
        try:
            self._again(lambda: self._bootloader.go(self._image.pieces[0].address))
        except BootloaderError:
            return False
        return True

    def _bytes_of(self, sector: Sector) -> int:
        return sum(len(piece.data) for piece in self._image.part(sector.start, sector.end))

    def _renew(self, sector: Sector, done: int, total: int) -> None:
        """Erase a sector, write it, and compare: two errors in a block may hide from its checksum."""
        for _ in range(SECTOR_TRIES):
            self._told("erase", done, total)
            self._again(lambda: self._bootloader.erase([sector.number]))
            self.outcome.sectors_erased.append(sector.number)
            written = done
            for piece in self._image.part(sector.start, sector.end):
                for block in _blocks(piece):
                    self._write(block)
                    written += len(block.data)
                    self._told("write", min(written, total), total)
            if self._holds(sector, "verify"):
                return
            self.outcome.retries += 1
        raise BootloaderError(
            f"sector {sector.number} at {sector.start:#010x} does not hold what was written, {SECTOR_TRIES} "
            "times; shorten the cable or take a lower --baud, and if that does not help the flash is worn"
        )

    def _write(self, block: Piece) -> None:
        if any(byte != _ERASED for byte in block.data):  # else it is there already
            self._again(lambda: self._bootloader.write(block.address, block.data))
            self.outcome.written_bytes += len(block.data)

    def _holds(self, sector: Sector, what: str) -> bool:
        """Whether a sector has its part of the image. A difference is read again: it may be noise."""
        total, done = self._bytes_of(sector), 0
        for piece in self._image.part(sector.start, sector.end):
            for at in range(0, len(piece.data), BLOCK_BYTES):
                wanted = piece.data[at : at + BLOCK_BYTES]
                if not any(self._read(piece.address + at, len(wanted)) == wanted for _ in range(3)):
                    return False
                done += len(wanted)
                self._told(what, done, total)
        return True

    def _read(self, address: int, size: int) -> bytes:
        return self._again(lambda: self._bootloader.read(address, size))

    def _again(self, action: Callable[[], _T]) -> _T:
        """Do it until it is done, for a line that loses bytes. Raises what the last try did."""
        for left in reversed(range(TRIES)):
            try:
                return action()
            except (RefusedError, NoiseError):
                if not left:
                    raise
                self.outcome.retries += 1
                self._bootloader.resync()  # also after a no: it may come from a place off by a byte
        raise AssertionError("unreachable")


def _blocks(piece: Piece) -> list[Piece]:
    """Blocks that begin at multiples of their size, filled up to whole words with what erased flash holds."""
    start = piece.address - piece.address % _WORD
    data = bytes([_ERASED]) * (piece.address - start) + piece.data
    data += bytes([_ERASED]) * (-len(data) % _WORD)
    found, at = [], 0
    while at < len(data):
        size = BLOCK_BYTES - (start + at) % BLOCK_BYTES
        found.append(Piece(start + at, data[at : at + size]))
        at += size
    return found
