"""A chip behind a debug probe, ST-Link or CMSIS-DAP, on its SWD pins; pyOCD speaks to the probe.

Flash is programmed by the chip's own registers (ST, RM0090, 3.5 to 3.9), which are alike on all STM32F4, so
that no pack of flash algorithms is needed. Every word crosses SWD with a parity bit and an acknowledgement.
A chip that was only looked at runs on afterwards; one whose flash was changed runs when it is told to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from pyocd.core.exceptions import Error as PyocdError
from pyocd.core.exceptions import TransferError, TransferFaultError
from pyocd.core.target import Target

from host.flash.chips import BY_ID, FLASH_SIZE_AT, Chip, Identity, Sector
from host.flash.errors import (
    BootloaderError,
    ImageError,
    NoBootloaderError,
    NoiseError,
    ProtectedError,
    RefusedError,
)
from host.flash.probe_session import Probes, open_session

DBGMCU_IDCODE = 0xE004_2000
"""RM0090, 38.6.1; the lowest 12 bits are the chip."""
FLASH_KEYR, FLASH_SR, FLASH_CR, FLASH_OPTCR = 0x4002_3C04, 0x4002_3C0C, 0x4002_3C10, 0x4002_3C14
KEYS = (0x4567_0123, 0xCDEF_89AB)
PROGRAM, ERASE_SECTOR, WORDS, START, LOCK = 1 << 0, 1 << 1, 2 << 8, 1 << 16, 1 << 31
"""Bits of FLASH_CR; WORDS is PSIZE for 32 bits at once, which needs 2.7 V or more."""
SECTOR_SHIFT = 3
BUSY = 1 << 16
WRITE_PROTECTED = 1 << 4
ERRORS = {
    1 << 1: "operation error", WRITE_PROTECTED: "write-protected", 1 << 5: "alignment error",
    1 << 6: "parallelism error", 1 << 7: "sequence error", 1 << 8: "read protection",
}
"""Bits of FLASH_SR, cleared by writing them."""
UNPROTECTED = 0xAA
"""RDP level 0, in bits 8 to 15 of FLASH_OPTCR (RM0090, 3.9.3)."""
_DHCSR, _NO_DEBUGGING = 0xE000_EDF0, 0xA05F_0000
"""Its key with C_DEBUGEN clear (ARMv7-M, C1.6.2): a breakpoint is a fault again, not a halt."""
_EARLY_F405 = 0x411
"""What the first STM32F405/407 say of themselves (ST, ES0182, 2.1.2), as an STM32F2 does."""
_CORE_ID, _CORTEX_M4 = 0xE000_ED00, 0xC24
_FIRST_OF_SECOND_BANK, _SECOND_BANK_FROM = 12, 16
_BUSY_S = 10.0
_T = TypeVar("_T")

class ProbedChip:
    """The chip behind the probe with a serial number, or behind the only one; as `program.Bootloader`."""

    block_bytes = 1024
    patience = 8

    def __init__(self, serial: str | None = None, probes: Probes | None = None) -> None:
        """`probes` finds them; those on USB by default."""
        self._serial = serial
        self._probes = probes
        self._session: Any = None
        self._target: Any = None
        self._chip: Chip | None = None
        self._has_changed = self._runs = False

    def connect(self) -> None:
        """Stop the chip at its reset. Raises BootloaderError."""
        self._session = open_session(self._serial, self._probes)
        self._target = self._session.target
        self._halt()

    def close(self) -> None:
        """Lock the flash, and let go of the chip; one that was not changed runs on, from its reset."""
        if self._session is None:
            return
        with suppress(PyocdError, OSError):  # it is gone; its flash is locked by the next reset
            if self._has_changed and not self._runs:
                self._lock()
            else:
                self._target.write32(_DHCSR, _NO_DEBUGGING)
        with suppress(PyocdError, OSError):
            self._session.close()
        self._session = None

    def identify(self) -> Identity:
        """What chip it is. Raises ImageError for one not known here, ProtectedError for a locked one."""
        try:
            number = self._read_word(DBGMCU_IDCODE) & 0xFFF
        except TransferFaultError:
            raise ImageError("the chip is no STM32F4; is it the right board?") from None
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
        self._chip = chip
        told = self._told(lambda: self._target.read16(FLASH_SIZE_AT)) << 10
        size = told if 0 < told <= chip.flash_bytes else chip.flash_bytes
        probe = self._session.probe
        return Identity((chip,), chip.name, size, tuple(chip.sectors(size)), f"{probe.product_name}, SWD")

    def read(self, address: int, size: int) -> bytes:
        """Memory."""
        return bytes(self._told(lambda: self._target.read_memory_block8(address, size)))

    def write(self, address: int, data: bytes) -> None:
        """Whole words into erased flash."""
        words = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
        with self._programming(WORDS | PROGRAM):
            self._told(lambda: self._target.write_memory_block32(address, words))

    def erase(self, sectors: Sequence[Sector]) -> None:
        """Sectors, one by one."""
        for sector in sectors:
            control = WORDS | ERASE_SECTOR | self._number_of(sector) << SECTOR_SHIFT
            with self._programming(control):
                self._order(control | START)

    def go(self, address: int) -> None:
        """Reset the chip, and let it run. With BOOT0 low that is the program at the flash's beginning."""
        if self._has_changed:
            self._told(self._lock)  # before it runs: it may write to its flash at once
        self._told(self._target.reset)
        if self._told(self._target.get_state) != Target.State.RUNNING:
            raise RefusedError("the chip does not run; press its reset")
        self._runs = True

    def resync(self) -> None:
        """Stop it at its reset again, which ends what its flash was at. One not yet known is let be."""
        if self._chip is not None:
            self._halt()

    def _halt(self) -> None:
        self._told(self._target.reset_and_halt)
        if self._told(self._target.get_state) != Target.State.HALTED:
            raise NoBootloaderError("the chip does not stop at its reset; hold its reset button meanwhile")

    def _number_of(self, sector: Sector) -> int:
        """As FLASH_CR has it: the second bank's, where there are two, count from 16 on (RM0090, 3.9.8)."""
        has_two = self._chip is not None and self._chip.banks == 2
        if has_two and sector.number >= _FIRST_OF_SECOND_BANK:
            return sector.number - _FIRST_OF_SECOND_BANK + _SECOND_BANK_FROM
        return sector.number

    @contextmanager
    def _programming(self, control: int) -> Iterator[None]:
        """FLASH_CR as it is to be meanwhile. Raises RefusedError when the controller tells of an error."""
        self._told(self._unlock)
        self._has_changed = True
        self._told(lambda: self._target.write32(FLASH_SR, sum(ERRORS)))
        self._order(control)
        yield
        self._wait()
        self._order(0)

    def _unlock(self) -> None:
        """Before each: a chip that was reset meanwhile is locked."""
        if self._target.read32(FLASH_CR) & LOCK:
            for key in KEYS:
                self._target.write32(FLASH_KEYR, key)
            if self._target.read32(FLASH_CR) & LOCK:
                raise RefusedError("the chip's flash does not unlock; reset the board, and try again")

    def _order(self, control: int) -> None:
        self._told(lambda: self._target.write32(FLASH_CR, control))

    def _lock(self) -> None:
        self._target.write32(FLASH_CR, LOCK)

    def _wait(self) -> None:
        end_s = time.monotonic() + _BUSY_S
        while (status := self._read_word(FLASH_SR)) & BUSY:
            if time.monotonic() > end_s:
                raise BootloaderError("the flash does not get ready; is the board's supply above 2.7 V?")
        if status & WRITE_PROTECTED:
            raise BootloaderError(
                "the chip's sector is write-protected; clear that in its option bytes (STM32CubeProgrammer, "
                "or `openocd -c 'flash protect 0 0 last off'`), then try again"
            )
        said = [text for bit, text in ERRORS.items() if status & bit]
        if said:
            raise RefusedError(f"the chip did not write: {', '.join(said)}; is its supply above 2.7 V?")

    def _read_word(self, address: int) -> int:
        return int(self._told(lambda: self._target.read32(address)))

    def _told(self, action: Callable[[], _T]) -> _T:
        """What the probe says went wrong, in this package's words; but for a bus without an answer."""
        try:
            return action()
        except TransferFaultError:
            if self._chip is None:
                raise
            raise NoiseError("the chip's bus gave no answer; check the wires") from None
        except TransferError as error:
            raise NoiseError(f"the probe lost the chip ({error}); check the wires") from None
        except (PyocdError, OSError) as error:
            raise BootloaderError(f"the probe cannot go on ({error}); plug it in again") from None
