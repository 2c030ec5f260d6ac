"""A chip in DFU mode, as pyusb meets it: a back end with one device (AN3156, USB DFU 1.1)."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import Any

from usb.backend import IBackend

from host.flash.chips import BY_ID
from host.flash.dfu_device import (
    ABORT,
    CLEAR_STATUS,
    DOWNLOAD,
    DOWNLOAD_BUSY,
    DOWNLOAD_IDLE,
    ERASE,
    ERROR,
    FIRST_BLOCK,
    GET_STATUS,
    IDLE,
    MANIFEST,
    PRODUCT,
    SET_ADDRESS,
    UPLOAD,
    VENDOR,
    VENDOR_ERROR,
)
from host.flash.image import FLASH_START

LAYOUT = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"
GET_DESCRIPTOR, STRING = 6, 3
UPLOAD_IDLE = 9
TRANSFER_BYTES = 2048


class SimulatedDfu(IBackend):
    """An STM32F405. What a download asks for is done when its status is asked for, as on the chip."""

    def __init__(self, *, is_there: bool = True, protected: bool = False, layout: str = LAYOUT) -> None:
        self.flash = bytearray(b"\xff" * (1 << 20))
        self.erased: list[int] = []
        self.written_blocks = 0
        self.went_to: int | None = None
        self._sectors = {sector.start: sector for sector in BY_ID[0x413].sectors()}
        self._is_there, self._protected, self._layout = is_there, protected, layout
        self._state, self._status, self._address = IDLE, 0, FLASH_START
        self._asked: tuple[int, bytes] | None = None

    def enumerate_devices(self) -> list[str]:
        return ["chip"] if self._is_there else []

    def get_device_descriptor(self, dev: str) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x100, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT, bcdDevice=0x2200, iManufacturer=0,
            iProduct=0, iSerialNumber=2, bNumConfigurations=1, address=1, bus=1, port_number=1,
            port_numbers=(1,), speed=2,
        )

    def get_configuration_descriptor(self, dev: str, config: int) -> Any:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=27, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=50, extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> Any:
        if (intf, alt) != (0, 0):
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=0,
            bInterfaceClass=0xFE, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=1,
            extra_descriptors=[],
        )

    def open_device(self, dev: str) -> str:
        return dev

    def close_device(self, dev_handle: str) -> None:
        pass

    def get_configuration(self, dev_handle: str) -> int:
        return 1

    def set_configuration(self, dev_handle: str, config_value: int) -> None:
        pass

    def claim_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def release_interface(self, dev_handle: str, intf: int) -> None:
        pass

    def set_interface_altsetting(self, dev_handle: str, intf: int, altsetting: int) -> None:
        pass

    def ctrl_transfer(
        self, dev_handle: str, kind: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        if request == GET_DESCRIPTOR and kind == 0x80:
            return self._give(data, self._string(value & 0xFF))
        if request == GET_STATUS:
            return self._give(data, self._told_status())
        if request == UPLOAD:
            return self._give(data, self._uploaded(value, len(data)))
        if request == DOWNLOAD:
            assert self._state in (IDLE, DOWNLOAD_IDLE)
            assert len(data) <= TRANSFER_BYTES
            self._asked = (value, bytes(data))
        elif request in (ABORT, CLEAR_STATUS):
            assert (self._state == ERROR) == (request == CLEAR_STATUS)
            self._state, self._status = IDLE, 0
        return len(data)

    @staticmethod
    def _give(data: Any, content: bytes) -> int:
        part = content[: len(data)]
        data[: len(part)] = array("B", part)
        return len(part)

    def _string(self, index: int) -> bytes:
        texts = {1: self._layout, 2: "3276365D3036"}
        content = texts[index].encode("utf-16-le") if index else b"\x09\x04"
        return bytes([2 + len(content), STRING]) + content

    def _uploaded(self, block: int, size: int) -> bytes:
        assert self._state in (IDLE, UPLOAD_IDLE)
        self._state = UPLOAD_IDLE
        at = self._address - FLASH_START + (block - FIRST_BLOCK) * TRANSFER_BYTES
        return bytes(self.flash[at : at + size])

    def _told_status(self) -> bytes:
        if self._asked is not None:
            block, data = self._asked
            self._asked = None
            self._state = DOWNLOAD_BUSY
            self._do(block, data)
            return bytes([0, 0, 0, 0, self._state, 0])
        if self._state == DOWNLOAD_BUSY:
            self._state = ERROR if self._status else DOWNLOAD_IDLE
        return bytes([self._status, 0, 0, 0, self._state, 0])

    def _do(self, block: int, data: bytes) -> None:
        if self._protected:
            self._status = VENDOR_ERROR
        elif block == 0 and data[0] == SET_ADDRESS:
            self._address = int.from_bytes(data[1:], "little")
        elif block == 0 and data[0] == ERASE:
            assert len(data) == 5, "one byte alone erases the whole chip"
            sector = self._sectors[int.from_bytes(data[1:], "little")]
            at = sector.start - FLASH_START
            self.flash[at : at + sector.size] = b"\xff" * sector.size
            self.erased.append(sector.number)
        elif not data:
            self.went_to, self._state = self._address, MANIFEST
        else:
            self.written_blocks += 1
            at = self._address - FLASH_START + (block - FIRST_BLOCK) * TRANSFER_BYTES
            for place, byte in enumerate(data):
                self.flash[at + place] &= byte
