"""What can go wrong while an application is put onto a board."""

from __future__ import annotations

from host.link import LinkError


class DeployError(LinkError):
    """The board's console, file system or MicroPython did not do what it should."""
