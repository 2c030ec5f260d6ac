"""What USB devices are, by vendor and product number, and what their serial port is good for.

Numbers are the makers' own: MicroPython's builds, ST's TN1235 (ST-Link) and AN2606 (DFU), the adapters' data
sheets. A device that is not in here is listed all the same.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What a device is."""

    MICROPYTHON = "MicroPython"
    DFU = "ST DFU"
    ST_LINK = "ST-Link"
    CMSIS_DAP = "CMSIS-DAP"
    UART = "USB-UART"
    EMULATED = "emulated"
    SERIAL = "serial port"
    """A port of which nothing is known: none of USB, or of a maker not in the table."""


class Role(enum.StrEnum):
    """What its serial port is for, in all likelihood."""

    LINK = "link"
    CONSOLE = "console"
    NONE = "none"


@dataclass(frozen=True)
class Known:
    """A line of the table."""

    kind: Kind
    name: str


_ST_LINK_PRODUCTS = {
    0x3744: "ST-Link/V1",
    0x3748: "ST-Link/V2",
    0x374A: "ST-Link/V2-1",
    0x374B: "ST-Link/V2-1",
    0x3752: "ST-Link/V2-1",
    0x374D: "STLINK-V3 (its own loader)",
    0x374E: "STLINK-V3",
    0x374F: "STLINK-V3",
    0x3753: "STLINK-V3",
    0x3754: "STLINK-V3",
    0x3755: "STLINK-V3 (its own loader)",
    0x3757: "STLINK-V3",
}
_ST = 0x0483
_PRODUCTS = {
    (_ST, 0xDF11): Known(Kind.DFU, "STM32 ROM bootloader (USB DFU)"),
    (0x0D28, 0x0204): Known(Kind.CMSIS_DAP, "DAPLink"),
    (0x2E8A, 0x000C): Known(Kind.CMSIS_DAP, "Raspberry Pi Debug Probe"),
    (0x2E8A, 0x0004): Known(Kind.CMSIS_DAP, "Picoprobe"),
    (0x2E8A, 0x0005): Known(Kind.MICROPYTHON, "MicroPython on RP2"),
    (0x10C4, 0xEA60): Known(Kind.UART, "CP210x"),
    (0x10C4, 0xEA70): Known(Kind.UART, "CP2105"),
    (0x10C4, 0xEA71): Known(Kind.UART, "CP2108"),
    (0x1A86, 0x7523): Known(Kind.UART, "CH340"),
    (0x1A86, 0x7522): Known(Kind.UART, "CH340"),
    (0x1A86, 0x5523): Known(Kind.UART, "CH341"),
    (0x1A86, 0x55D3): Known(Kind.UART, "CH343"),
    (0x1A86, 0x55D4): Known(Kind.UART, "CH9102"),
    (0x0403, 0x6001): Known(Kind.UART, "FT232R"),
    (0x0403, 0x6010): Known(Kind.UART, "FT2232"),
    (0x0403, 0x6011): Known(Kind.UART, "FT4232"),
    (0x0403, 0x6014): Known(Kind.UART, "FT232H"),
    (0x0403, 0x6015): Known(Kind.UART, "FT230X"),
    (0x067B, 0x2303): Known(Kind.UART, "PL2303"),
    (0x067B, 0x23A3): Known(Kind.UART, "PL2303GC"),
    **{(_ST, product): Known(Kind.ST_LINK, name) for product, name in _ST_LINK_PRODUCTS.items()},
}
_VENDORS = {
    0xF055: Known(Kind.MICROPYTHON, "MicroPython"),
    0x10C4: Known(Kind.UART, "Silicon Labs"),
    0x1A86: Known(Kind.UART, "WCH"),
    0x0403: Known(Kind.UART, "FTDI"),
    0x067B: Known(Kind.UART, "Prolific"),
}
_ROLES = {
    Kind.MICROPYTHON: Role.CONSOLE,
    # On ST's boards the debugger's port is wired to the UART that MicroPython's builds have their console on.
    Kind.ST_LINK: Role.CONSOLE,
    Kind.CMSIS_DAP: Role.CONSOLE,
    Kind.UART: Role.LINK,
    Kind.DFU: Role.NONE,
    Kind.SERIAL: Role.NONE,
}


def lookup(vendor: int | None, product: int | None, says: str = "") -> Known:
    """What a device is; `says` is what it calls itself, for makers that are not in the table."""
    if vendor is None or product is None:
        return Known(Kind.SERIAL, "no USB device")
    known = _PRODUCTS.get((vendor, product)) or _VENDORS.get(vendor)
    if known is not None:
        return known
    if "cmsis-dap" in says.lower():  # the standard says that the product's name has this in it
        return Known(Kind.CMSIS_DAP, says)
    if "micropython" in says.lower():
        return Known(Kind.MICROPYTHON, says)
    return Known(Kind.SERIAL, says or "unknown USB device")


def role_of(kind: Kind) -> Role:
    """What the serial port of such a device is for."""
    return _ROLES[kind]


def is_interesting(kind: Kind) -> bool:
    """Whether a USB device without a serial port is worth telling of."""
    return kind in (Kind.DFU, Kind.ST_LINK, Kind.CMSIS_DAP)
