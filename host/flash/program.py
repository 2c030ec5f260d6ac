"""An image into flash: checked, compared, erased where it must be, written, read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from host.flash.bootloader import Bootloader
from host.flash.check import check_image
from host.flash.chips import Chip, Sector
from host.flash.errors import BootloaderError, ImageError, NoiseError
from host.flash.image import FLASH_START, Image, Piece
from host.flash.persistent import Persistent

SECTOR_TRIES = 4
"""Of what fails in the same place."""
_MOST_RENEWALS = 24
"""Of a sector, wherever that fails: the noisier a line, the more blocks are hit where no checksum tells."""
_READINGS = 3
"""Of a difference, before it counts: two may be hit in the same bit."""
_START_TRIES = 2
"""A bootloader that is silent after the first has most likely started the program."""
_ERASED = 0xFF
_WORD = 4
_SHORTER = "shorten the cable, or on a UART lower --baud"
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
        self._line = Persistent(bootloader)
        self._outcome = Outcome("", 0, image.size, "")
        self._sectors: list[Sector] = []

    @property
    def outcome(self) -> Outcome:
        """What was done until now."""
        self._outcome.retries = self._line.retries
        return self._outcome

    def prepare(self) -> None:
        """Find out what chip it is, and whether the image is for it. Raises ImageError, BootloaderError."""
        self._bootloader.connect()
        found = self._line.again(self._bootloader.identify)
        if self._wanted and not set(found.chips) & set(self._wanted):
            asked = ", ".join(each.name for each in self._wanted)
            raise ImageError(f"the chip is {found.name}, not {asked}; is it the right board?")
        check_image(self._image, found.flash_bytes, f"{found.name} with {found.flash_bytes >> 10} KiB")
        self._sectors = [
            sector for sector in found.sectors if self._image.part(sector.start, sector.end)
        ]
        self._outcome.chip, self._outcome.flash_bytes = found.name, found.flash_bytes
        self._outcome.bootloader = found.bootloader

    def run(self) -> None:
        """After `prepare`: write what differs, and read all of it back. Raises BootloaderError."""
        different = self._differing(self._sectors, "compare")
        self._outcome.same = not different
        for _ in range(SECTOR_TRIES):
            if not different:
                self._outcome.verified = True
                return
            total, done = sum(map(self._bytes_of, different)), 0
            for sector in different:
                self._renew(sector, done, total)
                done += self._bytes_of(sector)
            last = different[-1]
            # An address hit twice in the same bit passes its checksum: the block went elsewhere, maybe into
            # a sector that was compared before. A line without a failure has not done that.
            others = [sector for sector in self._sectors if sector != last] if self._line.retries else []
            different = self._differing(others, "verify")
        raise BootloaderError(f"the flash changes behind what was written; {_SHORTER}")

    def verify(self) -> None:
        """After `prepare`: compare only."""
        self._outcome.same = self._outcome.verified = not self._differing(self._sectors, "compare", most=1)

    def start(self) -> bool:
        """Run what is at the flash's beginning, as a reset would; whether the bootloader said that it does.

        When its last yes is lost the program runs already, and nobody answers any more.
        """
        try:
            self._line.again(lambda: self._bootloader.go(FLASH_START), _START_TRIES)
        except BootloaderError:
            return False
        return True

    def _bytes_of(self, sector: Sector) -> int:
        return sum(len(piece.data) for piece in self._image.part(sector.start, sector.end))

    def _differing(self, sectors: Sequence[Sector], what: str, most: int | None = None) -> list[Sector]:
        """Those, or the first few, that do not have their part of the image."""
        found: list[Sector] = []
        done, total = 0, sum(map(self._bytes_of, sectors))
        for sector in sectors:
            if len(found) == most:
                break
            if self._difference_in(sector, what, done, total) is not None:
                found.append(sector)
            done += self._bytes_of(sector)
        return found

    def _renew(self, sector: Sector, done: int, total: int) -> None:
        """Erase a sector, write it, and compare: two errors in a block may hide from its checksum.

        A worn place is wrong each time, what a line does is somewhere else each time.
        """
        wrong: Counter[int] = Counter()
        for _ in range(_MOST_RENEWALS):
            self._told("erase", done, total)
            self._line.again(lambda: self._bootloader.erase([sector]))
            self._outcome.sectors_erased.append(sector.number)
            written = done
            for piece in self._image.part(sector.start, sector.end):
                self._line.each_block(_in_words(piece), self._write, self._progress("write", written, total))
                written += len(piece.data)
            at = self._difference_in(sector, "verify", 0, self._bytes_of(sector))
            if at is None:
                return
            self._line.retries += 1
            self._line.shrink()
            wrong[at] += 1
            if wrong[at] == SECTOR_TRIES:
                break
        raise BootloaderError(
            f"sector {sector.number} at {sector.start:#010x} does not hold what was written, "
            f"{wrong.total()} times; {_SHORTER}; if that does not help the flash is worn"
        )

    def _write(self, block: Piece) -> None:
        if any(byte != _ERASED for byte in block.data):  # else it is there already
            self._bootloader.write(block.address, block.data)
            self._outcome.written_bytes += len(block.data)

    def _difference_in(self, sector: Sector, what: str, done: int, total: int) -> int | None:
        """Where a sector first differs from its part of the image; so much was looked at of all."""
        for piece in self._image.part(sector.start, sector.end):
            at = self._line.each_block(piece, self._difference, self._progress(what, done, total))
            if at is not None:
                return at
            done += len(piece.data)
        return None

    def _difference(self, block: Piece) -> int | None:
        """What is read has no checksum: a difference counts when it is read the same each time.

        Raises NoiseError when it is not.
        """
        first = b""
        for _ in range(_READINGS):
            found = self._bootloader.read(block.address, len(block.data))
            if found == block.data:
                return None
            if first and found != first:
                raise NoiseError(f"what is read is another thing each time; {_SHORTER}")
            first = found
        return block.address + next(at for at, byte in enumerate(block.data) if byte != first[at])

    def _progress(self, what: str, done: int, total: int) -> Callable[[int], None]:
        """For a part of the work, after so much of all of it. A piece filled up to words may be more."""
        return lambda more: self._told(what, min(done + more, total), total)


def _in_words(piece: Piece) -> Piece:
    """Filled up to whole words with what erased flash holds."""
    before, behind = piece.address % _WORD, -piece.end % _WORD
    blank = bytes([_ERASED])
    return Piece(piece.address - before, blank * before + piece.data + blank * behind)
