"""The simulated bootloader without a port: what is not there when it is looked for does not come."""

from __future__ import annotations

from host.flash.an3155 import BITS_PER_BYTE
from host.flash.rom_simulator import RomBootloader


class DirectWire:
    """As `an3155.Wire`. `seconds` is what a real line and flash would have taken, time-outs with them."""

    def __init__(self, rom: RomBootloader, baud: int = 115_200) -> None:
        self.rom = rom
        self.timeout: float | None = None
        self.seconds = 0.0
        self._byte_s = BITS_PER_BYTE / baud
        self._out = b""

    def write(self, data: bytes) -> None:
        """To the chip, which answers at once."""
        self.rom.feed(data)
        self.seconds += len(data) * self._byte_s + self.rom.delay_s
        self.rom.delay_s = 0.0

    def read(self, size: int) -> bytes:
        """What is there."""
        self._out += self.rom.take()
        found, self._out = self._out[:size], self._out[size:]
        self.seconds += len(found) * self._byte_s + ((self.timeout or 0.0) if len(found) < size else 0.0)
        return found

    def reset_input_buffer(self) -> None:
        """Forget it."""
        self.rom.take()
        self._out = b""
