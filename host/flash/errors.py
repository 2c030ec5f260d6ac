"""What can go wrong between a file and a chip. Texts are for the person at the keyboard."""

from __future__ import annotations


class ImageError(ValueError):
    """A file that is no image, or not one for this chip; nothing was written."""


class BootloaderError(Exception):
    """The bootloader does not answer, or does not do what it should."""


class NoBootloaderError(BootloaderError):
    """The board is not in its bootloader; nothing was written."""


class RefusedError(BootloaderError):
    """The bootloader said no (NACK)."""


class ProtectedError(RefusedError):
    """The chip's memory is protected against reading."""


class NoiseError(BootloaderError):
    """Neither a yes nor a no came, or not in time."""


class SilenceError(NoiseError):
    """Nothing came, or less than was asked for."""
