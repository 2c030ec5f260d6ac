"""Logs and folders named on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from host.cli.errors import UserError
from host.logs import LogError, load_log
from host.train.run import Joined, join


def joined_of(paths: Sequence[Path]) -> Joined:
    """The logs that were named, put together."""
    try:
        return join([load_log(path) for path in paths])
    except LogError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror})") from None


def make_folder(folder: Path) -> None:
    """Before the work, not after it: nobody wants to wait for results that have no place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made ({error.strerror}); name another folder") from None
    if not os.access(folder, os.W_OK):
        raise UserError(f"{folder}: not writable; name another folder")
