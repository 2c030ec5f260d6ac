"""Ports as pyserial lists them, and USB devices as the kernel does."""

from __future__ import annotations

from pathlib import Path

from serial.tools.list_ports_common import ListPortInfo


def port(
    path: str, vendor: int | None, product: int | None, serial_number: str | None = None
) -> ListPortInfo:
    """A port, as `comports()` has it."""
    info = ListPortInfo(path, skip_link_detection=True)
    info.vid, info.pid, info.serial_number = vendor, product, serial_number
    if vendor is not None:
        info.apply_usb_info()
    return info


def usb(
    sysfs: Path, name: str, vendor: int, product: int, says: str, serial_number: str, tty: str = ""
) -> None:
    """A device in a tree like /sys/bus/usb/devices: its folder and its interface's, in it and beside it."""
    folder = sysfs / name
    interface = folder / f"{name}:1.0"
    interface.mkdir(parents=True)
    (folder / "idVendor").write_text(f"{vendor:04x}\n")
    (folder / "idProduct").write_text(f"{product:04x}\n")
    (folder / "product").write_text(f"{says}\n")
    if serial_number:
        (folder / "serial").write_text(f"{serial_number}\n")
    if tty:
        (interface / "tty" / tty).mkdir(parents=True)
    (sysfs / f"{name}:1.0").symlink_to(interface)
