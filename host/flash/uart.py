"""The serial port as the ROM bootloader wants it: even parity."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import serial

from host.flash.errors import BootloaderError

_WRITE_S = 5.0


@contextmanager
def open_uart(port: str, baud: int) -> Iterator[serial.Serial]:
    """Open it at 8E1; a pseudo-terminal has no parity to set.

    Raises BootloaderError when it cannot be opened, and when it goes away while it is in use.
    """
    is_pty = "://" not in port and str(Path(port).resolve()).startswith("/dev/pts/")
    parity = serial.PARITY_NONE if is_pty else serial.PARITY_EVEN
    try:
        wire = serial.serial_for_url(
            port, baud, parity=parity, timeout=1.0, write_timeout=_WRITE_S, exclusive=True
        )
    except (OSError, ValueError) as error:
        # pyserial's own text names the port, too, and what it is made from once more.
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise BootloaderError(
            f"{port}: cannot be opened ({why}); check its name, and that no other program has it open"
        ) from None
    with wire:
        try:
            yield wire
        except serial.SerialException as error:
            raise BootloaderError(
                f"{port}: gone in the middle ({error}); plug the adapter in, reset the board with BOOT0 high "
                "and flash again: what was written whole is kept"
            ) from None
