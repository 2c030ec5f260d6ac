"""What can go wrong with a file on its way, beyond the link's own errors."""

from __future__ import annotations

from host.link import LinkError


class TransferError(LinkError):
    """A file did not get through; what the car has of it is kept for the next try."""
