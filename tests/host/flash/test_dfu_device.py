"""A chip in DFU mode is flashed as one on a UART is. pyusb is real, the device behind it is simulated."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.cli.main import run
from host.flash import BootloaderError, Image, ImageError
from host.flash.chips import chips_named
from host.flash.dfu_device import DfuDevice, parse_layout
from host.flash.image import FLASH_START, Piece
from host.flash.program import Programmer
from tests.host.flash.simulated_dfu import LAYOUT, SimulatedDfu

CONTENT = struct.pack("<II", 0x2001_0000, FLASH_START + 0x201) + Random(1).randbytes(20_003)
IMAGE = Image((Piece(FLASH_START, CONTENT),))


def programmer(chip: SimulatedDfu, serial: str | None = None, wanted: str = "") -> Programmer:
    return Programmer(DfuDevice(serial, chip), IMAGE, wanted=chips_named(wanted) if wanted else ())


def prepare_and_run(work: Programmer) -> None:
    work.prepare()
    work.run()


def test_an_image_is_written_over_usb_read_back_and_started() -> None:
    chip = SimulatedDfu()
    chip.flash[0x8000:0x8010] = b"old settings, ok"
    work = programmer(chip, "3276365D3036", "f405")
    prepare_and_run(work)
    assert chip.flash[: len(CONTENT)] == CONTENT
    assert chip.flash[0x8000:0x8010] == b"old settings, ok"
    assert chip.erased == [0, 1]
    assert work.outcome.retries == 0
    assert work.start()
    assert chip.went_to == FLASH_START


def test_a_second_run_over_usb_writes_nothing() -> None:
    chip = SimulatedDfu()
    chip.flash[: len(CONTENT)] = CONTENT
    work = programmer(chip)
    prepare_and_run(work)
    assert work.outcome.same
    assert (chip.erased, chip.written_blocks) == ([], 0)


@pytest.mark.parametrize(("chip", "serial", "wanted", "error", "text"), [
    (SimulatedDfu(is_there=False), None, "", BootloaderError, "no board in DFU mode on USB"),
    (SimulatedDfu(), "other", "", BootloaderError, "with serial number other"),
    (SimulatedDfu(protected=True), None, "", BootloaderError, r"protected against reading \(RDP\)"),
    (SimulatedDfu(), None, "f411", ImageError, "the chip is .*, not STM32F411"),
    (SimulatedDfu(layout="@Internal Flash  /0x08000000/128*002Kg"), None, "", ImageError, "no STM32F4"),
    (SimulatedDfu(layout="@Flash"), None, "", ImageError, "no STM32F4"),
])  # fmt: skip
def test_a_chip_that_is_not_the_one_is_left_alone(
    chip: SimulatedDfu, serial: str | None, wanted: str, error: type[Exception], text: str
) -> None:
    work = programmer(chip, serial, wanted)
    with pytest.raises(error, match=text):
        prepare_and_run(work)
    assert (chip.erased, chip.written_blocks) == ([], 0)


@given(st.text())
def test_a_layout_that_is_none_is_refused_or_empty(text: str) -> None:
    with suppress(ImageError):
        assert parse_layout(text) == []


def test_a_layout_tells_the_sectors() -> None:
    assert parse_layout(LAYOUT) == chips_named("f405")[0].sectors()


def test_flashing_over_usb_with_no_board_on_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    code = run(["flash", str(path), "--address", "0x08000000", "--port", "dfu:none"])
    assert code in (1, 2)  # 1 without libusb
    assert "host: " in capsys.readouterr().err
