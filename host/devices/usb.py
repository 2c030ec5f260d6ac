"""USB devices without a serial port (a bootloader, a bare debug probe), from what the kernel says of them.

Linux only: https://docs.kernel.org, "sysfs-bus-usb". No library is needed and no device is opened.
"""

from __future__ import annotations

from pathlib import Path

from host.devices.device import Device
from host.devices.known import Role, is_interesting, lookup

SYSFS = Path("/sys/bus/usb/devices")


def usb_devices(folder: Path) -> list[Device]:
    """Bootloaders and probes on the bus that have no serial port; empty where there is no sysfs."""
    if not folder.is_dir():
        return []
    found = (_device(path) for path in sorted(folder.iterdir()) if ":" not in path.name)
    return [device for device in found if device is not None]


def _device(path: Path) -> Device | None:
    vendor, product = _number(path / "idVendor"), _number(path / "idProduct")
    says = _text(path / "product")
    known = lookup(vendor, product, says)
    if vendor is None or not is_interesting(known.kind) or _has_port(path):
        return None
    serial_number = _text(path / "serial") or None
    return Device(
        None, known.kind, known.name, Role.NONE, vendor, product, serial_number, says
    )


def _has_port(path: Path) -> bool:
    """Whether an interface of the device has a tty: the list of ports has the device then."""
    interfaces = path.glob(f"{path.name}:*")
    return any(next(each.glob("tty*"), None) is not None for each in interfaces)


def _number(path: Path) -> int | None:
    try:
        return int(_text(path), 16)
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
