"""What can go wrong between a source tree and a running board. Every message names the next action."""

from __future__ import annotations


class EmulatorError(Exception):
    """The emulated board cannot be had, or is gone."""


class ToolMissingError(EmulatorError):
    """A program that this needs is not installed."""


class ImageMissingError(EmulatorError):
    """A file that should have been built, or given, is not there."""


class ApplicationError(EmulatorError):
    """The application does not compile, or does not fit the board."""


class PortTakenError(EmulatorError):
    """A TCP port that was asked for is in use."""


class BootError(EmulatorError):
    """QEMU or the board ended, or said nothing, before it was up. `console` is what the REPL said."""

    def __init__(self, message: str, console: str = "") -> None:
        super().__init__(message)
        self.console = console
