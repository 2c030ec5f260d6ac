"""`host flash` against the simulated bootloader, which is held against an independent client."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import threading
import tty
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import which

import pytest

from host.cli.main import run
from host.flash import BootloaderError, Image
from host.flash.an3155 import ACK, NACK, SYNC, UartBootloader
from host.flash.chips import CHIPS, Sector, chips_named
from host.flash.image import FLASH_START, Piece
from host.flash.program import Programmer
from host.flash.pty_board import PtyBoard
from host.flash.rom_simulator import RomBootloader
from host.running import RunningBoard, announced


def program(size: int, seed: int = 1) -> bytes:
    """A program's first words, and noise."""
    return struct.pack("<II", 0x2001_0000, FLASH_START + 0x201) + Random(seed).randbytes(size - 8)


@pytest.fixture
def rom() -> RomBootloader:
    return RomBootloader()


@pytest.fixture
def board(rom: RomBootloader) -> Iterator[PtyBoard]:
    with PtyBoard(rom) as board:
        yield board


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "program.bin"
    path.write_bytes(program(40_001))
    return path


def flash(image: Path, board: PtyBoard, *options: str) -> int:
    return run(["flash", str(image), "--address", "0x08000000", "--port", board.port, *options])


def stm32flash(board: PtyBoard, *arguments: str) -> None:
    """Debian's. It insists on the parity that it sets, and a pseudo-terminal has none."""
    command = ["stm32flash", "-m", "8n1", *arguments, board.port]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(which("stm32flash") is None, reason="stm32flash is not installed (make setup does it)")
def test_stm32flash_reads_writes_and_verifies_on_the_simulated_bootloader(
    board: PtyBoard, rom: RomBootloader, image: Path, tmp_path: Path
) -> None:
    content = image.read_bytes()[:20_000]
    image.write_bytes(content)
    stm32flash(board, "-w", str(image), "-v", "-g", "0x0")
    assert rom.flash[: len(content)] == content
    back = tmp_path / "back.bin"
    stm32flash(board, "-r", str(back), "-S", f"0x08000000:{len(content)}")
    assert back.read_bytes() == content


