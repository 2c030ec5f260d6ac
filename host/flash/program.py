"""An image into flash: checked, compared, erased where it must be, written, read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Protocol, TypeVar

from host.flash.check import check_image
from host.flash.chips import Chip, Identity, Sector
from host.flash.errors import BootloaderError, ImageError, NoiseError, RefusedError
from host.flash.image import FLASH_START, Image, Piece

TRIES = 8
"""Of one command, before a line is given up."""
SECTOR_TRIES = 4
_START_TRIES = 2
"""A bootloader that is silent after the first has most likely started the program."""
_LEAST_BYTES = 16
_PASSED_TO_GROW = 64
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


class Bootloader(Protocol):
    """A way to a chip's memory. Methods raise RefusedError or NoiseError for what may be tried again."""

    block_bytes: int
    """Most that one `read` or `write` carries; a power of two."""

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


class _BlockSize:
    """How many bytes a command carries: fewer while the line fails often, so that less is lost each time."""

    def __init__(self, most: int) -> None:
        self.bytes = self._most = most
        self._passed = 0

    def shrink(self) -> None:
        """One failed more than once."""
        self.bytes, self._passed = max(_LEAST_BYTES, self.bytes // 2), 0

    def passed(self) -> None:
        """One went through."""
        self._passed += 1
        if self._passed == _PASSED_TO_GROW:
            self.bytes, self._passed = min(self._most, self.bytes * 2), 0


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
        self._size = _BlockSize(bootloader.block_bytes)

    def prepare(self) -> None:
        """Find out what chip it is, and whether the image is for it. Raises ImageError, BootloaderError."""
        self._bootloader.connect()
        found = self._again(self._bootloader.identify)
        if self._wanted and not set(found.chips) & set(self._wanted):
            asked = ", ".join(each.name for each in self._wanted)
            raise ImageError(f"the chip is {found.name}, not {asked}; is it the right board?")
        check_image(self._image, found.flash_bytes, f"{found.name} with {found.flash_bytes >> 10} KiB")
        self._sectors = [
            sector for sector in found.sectors if self._image.part(sector.start, sector.end)
        ]
        self.outcome.chip, self.outcome.flash_bytes = found.name, found.flash_bytes
        self.outcome.bootloader = found.bootloader

    def run(self) -> None:
        """After `prepare`: write what differs, and read all of it back. Raises BootloaderError."""
        different, compared = [], 0
        for sector in self._sectors:
            if not self._holds(sector, "compare", compared, self._image.size):
                different.append(sector)
            compared += self._bytes_of(sector)
        self.outcome.same = not different
        total = sum(self._bytes_of(sector) for sector in different)
        done = 0
        for sector in different:
            self._renew(sector, done, total)
            done += self._bytes_of(sector)
        self.outcome.verified = True

    def verify(self) -> None:
        """After `prepare`: compare only."""
        done, same = 0, True
        for sector in self._sectors:
            same = same and self._holds(sector, "compare", done, self._image.size)
            done += self._bytes_of(sector)
        self.outcome.same = self.outcome.verified = same

    def start(self) -> bool:
        """Run what is at the flash's beginning, as a reset would; whether the bootloader said that it does.

        When its last yes is lost the program runs already, and nobody answers any more.
        """
        try:
            self._again(lambda: self._bootloader.go(FLASH_START), _START_TRIES)
        except BootloaderError:
            return False
        return True

    def _bytes_of(self, sector: Sector) -> int:
        return sum(len(piece.data) for piece in self._image.part(sector.start, sector.end))

    def _renew(self, sector: Sector, done: int, total: int) -> None:
        """Erase a sector, write it, and compare: two errors in a block may hide from its checksum."""
        for _ in range(SECTOR_TRIES):
            self._told("erase", done, total)
            self._again(lambda: self._bootloader.erase([sector]))
            self.outcome.sectors_erased.append(sector.number)
            written = done
            for piece in self._image.part(sector.start, sector.end):
                self._each_block(_in_words(piece), self._write, "write", written, total)
                written += len(piece.data)
            if self._holds(sector, "verify", 0, self._bytes_of(sector)):
                return
            self.outcome.retries += 1
            self._size.shrink()
        raise BootloaderError(
            f"sector {sector.number} at {sector.start:#010x} does not hold what was written, {SECTOR_TRIES} "
            "times; shorten the cable, or on a UART lower --baud; if that does not help the flash is worn"
        )

    def _write(self, block: Piece) -> bool:
        if any(byte != _ERASED for byte in block.data):  # else it is there already
            self._bootloader.write(block.address, block.data)
            self.outcome.written_bytes += len(block.data)
        return True

    def _holds(self, sector: Sector, what: str, done: int, total: int) -> bool:
        """Whether a sector has its part of the image; so much was done of all that is to be looked at."""
        for piece in self._image.part(sector.start, sector.end):
            if not self._each_block(piece, self._is_there, what, done, total):
                return False
            done += len(piece.data)
        return True

    def _is_there(self, block: Piece) -> bool:
        """What is read has no checksum: a difference counts when it is read twice."""
        seen: set[bytes] = set()
        while len(seen) < TRIES:
            found = self._bootloader.read(block.address, len(block.data))
            if found == block.data:
                return True
            if found in seen:
                return False
            seen.add(found)
        return False

    def _each_block(
        self, piece: Piece, action: Callable[[Piece], bool], what: str, done: int, total: int
    ) -> bool:
        """Do it to all of a piece, again where the line failed, until it says False."""
        at, failures = piece.address, 0
        while at < piece.end:
            end = min(piece.end, at - at % self._size.bytes + self._size.bytes)
            block = Piece(at, piece.data[at - piece.address : end - piece.address])
            try:
                if not action(block):
                    return False
            except (RefusedError, NoiseError):
                failures += 1
                if failures == TRIES:
                    raise
                self._recover(failures)
                continue
            self._size.passed()
            done, at, failures = done + len(block.data), end, 0
            self._told(what, min(done, total), total)
        return True

    def _recover(self, failures: int) -> None:
        """After a failure, the first or a later one in a row."""
        self.outcome.retries += 1
        self._bootloader.resync()  # also after a no: it may come from a place off by a byte
        if failures > 1:
            self._size.shrink()

    def _again(self, action: Callable[[], _T], tries: int = TRIES) -> _T:
        """Do it until it is done, for a line that loses bytes. Raises what the last try did."""
        for left in reversed(range(tries)):
            try:
                return action()
            except (RefusedError, NoiseError):
                if not left:
                    raise
                self._recover(1)
        raise AssertionError("unreachable")


def _in_words(piece: Piece) -> Piece:
    """Filled up to whole words with what erased flash holds."""
    before, behind = piece.address % _WORD, -piece.end % _WORD
    blank = bytes([_ERASED])
    return Piece(piece.address - before, blank * before + piece.data + blank * behind)
