"""A chip behind a debug probe, ST-Link or CMSIS-DAP, on its SWD pins; pyOCD speaks to the probe.

Flash is programmed by the chip's own registers (ST, RM0090, 3.5 to 3.9), which are alike on all STM32F4, so
that no pack of flash algorithms is needed. Every word crosses SWD with a parity bit and an acknowledgement.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pyocd.core.exceptions import Error as PyocdError
from pyocd.core.exceptions import TransferError
from pyocd.core.session import Session
from pyocd.probe.aggregator import DebugProbeAggregator

from host.flash.chips import BY_ID, FLASH_SIZE_AT, Identity, Sector
from host.flash.errors import (
    BootloaderError,
    ImageError,
    NoBootloaderError,
    NoiseError,
    ProtectedError,
    RefusedError,
)

DBGMCU_IDCODE = 0xE004_2000
"""RM0090, 38.6.1; the lowest 12 bits are the chip."""
FLASH_KEYR, FLASH_SR, FLASH_CR, FLASH_OPTCR = 0x4002_3C04, 0x4002_3C0C, 0x4002_3C10, 0x4002_3C14
KEYS = (0x4567_0123, 0xCDEF_89AB)
PROGRAM, ERASE_SECTOR, WORDS, START, LOCK = 1 << 0, 1 << 1, 2 << 8, 1 << 16, 1 << 31
"""Bits of FLASH_CR; WORDS is PSIZE for 32 bits at once, which needs 2.7 V or more."""
SECTOR_SHIFT = 3
BUSY = 1 << 16
ERRORS = {
    1 << 1: "operation error", 1 << 4: "the sector is write-protected", 1 << 5: "alignment error",
    1 << 6: "parallelism error", 1 << 7: "sequence error", 1 << 8: "read protection",
}
"""Bits of FLASH_SR, cleared by writing them."""
UNPROTECTED = 0xAA
"""RDP level 0, in bits 8 to 15 of FLASH_OPTCR (RM0090, 3.9.3)."""
_EARLY_F405 = 0x411
"""What the first STM32F405/407 say of themselves (ST, ES0182, 2.1.2), as an STM32F2 does."""
_CORE_ID, _CORTEX_M4 = 0xE000_ED00, 0xC24
_SECOND_BANK = 12
_BUSY_S = 10.0
_T = TypeVar("_T")

Probes = Callable[[], Sequence[Any]]
"""Finds the probes that are connected, as pyOCD's DebugProbe."""


def connected_probes() -> Sequence[Any]:
    """Those on USB."""
    found: Sequence[Any] = DebugProbeAggregator.get_all_connected_probes()
    return found


