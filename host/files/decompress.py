"""The container back into a stream, block by block, each checked before it is decoded.

A damaged block costs its own content and nothing else: the next record says where it belongs, and where a
record is damaged too, the next mark is searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from host.files.checksum import crc32
from host.files.codec import LARGEST_BLOCK, SLACK, BlockError, Buffer, Codec
from host.files.container import (
    BLOCK_MARK,
    END_HEAD_BYTES,
    END_MARK,
    HEADER_BYTES,
    RECORD_BYTES,
    TAIL_BYTES,
    End,
    Record,
    check_file_header,
    end_record_bytes,
    parse_end,
    parse_record,
    parse_tail,
)
from host.files.errors import FilesError
from host.files.pipeline import in_order
from host.files.source import Source
from protocol.blocks import read_header

_BATCH = 1 << 20
_LARGEST_END = 1 << 32
"""Bytes of an end record that is believed before its checksum is known; of 10**15 bytes of content."""
_LARGEST_GAP = 1 << 40
"""Bytes of zeros that are written for what is missing; a forged record could ask for any number."""
_ZEROS = bytes(1 << 20)

Told = Callable[[int], None]
"""Told how many bytes of the file are done."""


@dataclass(frozen=True)
class Gap:
    """Content that is missing: from `start` up to `stop`, None where nobody knows how much there was."""

    start: int
    stop: int | None

    def __str__(self) -> str:
        return f"bytes {self.start} and up" if self.stop is None else f"bytes {self.start} to {self.stop - 1}"


@dataclass
class Restored:
    """What became of a file: `gaps` is empty when all of it is there and right."""

    content_bytes: int = 0
    blocks: int = 0
    checksum: int = 0
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was wrong, in words, in the order of the file."""


@dataclass(frozen=True)
class _Piece:
    """A block off the file, or what was found in its place."""

    record: Record | None
    block: bytes
    """And what follows it in the file, a little: a decoder may read on."""
    place: int
    problem: str = ""
    end: End | None = None


@dataclass(frozen=True)
class _Decoded:
    offset: int
    content: Buffer
    place: int
    problem: str
    end: End | None


def decompress_stream(
    source: BinaryIO,
    target: BinaryIO | None,
    codec: Codec,
    *,
    threads: int = 1,
    keep_going: bool = False,
    told: Told = lambda done: None,
) -> Restored:
    """Read a container from `source` and write its content to `target`, or nowhere, to verify it.

    Raises FilesError at the first thing that is wrong; with `keep_going` all blocks that are whole are
    written where they belong, zeros in place of the others, and `gaps` says which those are.
    """
    restored = Restored()
    writer = _Writer(target, restored)
    pieces = _batches(_pieces(Source(source), keep_going))
    end: End | None = None
    for batch in in_order(lambda batch: [_decoded(piece, codec) for piece in batch], pieces, threads):
        for piece in batch:
            if piece.problem:
                _complain(piece, keep_going, restored)
            end = piece.end or end
            if piece.content:
                writer.write(piece, keep_going)
            told(piece.place)
    _close(writer, end, keep_going)
    return restored


class _Writer:
    """Puts content where it belongs."""

    def __init__(self, target: BinaryIO | None, restored: Restored) -> None:
        self._target = target
        self.restored = restored

    def write(self, piece: _Decoded, keep_going: bool) -> None:
        """Append a block's content, after zeros for what is missing before it."""
        restored = self.restored
        if piece.offset < restored.content_bytes:
            _complain_of(f"the block at byte {piece.place} repeats content", keep_going, restored)
            return
        if piece.offset > restored.content_bytes:
            if not keep_going:
                raise FilesError(f"{Gap(restored.content_bytes, piece.offset)} are missing; try --keep-going")
            self.fill_up_to(piece.offset)
        self._append(piece.content)
        restored.blocks += 1

    def fill_up_to(self, offset: int) -> None:
        """Zeros in place of what is missing."""
        restored = self.restored
        gap = Gap(restored.content_bytes, offset)
        if offset - restored.content_bytes > _LARGEST_GAP:
            raise FilesError(f"{gap} are said to be missing, which nobody would believe; get the file again")
        restored.gaps.append(gap)
        while (missing := offset - restored.content_bytes) > 0:
            self._append(_ZEROS[:missing])

    def _append(self, content: Buffer) -> None:
        if self._target is not None:
            self._target.write(content)
        self.restored.content_bytes += len(content)
        self.restored.checksum = crc32(content, self.restored.checksum)


