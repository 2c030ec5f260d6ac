"""A chip behind a debug probe is flashed as one in its bootloader is: pyOCD is real, the probe simulated."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from host.cli.main import run
from host.flash import BootloaderError, Image, ImageError
from host.flash import probe as probe_module
from host.flash.chips import chips_named
from host.flash.errors import RefusedError
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
    assert Path.cwd() == here


def test_a_second_run_through_a_probe_writes_nothing_and_the_flash_stays_locked() -> None:
    chip = SimulatedChip()
    chip.flash[: len(CONTENT)] = CONTENT
    with programmer(chip) as work:
        work.prepare()
        work.run()
    assert work.outcome.same
    assert (chip.erased, chip.written_words) == ([], 0)
    with programmer(chip, Image((Piece(FLASH_START, CONTENT[:-1]),))) as work:
        work.prepare()
        work.run()
    chip.write(FLASH_START + 0x1_0000, 0)  # a program gone astray
    assert chip.flash[0x1_0000] == 0xFF


def test_sectors_of_the_second_bank_are_erased_by_their_own_numbers() -> None:
    chip = SimulatedChip(0x419)
    second = FLASH_START + (1 << 20)
    old, new = b"\x00" * 64, b"second bank." * 5
    chip.flash[1 << 20 : (1 << 20) + len(old)] = old
    chip.flash[:64] = old
    with programmer(chip, Image((Piece(second, new),))) as work:
        work.prepare()
        work.run()
    assert chip.erased == [12]
    assert chip.flash[1 << 20 : (1 << 20) + len(new)] == new
    assert chip.flash[:64] == old


@pytest.mark.parametrize(("made", "wanted", "serial", "error", "text"), [
    (lambda: None, "", None, BootloaderError, "no chip answers it .* is the board powered"),
    (SimulatedChip, "", "other", BootloaderError, "no debug probe with serial number other"),
    (SimulatedChip, "f411", None, ImageError, "the chip is .*, not STM32F411"),
    (lambda: SimulatedChip(0x440), "", None, ImageError, "calls itself 0x440"),
    (lambda: SimulatedChip(0x411), "", None, ImageError, None),
    (lambda: SimulatedChip(0x431, flash_kib=16), "", None, ImageError, "outside the flash"),
    (lambda: SimulatedChip(read_protection=0x00), "", None, BootloaderError, r"\(RDP\)"),
    (lambda: SimulatedChip(write_protected=[1]), "", None, RefusedError, "the sector is write-protected"),
])  # fmt: skip
def test_a_chip_that_is_not_the_one_is_left_alone(
    made: Callable[[], SimulatedChip | None], wanted: str, serial: str | None, error: type[Exception],
    text: str | None,
) -> None:
    chip = made()
    with programmer(chip, wanted=wanted, serial=serial) as work:
        if text is None:  # the first STM32F405, by their core
            work.prepare()
            assert work.outcome.chip == "STM32F405/407"
            return
        with pytest.raises(error, match=text):
            prepare_and_run(work)
    if chip is not None and text != "the sector is write-protected":
        assert (chip.erased, chip.written_words) == ([], 0)


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
    monkeypatch.setattr(probe_module, "connected_probes", lambda: probes)
    assert run(["flash", str(image), "--address", "0x08000000", "--port", port]) == 2
    assert said in capsys.readouterr().err


def test_the_verb_writes_through_the_probe_with_that_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(CONTENT)
    probes = [SimulatedProbe(SimulatedChip(), serial) for serial in ("A1", "B2")]
    monkeypatch.setattr(probe_module, "connected_probes", lambda: probes)
    asked = ["flash", str(image), "--address", "0x08000000", "--port", "probe:B2"]
    assert run(asked) == 0
    assert "20,0" in capsys.readouterr().out
    assert run(asked) == 0
    assert "nothing was written" in capsys.readouterr().out
    first, second = (probe.chip for probe in probes)
    assert first is not None
    assert second is not None
    assert (first.resets, second.flash[: len(CONTENT)]) == (0, CONTENT)
