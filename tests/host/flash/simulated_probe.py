"""A debug probe with an STM32F4 on its pins, for pyOCD: a stand-in for the probe, its wires and the chip.

pyOCD itself is real, from the session down to the registers of debug port and access port (ARM, IHI 0031),
which are simulated here with the chip's memory, its core's debug registers (ARMv7-M, C1) and its flash
controller (ST, RM0090, 3).
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

from pyocd.core.exceptions import TransferError, TransferFaultError
from pyocd.probe.debug_probe import DebugProbe

from host.flash.chips import BY_ID, FLASH_SIZE_AT
from host.flash.image import FLASH_START

# Written down here again, from the manual: what is wrong in host/flash/probe.py is not to be right here, too.
DBGMCU_IDCODE = 0xE004_2000
FLASH_KEYR, FLASH_SR, FLASH_CR, FLASH_OPTCR = 0x4002_3C04, 0x4002_3C0C, 0x4002_3C10, 0x4002_3C14
KEYS = [0x4567_0123, 0xCDEF_89AB]
ROM_TABLE, SCS = 0xE00F_F000, 0xE000_E000
CPUID, AIRCR, DHCSR, DEMCR = 0xE000_ED00, 0xE000_ED0C, 0xE000_EDF0, 0xE000_EDFC
PG, SER, STRT, LOCK = 0x0000_0001, 0x0000_0002, 0x0001_0000, 0x8000_0000
PSIZE, PSIZE_X32, SNB_SHIFT = 0x300, 0x200, 3
WRPERR, PGPERR, PGSERR, BSY = 0x10, 0x40, 0x80, 0x0001_0000
_DPIDR, _AHB_AP = 0x2BA0_1477, 0x2477_0011
_POWERED = 0xF000_0000
_HALTED, _READY, _WAS_RESET = 1 << 17, 1 << 16, 1 << 25
_RESET_REQUEST = 1 << 2
_BUSY_LOOKS = 3
"""How often flash is seen busy after an order."""


def _component(base: int, kind: int, part: int) -> dict[int, int]:
    """The identification registers of a CoreSight component, made by ARM."""
    peripheral = (part & 0xFF, part >> 8 | 0xB0, 0x0B, 0, 4)
    offsets = (0xFE0, 0xFE4, 0xFE8, 0xFEC, 0xFD0)
    found = {base + at: value for at, value in zip(offsets, peripheral, strict=True)}
    return found | {base + 0xFF0 + 4 * at: value for at, value in enumerate((0x0D, kind << 4, 0x05, 0xB1))}


class SimulatedChip:
    """Memory as the access port sees it, a word at a time."""

    def __init__(
        self, chip_id: int = 0x413, *, flash_kib: int | None = None, read_protection: int = 0xAA,
        write_protected: Sequence[int] = (), told_kib: int | None = None,
    ) -> None:
        """`read_protection` is the RDP byte, `write_protected` sectors that refuse to be changed,
        `told_kib` what the chip says of its size."""
        chip = BY_ID.get(chip_id, BY_ID[0x413])
        size = flash_kib << 10 if flash_kib else chip.flash_bytes
        self.flash = bytearray(b"\xff" * size)
        self.erased: list[int] = []
        self.written_words = 0
        self.resets = 0
        self.is_halted = False
        self.debugging = True
        """C_DEBUGEN."""
        self._banks = chip.banks
        self._sectors = {sector.number: sector for sector in chip.sectors(size)}
        self._write_protected = write_protected
        self._words = {
            **_component(ROM_TABLE, 1, 0x4C4), ROM_TABLE: SCS - ROM_TABLE & 0xFFFF_F000 | 3, ROM_TABLE + 4: 0,
            **_component(SCS, 0xE, 0x00C),
            CPUID: 0x410F_C241, DBGMCU_IDCODE: 0x1000_0000 | chip_id,
            FLASH_OPTCR: 0x0FFF_00ED | read_protection << 8,
            FLASH_SIZE_AT & ~3: (size >> 10 if told_kib is None else told_kib) << 16,
        }  # fmt: skip
        self._control, self._status, self._busy = LOCK, 0, 0
        self._keys: list[int] = []
        self._error = 0
        self._was_reset = False
        self._protected = read_protection != 0xAA

    def read(self, address: int) -> int:
        """A word. Raises TransferFaultError where the bus has nothing, or gives nothing away."""
        at = address - FLASH_START
        if 0 <= at < len(self.flash):
            if self._protected:
                raise TransferFaultError(fault_address=address, length=4)
            return int.from_bytes(self.flash[at : at + 4], "little")
        if address == FLASH_CR:
            return self._control
        if address == FLASH_SR:
            return self._told_status()
        if address == DHCSR:
            was_reset, self._was_reset = self._was_reset, False
            return _READY | (_HALTED if self.is_halted else 0) | (_WAS_RESET if was_reset else 0)
        return self._words.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """A word."""
        at = address - FLASH_START
        if 0 <= at < len(self.flash):
            self._program(at, value)
        elif address == FLASH_KEYR:
            self._keys.append(value)
            if self._keys == KEYS[:2]:
                self._control &= ~LOCK
        elif address == FLASH_CR:
            self._order(value)
        elif address == FLASH_SR:
            self._status &= ~value
        elif address == AIRCR and value & _RESET_REQUEST:
            self.reset()
        elif address == DHCSR:
            self.is_halted, self.debugging = value & 3 == 3, bool(value & 1)
        else:
            self._words[address] = value

    @property
    def is_locked(self) -> bool:
        """Whether the flash is safe from a program gone astray."""
        return bool(self._control & LOCK)

    def reset(self) -> None:
        """From its pin or by its register; the core halts at once if it was told to (vector catch)."""
        self.resets += 1
        self._was_reset = True
        self._control, self._status, self._busy, self._error = LOCK, 0, 0, 0
        self._keys.clear()
        self.is_halted = self.debugging and bool(self._words.get(DEMCR, 0) & 1)

    def _told_status(self) -> int:
        """Errors are told when the flash is done."""
        if self._busy:
            self._busy -= 1
            return self._status | BSY
        self._status, self._error = self._status | self._error, 0
        return self._status

    def _order(self, value: int) -> None:
        if self._control & LOCK:
            return
        self._control = value & ~STRT
        if value & STRT and value & SER:
            self._begin(self._erase(value >> SNB_SHIFT & 31))

    def _begin(self, error: int) -> None:
        self._busy, self._error = _BUSY_LOOKS, self._error | error

    def _erase(self, snb: int) -> int:
        """By the number in FLASH_CR: chips of two banks have 0 to 11 and 16 to 27 (RM0090, 3.9.8)."""
        number = snb if self._banks == 1 or snb < 12 else snb - 4 if snb >= 16 else -1
        sector = self._sectors.get(number)
        if sector is None or self._control & PSIZE != PSIZE_X32:
            return PGSERR
        if number in self._write_protected:
            return WRPERR
        self.flash[sector.start - FLASH_START : sector.end - FLASH_START] = b"\xff" * sector.size
        self.erased.append(number)
        return 0

    def _program(self, at: int, value: int) -> None:
        """Flash as flash is: bits are only cleared."""
        if self._control & LOCK or not self._control & PG:
            self._begin(PGSERR)
        elif self._control & PSIZE != PSIZE_X32:
            self._begin(PGPERR)
        else:
            old = int.from_bytes(self.flash[at : at + 4], "little")
            self.flash[at : at + 4] = (old & value).to_bytes(4, "little")
            self.written_words += 1
            self._begin(0)


class SimulatedProbe(DebugProbe):  # type: ignore[misc]
    """What stands between pyOCD and a USB cable, with one access port behind it."""

    def __init__(
        self, chip: SimulatedChip | None, serial: str = "066FFF31", opening: Exception | None = None
    ) -> None:
        """Without a chip nobody answers on the wires; `opening` it may fail."""
        super().__init__()
        self.chip = chip
        self.pulled_after: int | None = None
        """Accesses after which it is pulled out of its socket."""
        self._opening = opening
        self._serial = serial
        self._is_open = False
        self._protocol: Any = None
        self._select = self._csw = self._address = 0

    vendor_name = "Simulated"
    product_name = "CMSIS-DAP"  # which has no memory access of its own, as an ST-Link has
    supported_wire_protocols = (DebugProbe.Protocol.DEFAULT, DebugProbe.Protocol.SWD)
    capabilities = frozenset[Any]()

    @property
    def unique_id(self) -> str:
        return self._serial

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def wire_protocol(self) -> Any:
        return self._protocol

    def open(self) -> None:
        if self._opening is not None:
            raise self._opening
        self._is_open = True

    def close(self) -> None:
        self._is_open = False

    def connect(self, protocol: Any = None) -> None:
        self._protocol = DebugProbe.Protocol.SWD

    def disconnect(self) -> None:
        self._protocol = None

    def set_clock(self, frequency: float) -> None:
        pass

    def reset(self) -> None:
        self._there().reset()

    def assert_reset(self, asserted: bool) -> None:
        if not asserted:
            self._there().reset()

    def is_reset_asserted(self) -> bool:
        return False

    def read_dp(self, addr: int, now: bool = True) -> Any:
        self._there()
        return _later({0x0: _DPIDR, 0x4: _POWERED}.get(addr, 0), now)

    def write_dp(self, addr: int, data: int) -> None:
        self._there()
        if addr == 0x8:
            self._select = data

    def read_ap(self, addr: int, now: bool = True) -> Any:
        return _later(self._read_register(addr), now)

    def write_ap(self, addr: int, data: int) -> None:
        chip, register = self._there(), self._select & 0xF0 | addr & 0xF
        if self._select >> 24:
            return
        if register == 0x00:
            self._csw = data
        elif register == 0x04:
            self._address = data
        elif register == 0x0C:
            chip.write(self._next_address() & ~3, data)

    def read_ap_multiple(self, addr: int, count: int = 1, now: bool = True) -> Any:
        return _later([self._read_register(addr) for _ in range(count)], now)

    def write_ap_multiple(self, addr: int, values: Sequence[int]) -> None:
        for value in values:
            self.write_ap(addr, value)

    def _read_register(self, addr: int) -> int:
        chip, register = self._there(), self._select & 0xF0 | addr & 0xF
        if self._select >> 24:  # there is one access port
            return 0
        if register == 0x0C:
            return chip.read(self._next_address() & ~3)
        known = {0x00: self._csw | 1 << 6, 0x04: self._address, 0xF8: ROM_TABLE | 3, 0xFC: _AHB_AP}
        return known.get(register, 0)

    def _next_address(self) -> int:
        """TAR, which goes on by itself if CSW says so (ADIv5, 8.2.2), within 1 KiB."""
        address = self._address
        if self._csw >> 4 & 3 == 1:
            step = 1 << (self._csw & 7)
            self._address = address & ~0x3FF | address + step & 0x3FF
        return address

    def _there(self) -> SimulatedChip:
        if self.pulled_after is not None:
            self.pulled_after -= 1
            if self.pulled_after < 0:
                raise OSError(errno.ENODEV, "No such device (it may have been disconnected)")
        if self.chip is None:
            raise TransferError("No ACK received")
        return self.chip


def _later(value: Any, now: bool) -> Any:
    return value if now else lambda: value
