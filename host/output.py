"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, *, force: bool = False, like: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write, which becomes `path` at the end, with the mode and times of `like`.

    Until then it has another name in the same folder; whatever goes wrong, nothing is left of it, and what
    was at `path` is untouched. Raises FileExistsError, before anything is written, where `path` exists and
    may not be replaced, and OSError where it is no file, such as a device.
    """
    if not force and path.exists():
        raise FileExistsError(path)
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there, and no file", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            shutil.copystat(like, unfinished)
        else:
            unfinished.chmod(0o666 & ~_umask())
        _rename(unfinished, path, force)
    except BaseException:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text file, in place of one of that name, so that nobody ever sees half of it."""
    with whole_file(path, force=True) as file:
        file.write(text.encode())


def _rename(unfinished: Path, path: Path, force: bool) -> None:
    """Never over a file that appeared meanwhile, unless told to."""
    if force:
        unfinished.replace(path)
        return
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        unfinished.rename(path)
    else:
        unfinished.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
