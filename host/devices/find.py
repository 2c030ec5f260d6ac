"""All that is there: serial ports, USB devices without one, emulated boards that run."""

from __future__ import annotations

from pathlib import Path

from serial.tools.list_ports import comports
from serial.tools.list_ports_common import ListPortInfo

from host.devices.device import Device
from host.devices.known import Kind, Role, lookup, role_of
from host.devices.usb import SYSFS, usb_devices
from host.running import RunningBoard, running_boards


def find_devices(sysfs: Path | None = None) -> list[Device]:
    """Every device, in a fixed order. Opens none of them."""
    ports = [_of_port(port) for port in sorted(comports())]
    return [*ports, *usb_devices(sysfs or SYSFS), *map(_of_emulated, running_boards())]


def _of_port(port: ListPortInfo) -> Device:
    says = port.product or ""
    known = lookup(port.vid, port.pid, says)
    description = "" if port.description == "n/a" else port.description or ""
    return Device(
        port.device, known.kind, known.name, role_of(known.kind),
        port.vid, port.pid, port.serial_number, description,
    )


def _of_emulated(board: RunningBoard) -> Device:
    return Device(
        board.link, Kind.EMULATED, f"STM32F405 in {board.emulator}", Role.LINK,
        serial_number=board.serial_number, repl=board.repl,
        contract_name=board.contract_name,
        contract_hash=board.contract_hash if board.contract_name else None,
    )
