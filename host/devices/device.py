"""A device as all of `host` sees it, whatever found it."""

from __future__ import annotations

from dataclasses import dataclass

from host.devices.known import Kind, Role


@dataclass(frozen=True)
class Device:
    """A board, an adapter, or an emulated board.

    `port` is a serial device or a URL, None when it has none. `repl` is the port of its console where that is
    known to be another one.
    """

    port: str | None
    kind: Kind
    name: str
    role: Role
    vendor: int | None = None
    product: int | None = None
    serial_number: str | None = None
    description: str = ""
    repl: str | None = None
    contract_name: str = ""
    contract_hash: int | None = None

    @property
    def usb_id(self) -> str | None:
        """VID:PID as everybody writes it; None for what is no USB device."""
        if self.vendor is None or self.product is None:
            return None
        return f"{self.vendor:04x}:{self.product:04x}"

    @property
    def link(self) -> str | None:
        """The port that the car may be on."""
        return self.port if self.role is Role.LINK else None

    @property
    def console(self) -> str | None:
        """The port that MicroPython's console may be on."""
        return self.repl or (self.port if self.role is Role.CONSOLE else None)
