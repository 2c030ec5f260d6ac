"""What is plugged in, or emulated, and which port of it is meant."""

from host.devices.choose import (
    BY_SERIAL_NUMBER,
    ChoiceError,
    bootloader_of,
    console_of,
    link_of,
    named_port,
    only_port,
)
from host.devices.device import Device
from host.devices.find import find_devices
from host.devices.known import Kind, Role

__all__ = [
    "BY_SERIAL_NUMBER",
    "ChoiceError",
    "Device",
    "Kind",
    "Role",
    "bootloader_of",
    "console_of",
    "find_devices",
    "link_of",
    "named_port",
    "only_port",
]
