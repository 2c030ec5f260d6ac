"""Keys of the cars that this user has paired with: a file each, readable by the user alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path

from host.link.errors import LinkError
from protocol.limits import KEY_BYTES

_OTHERS = 0o077


class KeyFileError(LinkError):
    """A key file cannot be used; the message says what to do about it."""


def default_folder() -> Path:
    """Where a user's keys live: `patrol-car/keys` in the configuration folder."""
    return user_config_path("patrol-car", appauthor=False) / "keys"


@dataclass(frozen=True)
class KeyStore:
    """Keys by board. A file holds a key as 64 hex digits, and is named after the board's own number."""

    folder: Path = field(default_factory=default_folder)

    def path(self, board: bytes) -> Path:
        """Where a board's key is, if there is one."""
        return self.folder / f"{board.hex() or 'unnamed'}.key"

    def key_of(self, board: bytes) -> bytes | None:
        """A board's key; None when this user has none. Raises KeyFileError for a file that cannot be used."""
        path = self.path(board)
        try:
            if os.name == "posix" and path.stat().st_mode & _OTHERS:
                raise KeyFileError(f"{path}: others may read this key; run: chmod 600 {path}")
            key = bytes.fromhex(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyFileError(f"{path}: cannot be read ({error.strerror})") from None
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyFileError(f"{path}: not a key; copy it again from the host that paired this board")
        return key

    def save(self, board: bytes, key: bytes) -> Path:
        """Write a board's key down, whole or not at all. Raises KeyFileError."""
        path = self.path(board)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Opened so, the file is never readable by others, not even for a moment.
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(key.hex() + "\n")
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise KeyFileError(f"{path}: cannot be written ({error.strerror}); nothing was paired") from None
        return path

    def forget(self, board: bytes) -> None:
        """Remove a board's key, if there is one."""
        self.path(board).unlink(missing_ok=True)


def new_key() -> bytes:
    """A random key."""
    return secrets.token_bytes(KEY_BYTES)
