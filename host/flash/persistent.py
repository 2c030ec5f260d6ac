"""Commands over a line that loses and changes bytes: again, and in shorter blocks if need be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from host.flash.bootloader import Bootloader
from host.flash.errors import NoiseError, RefusedError
from host.flash.image import Piece

TRIES = 8
"""Of one command that is no block, before a line is given up."""
_LEAST_BYTES = 16
_PASSED_TO_GROW, _FAILED_TO_GROW = 64, 5
_T = TypeVar("_T")


class Persistent:
    """What is done on one bootloader, until it is done. `retries` counts what had to be done again."""

    def __init__(self, bootloader: Bootloader) -> None:
        self.retries = 0
        self._bootloader = bootloader
        self._bytes = self._most_bytes = bootloader.block_bytes
        self._passed = self._failed = 0

    def again(self, action: Callable[[], _T], tries: int = TRIES) -> _T:
        """Do it until it is done. Raises what the last try did."""
        for left in reversed(range(tries)):
            try:
                return action()
            except (RefusedError, NoiseError):
                if not left:
                    raise
                self._recover()
        raise AssertionError("unreachable")

    def each_block(
        self, piece: Piece, action: Callable[[Piece], int | None], told: Callable[[int], None]
    ) -> int | None:
        """Do it to all of a piece, block by block, or until it returns something; that is returned.

        What was done until then may be any number of blocks: it is one block's failures in a row that end
        it, with what the last one raised. `told` is told how many bytes are done.
        """
        at, failures = piece.address, 0
        while at < piece.end:
            end = min(piece.end, at - at % self._bytes + self._bytes)
            block = Piece(at, piece.data[at - piece.address : end - piece.address])
            try:
                found = action(block)
            except (RefusedError, NoiseError):
                failures += 1
                self._failed += 1
                if failures == self._bootloader.patience:
                    raise
                self._recover()
                if failures > 1:
                    self.shrink()
                continue
            if found is not None:
                return found
            self._grow()
            at, failures = end, 0
            told(at - piece.address)
        return None

    def shrink(self) -> None:
        """Shorter blocks: less is lost each time."""
        self._bytes = max(_LEAST_BYTES, self._bytes // 2)
        self._passed = self._failed = 0

    def _grow(self) -> None:
        """Longer ones, after many of which few failed."""
        self._passed += 1
        if self._passed == _PASSED_TO_GROW:
            if self._failed <= _FAILED_TO_GROW:
                self._bytes = min(self._most_bytes, self._bytes * 2)
            self._passed = self._failed = 0

    def _recover(self) -> None:
        self.retries += 1
        self._bootloader.resync()
