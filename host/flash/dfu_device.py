"""The bootloader in an STM32's ROM on USB: DFU with ST's extensions (ST, AN3156; USB DFU class 1.1; UM0424).

Alternate setting 0 is the flash; its name tells how it is divided: `@Internal Flash  /0x08000000/04*016Kg`.
USB has checksums of its own, so that noise is no matter here; what fails is told by the device's status.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import usb.core
import usb.util

from host.flash.chips import CHIPS, Identity, Sector
from host.flash.errors import BootloaderError, ImageError, NoBootloaderError, ProtectedError, RefusedError

VENDOR, PRODUCT = 0x0483, 0xDF11
DOWNLOAD, UPLOAD, GET_STATUS, CLEAR_STATUS, ABORT = 1, 2, 3, 4, 6
SET_ADDRESS, ERASE = 0x21, 0x41
IDLE, DOWNLOAD_BUSY, DOWNLOAD_IDLE, MANIFEST, ERROR = 2, 4, 5, 7, 10
"""States (USB DFU 1.1, 6.1.2); DOWNLOAD_BUSY lasts as long as flash takes."""
FIRST_BLOCK = 2
"""Block numbers count from the address that was set, from this one on."""
VENDOR_ERROR = 0x0B
"""Status errVENDOR: what a chip protected against reading says (AN3156, 3)."""
_TO_DEVICE, _FROM_DEVICE = 0x21, 0xA1
_TIMEOUT_MS = 5_000
_BUSY_S = 10.0
_UNITS = {" ": 1, "K": 1 << 10, "M": 1 << 20}


class DfuDevice:
    """A board in DFU mode, the one with a serial number or the only one; as `program.Bootloader`."""

    block_bytes = 2048
    patience = 8

    def __init__(self, serial: str | None = None, backend: Any = None) -> None:
        self._serial = serial
        self._backend = backend
        self._device: Any = None
        self._layout = ""

    def connect(self) -> None:
        """Find it and take its flash. Raises BootloaderError."""
        found = self._found()
        if not found:
            which = f" with serial number {self._serial}" if self._serial else ""
            raise NoBootloaderError(
                f"no board in DFU mode{which} on USB; set BOOT0 high, reset the board, check the cable"
            )
        if len(found) > 1:
            numbers = ", ".join(str(device.serial_number) for device in found)
            raise NoBootloaderError(
                f"more than one board in DFU mode; give --port dfu:SERIAL, one of {numbers}"
            )
        self._device = found[0]
        try:
            self._device.set_configuration()
            interface = self._device.get_active_configuration()[(0, 0)]
            usb.util.claim_interface(self._device, 0)
            self._device.set_interface_altsetting(0, 0)
            self._layout = usb.util.get_string(self._device, interface.iInterface) or ""
        except (usb.core.USBError, ValueError) as error:
            raise BootloaderError(
                f"the board in DFU mode cannot be used ({error}); may you, or only root, use it?"
            ) from None
        self.resync()

    def _found(self) -> list[Any]:
        try:
            boards = usb.core.find(
                find_all=True, idVendor=VENDOR, idProduct=PRODUCT, backend=self._backend
            )
            return [board for board in boards if self._serial in (None, board.serial_number)]
        except usb.core.NoBackendError:
            raise BootloaderError("USB needs libusb 1.0; run: apt-get install libusb-1.0-0") from None

    def identify(self) -> Identity:
        """The chips whose flash is divided like this. Raises ImageError when there is none."""
        sectors = parse_layout(self._layout)
        size = sum(sector.size for sector in sectors)
        chips = tuple(chip for chip in CHIPS if size <= chip.flash_bytes and chip.sectors(size) == sectors)
        if not chips:
            raise ImageError(f"its flash is {self._layout!r}, which is that of no STM32F4 known here")
        version = self._device.bcdDevice
        return Identity(
            chips, " or ".join(chip.name for chip in chips), size, tuple(sectors),
            f"{version >> 8:x}.{version & 0xFF:02x}",
        )

    def read(self, address: int, size: int) -> bytes:
        """Memory. Raises ProtectedError when the chip does not let itself be read."""
        self._set_address(address)
        self.resync()  # uploads begin from idle
        data = bytes(self._from_device(UPLOAD, size, FIRST_BLOCK))
        self.resync()
        if len(data) < size:
            raise RefusedError(f"the bootloader gave {len(data)} of {size} bytes")
        return data

    def write(self, address: int, data: bytes) -> None:
        """Whole words into erased flash."""
        self._set_address(address)
        self._download(data, FIRST_BLOCK)

    def erase(self, sectors: Sequence[Sector]) -> None:
        """Sectors, one by one."""
        for sector in sectors:
            self._download(bytes([ERASE]) + sector.start.to_bytes(4, "little"))

    def go(self, address: int) -> None:
        """Leave DFU mode for the program there."""
        self._set_address(address)
        self._to_device(DOWNLOAD, b"", FIRST_BLOCK)
        state = self._status()[1]
        if state != MANIFEST:
            raise RefusedError(f"the bootloader does not leave DFU mode (state {state})")

    def resync(self) -> None:
        """To idle, whatever went before."""
        _, state = self._status()
        if state == ERROR:
            self._to_device(CLEAR_STATUS)
        elif state != IDLE:
            self._to_device(ABORT)

    def _set_address(self, address: int) -> None:
        self._download(bytes([SET_ADDRESS]) + address.to_bytes(4, "little"))

    def _download(self, data: bytes, block: int = 0) -> None:
        """Send, and wait until it is done."""
        self._to_device(DOWNLOAD, data, block)
        end_s = time.monotonic() + _BUSY_S
        status, state = self._status()
        while state == DOWNLOAD_BUSY and time.monotonic() < end_s:
            status, state = self._status()
        if status == VENDOR_ERROR:
            raise ProtectedError(
                "the chip is protected against reading (RDP); unprotecting erases all of it: do that with "
                "`dfu-util -s :unprotect:force`, then try again"
            )
        if state != DOWNLOAD_IDLE:
            raise RefusedError(f"the bootloader says no (status {status}, state {state})")

    def _status(self) -> tuple[int, int]:
        """Status and state, after the wait that it asks for."""
        status = self._from_device(GET_STATUS, 6)
        if len(status) < 6:
            raise RefusedError("the bootloader gave no whole status")
        if status[4] == DOWNLOAD_BUSY:
            time.sleep(int.from_bytes(bytes(status[1:4]), "little") / 1e3)
        return status[0], status[4]

    def _to_device(self, request: int, data: bytes = b"", value: int = 0) -> None:
        self._transfer(_TO_DEVICE, request, value, data)

    def _from_device(self, request: int, size: int, value: int = 0) -> Any:
        return self._transfer(_FROM_DEVICE, request, value, size)

    def _transfer(self, kind: int, request: int, value: int, data: bytes | int) -> Any:
        try:
            return self._device.ctrl_transfer(kind, request, value, 0, data, _TIMEOUT_MS)
        except usb.core.USBError as error:
            raise RefusedError(f"USB: {error}; is the cable still in?") from None


def parse_layout(text: str) -> list[Sector]:
    """The sectors that the name of an alternate setting tells of (UM0424, 4.3.2). Raises ImageError."""
    match = re.fullmatch(r"@[^/]*/0x([0-9A-Fa-f]{8})/(.*)", text.strip())
    parts = match[2].split(",") if match else []
    sectors: list[Sector] = []
    start = int(match[1], 16) if match else 0
    for part in parts:
        run = re.fullmatch(r"(\d{2,3})\*(\d{3})([ KM])[a-g]", part)
        if run is None:
            raise ImageError(f"the board says of its flash {text!r}, which is not understood")
        for _ in range(int(run[1])):
            sectors.append(Sector(len(sectors), start, int(run[2]) * _UNITS[run[3]]))
            start = sectors[-1].end
    return sectors
