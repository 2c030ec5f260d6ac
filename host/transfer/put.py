"""A file to the car: blocks, each cut into commands, several of them under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

from host.link import CommandRefusedError, Link, Pending
from host.transfer.errors import TransferError
from host.transfer.resume import Told, resumed, silent
from protocol.blocks import encode_block
from protocol.file_commands import BLOCK_BYTES, CHUNK_BYTES, Target
from protocol.limits import WINDOW
from protocol.messages import Status, build_command

_BLOCK_TRIES = 5


@dataclass(frozen=True)
class Sent:
    """What a transfer took: bytes that were there already, and bytes of blocks that were sent."""

    resumed_at: int
    block_bytes: int


def put_file(
    link: Link, content: bytes, name: str, *, target: Target = Target.FILE, told: Told = silent
) -> Sent:
    """Send a file, which the car has under its name once all of it is there and was checked.

    Goes on where an earlier try of the same content broke off. Raises TransferError and the link's errors.
    """
    return resumed(link, lambda: _Putting(link, content, told).run(name, target))


class _Putting:
    """One attempt."""

    def __init__(self, link: Link, content: bytes, told: Told) -> None:
        self._link = link
        self._content = content
        self._told = told
        self._under_way: deque[tuple[int, Pending]] = deque()
        self._block_bytes = 0

    def run(self, name: str, target: Target) -> Sent:
        content = self._content
        values = {"target": target, "size": len(content), "digest": sha256(content).digest(), "name": name}
        there = self._link.submit_message("put", build_command("put", values))
        start = self._start(**self._link.wait(there).values)
        self._link.send("from", {"offset": start})
        self._send_from(start)
        self._link.send("keep")
        return Sent(start, self._block_bytes)

    def _start(self, have: int, checksum: int) -> int:
        """Behind the part that the car has, if it is the beginning of this content in whole blocks."""
        whole = have % BLOCK_BYTES == 0 or have == len(self._content)
        same = have <= len(self._content) and crc32(self._content[:have]) == checksum
        return have if whole and same else 0

    def _send_from(self, start: int) -> None:
        """Send all blocks; one that the car could not take is sent again, with those behind it."""
        tries = dict.fromkeys(range(start, len(self._content), BLOCK_BYTES), 0)
        at = start
        while at < len(self._content):
            refused = self._blocks_from(at)
            if refused is None:
                return
            tries[refused] += 1
            if tries[refused] == _BLOCK_TRIES:
                raise TransferError(
                    f"the car refused the block at byte {refused} {_BLOCK_TRIES} times; check the wiring "
                    "with `host send counters`, then try again: what is there is kept"
                )
            at = refused

    def _blocks_from(self, start: int) -> int | None:
        """Send blocks from there on; answers where the first one begins that was not taken."""
        for at in range(start, len(self._content), BLOCK_BYTES):
            block = encode_block(self._content[at : at + BLOCK_BYTES])
            self._block_bytes += len(block)
            for message in pieces(at, block):
                self._under_way.append((at, self._link.submit_message("block", message)))
                if len(self._under_way) > WINDOW and (refused := self._wait_oldest()) is not None:
                    return refused
        while self._under_way:
            if (refused := self._wait_oldest()) is not None:
                return refused
        return None

    def _wait_oldest(self) -> int | None:
        at, pending = self._under_way.popleft()
        try:
            written = self._link.wait(pending).values["written"]
        except CommandRefusedError as error:
            if error.reply.status not in (Status.BAD_CONTENT, Status.OUT_OF_STEP):
                raise
            self._forget_the_rest()
            return at
        self._told(written, len(self._content))
        return None

    def _forget_the_rest(self) -> None:
        """What stands behind a refused piece is refused as well."""
        while self._under_way:
            _, pending = self._under_way.popleft()
            try:
                self._link.wait(pending)
            except CommandRefusedError:
                continue


def pieces(offset: int, block: bytes) -> Iterator[bytes]:
    """A block's commands. `offset`: where its content begins in the file."""
    for at in range(0, len(block), CHUNK_BYTES):
        data = block[at : at + CHUNK_BYTES]
        last = at + CHUNK_BYTES >= len(block)
        yield build_command("block", {"offset": offset, "at": at, "last": last, "data": data})
