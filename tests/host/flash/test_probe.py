"""A chip behind a debug probe is flashed as one in its bootloader is: pyOCD is real, the probe simulated."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from host.cli.main import run
from host.flash import BootloaderError, Image, ImageError, probe_session
from host.flash.chips import BY_ID, chips_named
from host.flash.image import FLASH_START, Piece
from host.flash.probe import ProbedChip
from host.flash.program import Programmer
from tests.host.flash.simulated_probe import SimulatedChip, SimulatedProbe

CONTENT = struct.pack("<II", 0x2001_0000, FLASH_START + 0x201) + Random(1).randbytes(20_003)
IMAGE = Image((Piece(FLASH_START, CONTENT),))


@contextmanager
def programmer(
    chip: SimulatedChip | None, image: Image = IMAGE, wanted: str = "", serial: str | None = None,
) -> Iterator[Programmer]:
    probes = [SimulatedProbe(chip)]
    with closing(ProbedChip(serial, lambda: probes)) as probed:
        yield Programmer(probed, image, wanted=chips_named(wanted) if wanted else ())


def prepare_and_run(work: Programmer) -> None:
    work.prepare()
    work.run()


def test_an_image_is_written_through_a_probe_read_back_and_started() -> None:
    chip = SimulatedChip()
    chip.flash[0x8000:0x8010] = b"old settings, ok"
    here = Path.cwd()
    with programmer(chip, wanted="f405") as work:
        work.prepare()
        assert chip.is_halted
        work.run()
        resets = chip.resets
        assert work.start()
    assert chip.flash[: len(CONTENT)] == CONTENT
    assert chip.flash[0x8000:0x8010] == b"old settings, ok"
    assert chip.erased == [0, 1]
    assert work.outcome.retries == 0
    assert (chip.resets, chip.is_halted) == (resets + 1, False)
    assert chip.is_locked
    assert not chip.debugging
    assert Path.cwd() == here


def test_a_second_run_through_a_probe_writes_nothing_and_the_chip_runs_on() -> None:
    chip = SimulatedChip()
    chip.flash[: len(CONTENT)] = CONTENT
    with programmer(chip) as work:
        prepare_and_run(work)
    assert work.outcome.same
    assert (chip.erased, chip.written_words) == ([], 0)
    assert (chip.is_halted, chip.debugging) == (False, False)


def test_a_chip_that_was_changed_and_is_not_to_run_stays_halted_and_locked() -> None:
    chip = SimulatedChip()
    with programmer(chip) as work:
        prepare_and_run(work)
        assert not chip.is_locked
    assert chip.is_halted
    assert chip.is_locked


@pytest.mark.parametrize(("chip_id", "number"), [(0x419, 12), (0x419, 13), (0x463, 12), (0x463, 15)])
def test_sectors_beyond_the_first_mebibyte_are_erased_by_their_own_numbers(chip_id: int, number: int) -> None:
    """Chips with two banks have other numbers for them than chips with one."""
    chip = SimulatedChip(chip_id)
    (sector,) = [each for each in BY_ID[chip_id].sectors() if each.number == number]
    old, new, at = b"\x00" * 64, b"far behind.." * 5, sector.start - FLASH_START
    chip.flash[at : at + len(old)] = chip.flash[:64] = old
    with programmer(chip, Image((Piece(sector.start, new),))) as work:
        prepare_and_run(work)
    assert chip.erased == [number]
    assert chip.flash[at : at + len(new)] == new
    assert chip.flash[:64] == old


@pytest.mark.parametrize(("told_kib", "held_kib"), [(0xFFFF, 1024), (0, 1024), (512, 512)])
def test_a_size_that_no_such_chip_has_is_not_believed(told_kib: int, held_kib: int) -> None:
    with programmer(SimulatedChip(told_kib=told_kib)) as work:
        work.prepare()
    assert work.outcome.flash_bytes == held_kib << 10


def test_the_first_chips_of_the_line_are_known_by_their_core() -> None:
    with programmer(SimulatedChip(0x411)) as work:
        work.prepare()
    assert work.outcome.chip == "STM32F405/407"


def test_a_write_protected_sector_is_told_of_once_with_what_to_do() -> None:
    chip = SimulatedChip(write_protected=[1])
    with programmer(chip) as work:
        work.prepare()
        with pytest.raises(BootloaderError, match=r"write-protected; clear that .* try again"):
            work.run()
    assert chip.erased == [0]
    assert work.outcome.retries == 0


@pytest.mark.parametrize("accesses", [40, 400, 900, 3000])
def test_a_probe_that_is_pulled_out_is_a_line(accesses: int) -> None:
    probe = SimulatedProbe(SimulatedChip())
    probe.pulled_after = accesses
    with closing(ProbedChip(None, lambda: [probe])) as probed:
        work = Programmer(probed, IMAGE)
        with pytest.raises(BootloaderError, match=r"plug it in again|no chip answers"):
            prepare_and_run(work)


@pytest.mark.parametrize(("number", "said"), [
    (errno.EACCES, "may be used by root only"), (errno.EBUSY, "is in use by another program"),
])  # fmt: skip
def test_a_probe_that_cannot_be_opened_says_why(number: int, said: str) -> None:
    probe = SimulatedProbe(SimulatedChip(), opening=OSError(number, "no"))
    with closing(ProbedChip(None, lambda: [probe])) as probed, pytest.raises(BootloaderError, match=said):
        probed.connect()


@pytest.mark.parametrize(("made", "wanted", "serial", "error", "text"), [
    (lambda: None, "", None, BootloaderError, "no chip answers it .* is the board powered"),
    (SimulatedChip, "", "other", BootloaderError, "no debug probe with serial number other"),
    (SimulatedChip, "f411", None, ImageError, "the chip is .*, not STM32F411"),
    (lambda: SimulatedChip(0x440), "", None, ImageError, "calls itself 0x440"),
    (lambda: SimulatedChip(0x431, flash_kib=16), "", None, ImageError, "outside the flash"),
    (lambda: SimulatedChip(read_protection=0x00), "", None, BootloaderError, r"\(RDP\)"),
])  # fmt: skip
def test_a_chip_that_is_not_the_one_is_left_alone(
    made: Callable[[], SimulatedChip | None], wanted: str, serial: str | None, error: type[Exception],
    text: str,
) -> None:
    chip = made()
    with programmer(chip, wanted=wanted, serial=serial) as work, pytest.raises(error, match=text):
        prepare_and_run(work)
    if chip is not None:
        assert (chip.erased, chip.written_words) == ([], 0)
        assert (chip.is_halted, chip.is_locked) == (False, True)


@pytest.mark.parametrize(("serials", "port", "said"), [
    ([], "probe", "no debug probe on USB"),
    (["A1", "B2"], "probe", "give --port probe:SERIAL, one of A1, B2"),
    (["A1", "B2"], "probe:C3", "no debug probe with serial number C3"),
])
def test_which_probe_is_meant_is_said_in_a_line(
    serials: list[str], port: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(CONTENT)
    probes = [SimulatedProbe(SimulatedChip(), serial) for serial in serials]
    monkeypatch.setattr(probe_session, "connected_probes", lambda: probes)
    assert run(["flash", str(image), "--address", "0x08000000", "--port", port]) == 2
    assert said in capsys.readouterr().err


def test_the_verb_writes_through_the_probe_with_that_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(CONTENT)
    probes = [SimulatedProbe(SimulatedChip(), serial) for serial in ("A1", "B2")]
    monkeypatch.setattr(probe_session, "connected_probes", lambda: probes)
    asked = ["flash", str(image), "--address", "0x08000000", "--port", "probe:B2"]
    assert run(asked) == 0
    assert "20,0" in capsys.readouterr().out
    assert run(asked) == 0
    assert "nothing was written" in capsys.readouterr().out
    first, second = (probe.chip for probe in probes)
    assert first is not None
    assert second is not None
    assert (first.resets, second.flash[: len(CONTENT)]) == (0, CONTENT)
