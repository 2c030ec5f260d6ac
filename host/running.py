"""Emulated boards that run now: each has a file with its URLs, which is gone with it.

The file is in the user's runtime folder and locked for as long as its program lives. The kernel takes the
lock off, whatever ends the program, so a file that can be locked was left behind. (A process number in it
could by then be another process's.)
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_runtime_path

try:
    import fcntl
except ImportError:  # Windows has neither locks of this kind nor our emulated board
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".json"
_PREFIX = "emulated-"


@dataclass(frozen=True)
class RunningBoard:
    """An emulated board: its URLs for `serial.serial_for_url`, what runs it, and which contract it has.

    A board without an application has no contract: `contract_name` is empty.
    """

    link: str
    repl: str
    sensors: str
    emulator: str
    contract_name: str = ""
    contract_hash: int = 0

    @property
    def serial_number(self) -> str:
        """What `id:` finds it by: unique among those that run at one time."""
        return _PREFIX + self.link.rpartition(":")[2]


def folder() -> Path:
    """Where the files are: `patrol-car` in the user's runtime folder, which a log-out empties."""
    with warnings.catch_warnings():  # that XDG_RUNTIME_DIR is not set; there is a folder all the same
        warnings.simplefilter("ignore")
        return user_runtime_path("patrol-car", appauthor=False)


@contextmanager
def announced(board: RunningBoard) -> Iterator[None]:
    """Have others find a board meanwhile. A folder that cannot be written is no reason not to run."""
    if fcntl is None:
        yield
        return
    try:
        path, file = _written(board)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def running_boards() -> list[RunningBoard]:
    """The emulated boards of this user that run now; removes what dead ones left behind."""
    if fcntl is None:
        return []
    with suppress(OSError):
        found = (_read(path) for path in sorted(folder().glob(f"{_PREFIX}*{_SUFFIX}")))
        return [board for board in found if board is not None]
    return []


def _written(board: RunningBoard) -> tuple[Path, int]:
    """Its file, and the open file that holds the lock; locked before it has its name."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"{board.serial_number}{_SUFFIX}"
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.write(file, json.dumps(asdict(board)).encode())
        part.replace(path)
    except BaseException:
        os.close(file)
        part.unlink(missing_ok=True)
        raise
    return path, file


def _read(path: Path) -> RunningBoard | None:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        # The fallback for a missing runtime folder is in /tmp, where others could have put it.
        if os.fstat(file).st_uid != os.getuid():
            return None
        if _is_left_behind(file):
            path.unlink(missing_ok=True)
            return None
        return _parsed(os.read(file, 4096))
    except OSError:
        return None
    finally:
        os.close(file)


def _is_left_behind(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _parsed(content: bytes) -> RunningBoard | None:
    try:
        values: Mapping[str, Any] = json.loads(content)
        return RunningBoard(**{field.name: values[field.name] for field in fields(RunningBoard)})
    except (ValueError, KeyError, TypeError):
        return None  # of another version of this program
