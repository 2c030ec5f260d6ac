"""A debug probe with an STM32F4 on its pins, for pyOCD: a stand-in for the probe, its wires and the chip.

pyOCD itself is real, from the session down to the registers of debug port and access port (ARM, IHI 0031),
which are simulated here with the chip's memory, its core's debug registers (ARMv7-M, C1) and its flash
controller (ST, RM0090, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyocd.core.exceptions import TransferFaultError
from pyocd.probe.debug_probe import DebugProbe

from host.flash.chips import BY_ID, FLASH_SIZE_AT
from host.flash.image import FLASH_START
from host.flash.probe import (
    BUSY,
    DBGMCU_IDCODE,
    ERASE_SECTOR,
    FLASH_CR,
    FLASH_KEYR,
    FLASH_OPTCR,
    FLASH_SR,
    KEYS,
    LOCK,
    PROGRAM,
    SECTOR_SHIFT,
    START,
)

ROM_TABLE, SCS = 0xE00F_F000, 0xE000_E000
CPUID, AIRCR, DHCSR, DEMCR = 0xE000_ED00, 0xE000_ED0C, 0xE000_EDF0, 0xE000_EDFC
WRITE_PROTECTED = 1 << 4
SEQUENCE_ERROR = 1 << 7
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
        write_protected: Sequence[int] = (),
    ) -> None:
        """`read_protection` is the RDP byte, `write_protected` sectors that refuse to be changed."""
        chip = BY_ID.get(chip_id, BY_ID[0x413])
        size = flash_kib << 10 if flash_kib else chip.flash_bytes
        self.flash = bytearray(b"\xff" * size)
        self.erased: list[int] = []
        self.written_words = 0
        self.resets = 0
        self.is_halted = False
        self._sectors = {sector.number: sector for sector in chip.sectors(size)}
        self._write_protected = write_protected
        self._words = {
            **_component(ROM_TABLE, 1, 0x4C4), ROM_TABLE: SCS - ROM_TABLE & 0xFFFF_F000 | 3, ROM_TABLE + 4: 0,
            **_component(SCS, 0xE, 0x00C),
            CPUID: 0x410F_C241, DBGMCU_IDCODE: 0x1000_0000 | chip_id,
            FLASH_OPTCR: 0x0FFF_00ED | read_protection << 8,
            FLASH_SIZE_AT & ~3: size >> 10 << 16,
        }  # fmt: skip
        self._control, self._status, self._busy = LOCK, 0, 0
        self._keys: list[int] = []
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
            self._busy = max(self._busy - 1, 0)
            return self._status | (BUSY if self._busy else 0)
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
            self._keys = [*self._keys, value][-2:]
            if tuple(self._keys) == KEYS:
                self._control &= ~LOCK
        elif address == FLASH_CR:
            self._order(value)
        elif address == FLASH_SR:
            self._status &= ~value
        elif address == AIRCR and value & _RESET_REQUEST:
            self.reset()
        elif address == DHCSR:
            self.is_halted = bool(value & 2)
        else:
            self._words[address] = value

    def reset(self) -> None:
        """From its pin or by its register; the core halts at once if it was told to (vector catch)."""
        self.resets += 1
        self._was_reset = True
        self._control, self._status = LOCK, 0
        self.is_halted = bool(self._words.get(DEMCR, 0) & 1)

    def _order(self, value: int) -> None:
        if self._control & LOCK:
            return
        self._control = value & ~START
        if value & START and value & ERASE_SECTOR:
            self._busy = _BUSY_LOOKS
            number = value >> SECTOR_SHIFT & 31
            self._erase(number - 4 if number > 12 else number)

    def _erase(self, number: int) -> None:
        if number in self._write_protected:
            self._status |= WRITE_PROTECTED
            return
        sector = self._sectors[number]
        self.flash[sector.start - FLASH_START : sector.end - FLASH_START] = b"\xff" * sector.size
        self.erased.append(number)

    def _program(self, at: int, value: int) -> None:
        """Flash as flash is: bits are only cleared."""
        if self._control & LOCK or not self._control & PROGRAM:
            self._status |= SEQUENCE_ERROR
            return
        old = int.from_bytes(self.flash[at : at + 4], "little")
        self.flash[at : at + 4] = (old & value).to_bytes(4, "little")
        self.written_words += 1
        self._busy = _BUSY_LOOKS


class SimulatedProbe(DebugProbe):  # type: ignore[misc]
    """What stands between pyOCD and a USB cable, with one access port behind it."""

    def __init__(self, chip: SimulatedChip | None, serial: str = "066FFF31") -> None:
        """Without a chip nobody answers on the wires."""
        super().__init__()
        self.chip = chip
        self._serial = serial
        self._is_open = False
        self._protocol: Any = None
        self._select = self._csw = self._address = 0

    vendor_name = "Simulated"
    product_name = "ST-Link"
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
        from pyocd.core.exceptions import TransferError

        if self.chip is None:
            raise TransferError("No ACK received")
        return self.chip


def _later(value: Any, now: bool) -> Any:
    return value if now else lambda: value


Connected = Callable[[], list[SimulatedProbe]]
