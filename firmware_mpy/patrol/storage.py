"""Names that the link may touch in the car's file system, folders, digests."""

import os
from hashlib import sha256

from micropython import const

from patrol import wire

_READ_BYTES = const(512)
_OWN_FOLDERS = ("slots", "slot", "rom")
_OWN_FILES = "patrol."
"""The key and the count of starts begin so: a key that could be read over the link would be none."""


def check_name(name):
    """Whether a name is relative, plain, and not one of what the car keeps for itself, on FAT in any case."""
    parts = name.lower().split("/")
    if len(name.encode()) > wire.NAME_BYTES or "\0" in name:
        return False
    for part in parts:
        if part in ("", ".", ".."):
            return False
    return parts[0] not in _OWN_FOLDERS and not parts[0].startswith(_OWN_FILES)


def make_folders(name):
    """Make the folders that a file's name begins with, where they are not there. Raises OSError."""
    at = name.find("/")
    while at > 0:
        try:
            os.stat(name[:at])
        except OSError:
            os.mkdir(name[:at])
        at = name.find("/", at + 1)


def digest_of(path):
    """SHA-256 of a file. Raises OSError. Boot code has its own: it is no part of the application."""
    hashed = sha256()
    chunk = bytearray(_READ_BYTES)
    view = memoryview(chunk)
    with open(path, "rb") as file:
        while size := file.readinto(chunk):
            hashed.update(view[:size])
    return hashed.digest()
