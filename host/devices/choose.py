"""Which port is meant: one that was named, one with a serial number, or the only one there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from host.devices.device import Device
from host.devices.known import Kind

BY_SERIAL_NUMBER = "id:"
PortOf = Callable[[Device], str | None]


class ChoiceError(Exception):
    """No port, or more than one, is meant. The message lists what there is."""


def link_of(device: Device) -> str | None:
    """Where the car may be."""
    return device.link


def console_of(device: Device) -> str | None:
    """Where its console may be."""
    return device.console


def bootloader_of(device: Device) -> str | None:
    """Where the bootloader in a chip's ROM may be: an adapter, or `dfu`; never an emulated car."""
    if device.kind is Kind.DFU:
        return f"dfu:{device.serial_number}" if device.serial_number else "dfu"
    return device.link if device.kind is not Kind.EMULATED else None


def any_port_of(device: Device, port_of: PortOf) -> str | None:
    """For a device that was named: its port for this use, else whatever port it has."""
    return port_of(device) or device.port


def named_port(name: str, devices: Sequence[Device], port_of: PortOf, option: str) -> str:
    """The port of the device with the serial number in `id:SERIAL`. Raises ChoiceError."""
    wanted = name.removeprefix(BY_SERIAL_NUMBER).casefold()
    found = [device for device in devices if (device.serial_number or "").casefold() == wanted and wanted]
    ports = {any_port_of(device, port_of) for device in found} - {None}
    if len(ports) == 1:
        return str(ports.pop())
    if len(ports) > 1:
        listed = _listed(found, port_of)
        raise ChoiceError(f"{name} has {len(ports)} ports; name one with {option}:\n{listed}")
    if found:
        raise ChoiceError(f"{name}: is a {found[0].kind} and has no serial port")
    known = [device for device in devices if device.serial_number and any_port_of(device, port_of)]
    raise ChoiceError(f"{name}: no such device; there {_listing(known, port_of)}")


def only_port(
    devices: Sequence[Device], port_of: PortOf, what: str, option: str,
    otherwise: str = "plug the board in or start `host emulate`",
) -> str:
    """The only port for this use. Raises ChoiceError when there is none, saying what else, or several."""
    found = [device for device in devices if port_of(device)]
    if len(found) == 1:
        return str(port_of(found[0]))
    if found:
        raise ChoiceError(
            f"{len(found)} ports may be the {what}; name one with {option}:\n{_listed(found, port_of)}"
        )
    others = [device for device in devices if device.port]
    raise ChoiceError(
        f"no {what} found; {otherwise}, or name the port with {option}"
        + (f". Other ports:\n{_listed(others, lambda device: device.port)}" if others else "")
    )


def _listing(devices: Sequence[Device], port_of: PortOf) -> str:
    return f"are\n{_listed(devices, port_of)}" if devices else "is none with a serial number and a port"


def _listed(devices: Sequence[Device], port_of: PortOf) -> str:
    return "\n".join(f"  {_line(device, port_of)}" for device in devices)


def _line(device: Device, port_of: PortOf) -> str:
    words = [any_port_of(device, port_of) or "-", f"{device.kind}, {device.name}"]
    if device.serial_number:
        words.append(BY_SERIAL_NUMBER + device.serial_number)
    return "  ".join(words)
