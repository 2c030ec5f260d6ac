"""Files to and from the car over an open link, and updates of its application."""

from host.transfer.errors import TransferError
from host.transfer.get import get_file
from host.transfer.put import put_file
from host.transfer.update import Slots, UpdateError, read_slots, update

__all__ = ["Slots", "TransferError", "UpdateError", "get_file", "put_file", "read_slots", "update"]