def _close(writer: _Writer, end: End | None, keep_going: bool) -> None:
    """Compare with what the end record says of the whole."""
    restored = writer.restored
    if end is None:
        if keep_going:
            restored.gaps.append(Gap(restored.content_bytes, None))
        return
    if end.content_bytes > restored.content_bytes:
        if not keep_going:
            gap = Gap(restored.content_bytes, end.content_bytes)
            raise FilesError(f"{gap} are missing; try --keep-going")
        writer.fill_up_to(end.content_bytes)
    if not restored.gaps and (end.content_bytes, end.checksum) != (restored.content_bytes, restored.checksum):
        _complain_of("every block is whole, but the whole is not: its checksum differs", keep_going, restored)


def _complain(piece: _Decoded, keep_going: bool, restored: Restored) -> None:
    _complain_of(f"{piece.problem} at byte {piece.place}", keep_going, restored)


def _complain_of(problem: str, keep_going: bool, restored: Restored) -> None:
    if not keep_going:
        raise FilesError(f"{problem}; get the file again, or save what is whole with --keep-going")
    restored.notes.append(problem)


def _pieces(source: Source, keep_going: bool) -> Iterator[_Piece]:
    """What stands in the file, in order; with what is wrong where something is."""
    try:
        check_file_header(source.look(HEADER_BYTES))
        source.take(HEADER_BYTES)
    except FilesError as error:
        if not keep_going:
            raise
        yield _Piece(None, b"", 0, str(error).split(";")[0])
    while True:
        place = source.taken
        if record := parse_record(source.look(RECORD_BYTES)):
            yield _block(source, record, place, keep_going)
        elif size := end_record_bytes(source.look(END_HEAD_BYTES)):
            piece = _end(source, size, place)
            yield piece
            if piece.end is not None:
                yield from _tail(source, place)
                return
            source.take(1)
        elif not source.look(1):
            yield _Piece(None, b"", place, "the file ends before its end record")
            return
        else:
            yield _Piece(None, b"", place, "a damaged record")
            source.take(1)
            if not source.find(BLOCK_MARK, END_MARK):
                yield _Piece(None, b"", source.taken, "the file ends before its end record")
                return


def _block(source: Source, record: Record, place: int, keep_going: bool) -> _Piece:
    """The block behind a record.

    One that is damaged may have lost bytes, and then there are others where its end should be: whoever keeps
    going looks for them in all of it.
    """
    source.take(RECORD_BYTES)
    block = source.look(record.block_bytes + SLACK)
    problem = "" if len(block) >= record.block_bytes else "the file ends in the block"
    if keep_going:
        try:
            read_header(memoryview(block)[: record.block_bytes], 0, limit=LARGEST_BLOCK, crc32=crc32)
        except BlockError as error:
            source.find(BLOCK_MARK, END_MARK)
            return _Piece(record, b"", place, problem or f"a damaged block ({error})")
    source.skip(record.block_bytes)
    return _Piece(record, block, place, problem)


def _end(source: Source, size: int, place: int) -> _Piece:
    data = source.look(size) if size <= _LARGEST_END else b""
    end = parse_end(data) if len(data) == size else None
    if end is None:
        return _Piece(None, b"", place, "a damaged end record")
    source.take(size)
    return _Piece(None, b"", place, end=end)


def _tail(source: Source, end_place: int) -> Iterator[_Piece]:
    place = source.taken
    if parse_tail(source.take(TAIL_BYTES)) != end_place:
        yield _Piece(None, b"", place, "damaged last bytes")
    elif source.look(1):
        yield _Piece(None, b"", source.taken, "bytes of something else behind the end")


def _batches(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces together, so that a thread has enough to do with what it is handed."""
    batch: list[_Piece] = []
    held = 0
    for piece in pieces:
        batch.append(piece)
        held += len(piece.block)
        if held >= _BATCH or piece.problem:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _decoded(piece: _Piece, codec: Codec) -> _Decoded:
    if piece.record is None or piece.problem:
        return _Decoded(0, b"", piece.place, piece.problem, piece.end)
    try:
        content: Buffer = codec.decode(piece.block, piece.record.block_bytes)
        problem = ""
    except BlockError as error:
        content, problem = b"", f"a damaged block ({error})"
    return _Decoded(piece.record.offset, content, piece.place, problem, None)
