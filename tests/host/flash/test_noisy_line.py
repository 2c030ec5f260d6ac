"""A line that hits bytes and a bootloader that refuses: the image is there, or it is said why not."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from host.flash import BootloaderError, Image
from host.flash.an3155 import WRITE, UartBootloader
from host.flash.errors import NoiseError
from host.flash.image import FLASH_START, Piece
from host.flash.program import Programmer
from host.flash.rom_simulator import RomBootloader
from tests.host.flash.direct_wire import DirectWire
from tests.host.flash.test_flash import program


def noisy(seed: int, flash_kib: int | None = None) -> RomBootloader:
    """One byte in a hundred is hit each way, and one command in a hundred refused."""
    return RomBootloader(flash_kib=flash_kib, nack_rate=0.01, flip_rate=0.01, seed=seed)


def programmer(wire: DirectWire, content: bytes) -> Programmer:
    return Programmer(UartBootloader(wire), Image((Piece(FLASH_START, content),)))


@pytest.mark.parametrize(("size", "seeds"), [(3_000, range(12)), (12_000, range(4))])
def test_one_byte_in_a_hundred_hit_and_one_command_in_a_hundred_refused_is_survived(
    size: int, seeds: range
) -> None:
    content = program(size)
    for seed in seeds:
        rom = noisy(seed)
        work = programmer(DirectWire(rom), content)
        work.prepare()
        work.run()
        assert work.outcome.verified
        assert rom.flash[:size] == content


def test_a_chip_whose_answers_are_hit_is_still_taken_for_what_it_is() -> None:
    told = set()
    for seed in range(200):
        rom = noisy(seed, flash_kib=512)
        work = programmer(DirectWire(rom), program(100))
        work.prepare()
        told.add((work.outcome.chip, work.outcome.flash_bytes, work.outcome.bootloader))
    assert told == {("STM32F405/407", 512 << 10, "3.1")}


def test_a_block_that_went_into_a_sector_compared_before_is_found_and_mended() -> None:
    class Astray(RomBootloader):
        """Two hits in the same bit of an address pass its checksum: the first block goes elsewhere."""

        is_first = True

        def _done_at(self, code: int, address: int) -> Generator[int, bytes, None]:
            if code == WRITE and self.is_first:
                self.is_first, address = False, FLASH_START
            return super()._done_at(code, address)

    rom = Astray(nack_rate=0.05)
    content = program(20_000)
    rom.flash[: 16 << 10] = content[: 16 << 10]
    work = programmer(DirectWire(rom), content)
    work.prepare()
    work.run()
    assert rom.flash[: len(content)] == content
    assert 0 in rom.counts.erased


def test_a_line_that_dies_on_the_way_is_told_within_half_a_minute() -> None:
    class Dying(RomBootloader):
        def take(self) -> bytes:
            return super().take() if self.counts.writes < 9 else b""

    wire = DirectWire(Dying())
    work = programmer(wire, program(12_000))
    work.prepare()
    with pytest.raises(BootloaderError, match="the bootloader fell silent: 0 of 1 bytes"):
        work.run()
    assert wire.seconds < 30


def test_a_block_that_was_not_sent_is_not_written_by_what_brings_the_bootloader_back() -> None:
    """Filled up with a right checksum, it would be written with whatever the line makes of it."""

    class LosesTheAnswerToAnAddress(DirectWire):
        def write(self, data: bytes) -> None:
            super().write(data)
            if len(data) == 5:
                self.rom.take()

    rom = RomBootloader()
    bootloader = UartBootloader(LosesTheAnswerToAnAddress(rom))
    bootloader.connect()
    with pytest.raises(NoiseError):
        bootloader.write(FLASH_START, b"1234")
    bootloader.resync()
    assert bootloader.get() == 0x31
    assert rom.counts.writes == 0


@pytest.mark.parametrize("bit", range(8))
def test_an_erase_whose_number_of_sectors_was_hit_is_done_again(bit: int) -> None:
    class Hit(RomBootloader):
        is_first = True

        def feed(self, data: bytes) -> None:
            if self.is_first and data[:2] == b"\0\0" and len(data) == 5:
                self.is_first, data = False, bytes([1 << bit]) + data[1:]
            super().feed(data)

    wire = DirectWire(Hit())
    content = program(3_000)
    work = programmer(wire, content)
    work.prepare()
    work.run()
    assert wire.rom.flash[: len(content)] == content
    assert wire.seconds < 30
