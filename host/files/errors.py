"""What can be wrong with a compressed file. Every message says what to do."""

from __future__ import annotations


class FilesError(Exception):
    """A compressed file that cannot be read, or not as a whole; `host` says so in a line and ends with 2."""