class ProbedChip:
    """The chip behind the probe with a serial number, or behind the only one; as `program.Bootloader`."""

    block_bytes = 1024

    def __init__(self, serial: str | None = None, probes: Probes | None = None) -> None:
        """`probes` finds them; those on USB by default."""
        self._serial = serial
        self._probes = probes or connected_probes
        self._session: Any = None
        self._target: Any = None

    def connect(self) -> None:
        """Stop the chip at its reset, and have its flash unlocked. Raises BootloaderError."""
        logging.getLogger("pyocd").setLevel(logging.CRITICAL)  # what it finds wrong is told here, once
        probe = self._only_probe()
        with _own_folder() as folder:
            try:
                self._session = Session(probe, options={
                    "target_override": "cortex_m", "no_config": True, "project_dir": folder,
                    "connect_mode": "halt", "auto_unlock": False, "resume_on_disconnect": False,
                })  # fmt: skip
                self._session.open()
            except (PyocdError, OSError, ValueError) as error:
                raise NoBootloaderError(
                    f"{probe.description} is there, but no chip answers it ({error}); is the board powered, "
                    "are SWDIO, SWCLK and GND connected? If its program switches SWD off, hold reset"
                ) from None
        self._target = self._session.target
        self._told(self._target.reset_and_halt)

    def close(self) -> None:
        """Lock the flash, and let go of the chip. It stays as it is."""
        if self._session is None:
            return
        try:
            if self._target is not None:
                self._target.write32(FLASH_CR, LOCK)
        except PyocdError:
            pass  # it is gone; its flash is locked by the next reset
        finally:
            self._session.close()
            self._session = None

    def identify(self) -> Identity:
        """What chip it is. Raises ImageError for one not known here, ProtectedError for a locked one."""
        number = self._read_word(DBGMCU_IDCODE) & 0xFFF
        if number == _EARLY_F405 and self._read_word(_CORE_ID) >> 4 & 0xFFF == _CORTEX_M4:
            number = 0x413
        chip = BY_ID.get(number)
        if chip is None:
            raise ImageError(f"the chip calls itself {number:#x}, which is no STM32F4 known here")
        if self._read_word(FLASH_OPTCR) >> 8 & 0xFF != UNPROTECTED:
            raise ProtectedError(
                "the chip is protected against reading (RDP); unprotecting erases all of it: do that with "
                "STM32CubeProgrammer, or `openocd -c 'stm32f4x unlock 0'`, then try again"
            )
        size = self._told(lambda: self._target.read16(FLASH_SIZE_AT)) << 10
        probe = self._session.probe
        return Identity((chip,), chip.name, size, tuple(chip.sectors(size)), f"{probe.product_name}, SWD")

    def read(self, address: int, size: int) -> bytes:
        """Memory."""
        return bytes(self._told(lambda: self._target.read_memory_block8(address, size)))

    def write(self, address: int, data: bytes) -> None:
        """Whole words into erased flash."""
        words = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
        with self._programming(WORDS | PROGRAM):
            self._target.write_memory_block32(address, words)

    def erase(self, sectors: Sequence[Sector]) -> None:
        """Sectors, one by one."""
        for sector in sectors:
            # Those of the second bank are numbered from 16 on.
            number = sector.number if sector.number < _SECOND_BANK else sector.number + 4
            control = WORDS | ERASE_SECTOR | number << SECTOR_SHIFT
            with self._programming(control):
                self._target.write32(FLASH_CR, control | START)

    def go(self, address: int) -> None:
        """Reset the chip, and let it run. With BOOT0 low that is the program at the flash's beginning."""
        self._told(self._target.reset)

    def resync(self) -> None:
        """Forget an error, and what was under way."""
        self._told(lambda: self._target.write32(FLASH_SR, sum(ERRORS)))

    def _only_probe(self) -> Any:
        found = list(self._probes())
        if self._serial is not None:
            found = [probe for probe in found if probe.unique_id == self._serial]
        if not found:
            which = f" with serial number {self._serial}" if self._serial else ""
            raise NoBootloaderError(
                f"no debug probe{which} on USB; is it plugged in, and may you, or only root, use it?"
            )
        if len(found) > 1:
            numbers = ", ".join(probe.unique_id for probe in found)
            raise NoBootloaderError(f"more than one debug probe; give --port probe:SERIAL, one of {numbers}")
        return found[0]

    @contextmanager
    def _programming(self, control: int) -> Iterator[None]:
        """FLASH_CR as it is to be meanwhile. Raises RefusedError when the controller tells of an error."""
        self._told(self._unlock)
        self._told(lambda: self._target.write32(FLASH_CR, control))
        try:
            yield
            self._wait()
        except TransferError as error:
            raise NoiseError(f"the probe lost the chip ({error}); check the wires") from None
        finally:
            self._told(lambda: self._target.write32(FLASH_CR, 0))

    def _unlock(self) -> None:
        """Also before each: a chip that was reset meanwhile is locked."""
        if self._target.read32(FLASH_CR) & LOCK:
            for key in KEYS:
                self._target.write32(FLASH_KEYR, key)

    def _wait(self) -> None:
        end_s = time.monotonic() + _BUSY_S
        while (status := self._target.read32(FLASH_SR)) & BUSY:
            if time.monotonic() > end_s:
                raise RefusedError("the flash does not get ready; is the board's supply above 2.7 V?")
        said = [text for bit, text in ERRORS.items() if status & bit]
        if said:
            raise RefusedError(f"the chip did not write: {', '.join(said)}")

    def _read_word(self, address: int) -> int:
        return int(self._told(lambda: self._target.read32(address)))

    def _told(self, action: Callable[[], _T]) -> _T:
        """What the probe says went wrong, in this package's words."""
        try:
            return action()
        except TransferError as error:
            raise NoiseError(f"the probe lost the chip ({error}); check the wires") from None
        except PyocdError as error:
            raise BootloaderError(f"the probe cannot go on ({error}); pull it, and try again") from None


@contextmanager
def _own_folder() -> Iterator[str]:
    """pyOCD goes to a folder of its project, and runs scripts that it finds there: an empty one, and back."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="patrol-probe-") as folder:
        try:
            yield folder
        finally:
            os.chdir(here)