def test_an_image_is_written_read_back_and_started(
    board: PtyBoard, rom: RomBootloader, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rom.flash[0x1_0000:0x1_0010] = b"old settings, ok"
    assert flash(image, board, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    content = image.read_bytes()
    assert rom.flash[: len(content)] == content
    assert rom.counts.erased == told["sectors_erased"] == [0, 1, 2]
    assert rom.flash[0x1_0000:0x1_0010] == b"old settings, ok"
    assert (told["chip"], told["flash_bytes"], told["bootloader"]) == ("STM32F405/407", 1 << 20, "3.1")
    assert told["verified"]
    assert rom.counts.went_to == FLASH_START


def test_a_second_run_finds_the_same_content_and_writes_nothing(
    board: PtyBoard, rom: RomBootloader, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flash(image, board) == 0
    writes, erased = rom.counts.writes, list(rom.counts.erased)
    assert flash(image, board) == 0
    assert "holds this image already; nothing was written" in capsys.readouterr().out
    assert (rom.counts.writes, rom.counts.erased) == (writes, erased)


def test_only_sectors_that_differ_are_written_again(
    board: PtyBoard, rom: RomBootloader, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flash(image, board) == 0
    content = bytearray(image.read_bytes())
    content[20_000] ^= 1
    image.write_bytes(content)
    rom.counts.erased.clear()
    assert flash(image, board, "--verify-only") == 1
    assert rom.counts.erased == []
    assert flash(image, board, "--no-run") == 0
    assert rom.counts.erased == [1]
    assert rom.flash[: len(content)] == content


@pytest.mark.parametrize(("size", "flip_rate", "seed"), [(12_000, 0.0005, 1), (3_000, 0.002, 2)])
def test_a_chip_that_refuses_one_in_a_hundred_on_a_noisy_line_gets_all_of_it(
    image: Path, size: int, flip_rate: float, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    image.write_bytes(program(size))
    rom = RomBootloader(nack_rate=0.01, flip_rate=flip_rate, seed=seed)
    with PtyBoard(rom) as board:
        assert flash(image, board, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["retries"] > 0
    content = image.read_bytes()
    assert rom.flash[: len(content)] == content


@pytest.mark.parametrize(("chip", "options", "text"), [
    (RomBootloader(0x431), ("--chip", "f405"), "the chip is STM32F411, not STM32F405/407"),
    (RomBootloader(told_id=0x410), (), "chip 0x410 is no STM32F4 that is known here"),
    (RomBootloader(0x423, flash_kib=16), (), "outside the flash of STM32F401xB/C with 16 KiB"),
])  # fmt: skip
def test_nothing_is_written_to_a_chip_that_the_image_is_not_for(
    chip: RomBootloader, options: tuple[str, ...], text: str, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with PtyBoard(chip) as board:
        assert flash(image, board, *options) == 2
    assert text in capsys.readouterr().err
    assert (chip.counts.writes, chip.counts.erased) == (0, [])


def test_a_protected_chip_is_named_and_left_alone(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rom = RomBootloader(protected=True)
    with PtyBoard(rom) as board:
        assert flash(image, board) == 2
    assert "protected against reading (RDP)" in capsys.readouterr().err
    assert (rom.counts.writes, rom.counts.erased) == (0, [])


def test_a_write_protected_chip_is_told_with_what_lifts_it(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class WriteProtected(RomBootloader):
        def _erase_sector(self, sector: Sector) -> None:
            self._out[:] = bytes([NACK])

    with PtyBoard(WriteProtected()) as board:
        assert flash(image, board) == 1
    assert "`stm32flash -u` lifts that" in capsys.readouterr().err


def test_no_bootloader_says_what_to_do(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Silent(RomBootloader):
        def feed(self, data: bytes) -> None:
            pass

    with PtyBoard(Silent()) as board:
        assert flash(image, board) == 2
    assert "no bootloader answers; set BOOT0 high" in capsys.readouterr().err


def telemetry(_written: bytes) -> bytes:
    """A car at work: more at each look than was read."""
    return Random(1).randbytes(600)


def acknowledged_by_chance(written: bytes) -> bytes:
    """A program whose answer to the first byte happens to be ACK, and to all others is not."""
    return bytes([ACK]) if written == bytes([SYNC]) else b"?"


@pytest.mark.parametrize(("answer", "text"), [
    (telemetry, "a program is running on the board and speaks"),
    (acknowledged_by_chance, "what answers does not speak as a bootloader"),
])  # fmt: skip
def test_a_running_program_is_not_taken_for_a_bootloader(answer: Callable[[bytes], bytes], text: str) -> None:
    class Program:
        timeout: float | None = None

        def __init__(self) -> None:
            self.out = b""

        def write(self, data: bytes) -> None:
            self.out += answer(data)

        def read(self, size: int) -> bytes:
            self.out += answer(b"") if answer is telemetry else b""
            read, self.out = self.out[:size], self.out[size:]
            return read

        def reset_input_buffer(self) -> None:
            self.out = b""

    work = Programmer(UartBootloader(Program()), Image((Piece(FLASH_START, program(100)),)))
    with pytest.raises(BootloaderError, match=text) as caught:
        work.prepare()
    assert "BOOT0 high" in str(caught.value)


def test_a_board_that_is_pulled_off_in_the_middle_is_told(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    rom = RomBootloader()

    def serve_a_little() -> None:
        while rom.counts.writes < 3:
            rom.feed(os.read(ours, 4096))
            os.write(ours, rom.take())
        os.close(ours)

    server = threading.Thread(target=serve_a_little)
    server.start()
    assert run(["flash", str(image), "--address", "0x08000000", "--port", os.ttyname(theirs)]) == 1
    server.join()
    os.close(theirs)
    assert "gone in the middle" in capsys.readouterr().err


def test_a_start_that_is_not_seen_is_told_and_the_image_is_there(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Eager(RomBootloader):
        def take(self) -> bytes:
            return b"" if self.counts.went_to else super().take()

    rom = Eager()
    with PtyBoard(rom) as board:
        assert flash(image, board, "--json") == 0
    told = capsys.readouterr()
    assert "not seen to start" in told.err
    assert json.loads(told.out)["verified"]
    assert not json.loads(told.out)["started"]


@pytest.mark.parametrize(("name", "content", "text"), [
    ("a.hex", ":0100000001FE\n", "cut short"),
    ("a.bin", "0123456789", "could not run it"),
])  # fmt: skip
def test_a_file_that_is_no_program_is_refused_before_the_port_is_opened(
    name: str, content: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(content)
    address = ["--address", "0x08000000"] if name.endswith(".bin") else []
    assert run(["flash", str(path), *address, "--port", "/dev/nothing"]) == 2
    assert text in capsys.readouterr().err


def test_a_port_that_is_not_there_is_told(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["flash", str(image), "--address", "0x08000000", "--port", "/dev/nothing"]) == 1
    told = capsys.readouterr().err
    assert "/dev/nothing: cannot be opened (No such file or directory); check its name" in told
    assert told.count("/dev/nothing") == 1


def test_without_a_port_an_emulated_car_is_not_taken_for_a_bootloader(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    car = RunningBoard("socket://127.0.0.1:1", "socket://127.0.0.1:2", "socket://127.0.0.1:3", "qemu")
    with announced(car):
        assert run(["flash", str(image), "--address", "0x08000000"]) == 2
    told = capsys.readouterr().err
    assert "no port of a bootloader found; plug in a USB-UART adapter" in told
    assert "host emulate --bootloader" in told


def test_chips_are_known_by_their_names() -> None:
    assert [chip.id for chip in chips_named("stm32f405rg")] == [0x413]
    assert [chip.id for chip in chips_named("F407")] == [0x413]
    assert [chip.id for chip in chips_named("F4")] != []
    assert chips_named("F103") == []
    for chip in CHIPS:
        assert chips_named(chip.name) == [chip]


def test_sectors_fill_the_flash_without_a_gap() -> None:
    for chip in chips_named("F4"):
        sectors = chip.sectors()
        assert sectors[0].start == FLASH_START
        assert sectors[-1].end == FLASH_START + chip.flash_bytes
        assert all(a.end == b.start for a, b in pairwise(sectors))
