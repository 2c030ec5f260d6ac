"""What can be wrong with a recording."""

from __future__ import annotations


class RecordingError(Exception):
    """A file that is no recording, or cannot be read or written; the message says what to do."""
