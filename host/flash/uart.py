"""The serial port as the ROM bootloader wants it: even parity."""

from __future__ import annotations

import serial

from host.flash.errors import BootloaderError

_WRITE_S = 5.0


def open_uart(port: str, baud: int) -> serial.Serial:
    """Open it at 8E1; a pseudo-terminal has no parity to set. Raises BootloaderError."""
    has_parity = not port.startswith("/dev/pts/")
    parity = serial.PARITY_EVEN if has_parity else serial.PARITY_NONE
    try:
        return serial.serial_for_url(
            port, baud, parity=parity, timeout=1.0, write_timeout=_WRITE_S, exclusive=True
        )
    except (OSError, ValueError) as error:
        raise BootloaderError(
            f"{port}: cannot be opened ({error}); check its name, and that no other program has it open"
        ) from None
