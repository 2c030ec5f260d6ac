"""Blocks of a file: raw, one byte repeated, or Huffman-coded with their own code; each checked by itself.

The same block goes into compressed files and over the wire to the board. This is the reference, in plain
Python; `host.files.kernels` and the board's reader do the same in machine code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from zlib import crc32

from protocol.huffman import Codebook, limited_code_lengths

MAX_BITS = 11
"""Longest code of a block: a decoder's table has 2,048 entries."""
MAX_STREAMS = 8
CHECKSUM_BYTES = 4
_WORD = 512
"""Bits that the reference moves at a time."""
_WORD_MASK = (1 << _WORD) - 1
_SIZE_BYTES = 4
"""Of each stream's size but the last one's."""

_ZEROS, _MANY_ZEROS, _AGAIN = 13, 14, 15
_FEW, _MANY = 3, 19
"""Least that runs of zeros, or of the same length, and long runs of zeros hold."""

Bytes = bytes | bytearray | memoryview


class BlockError(ValueError):
    """Bytes that are no block, or a damaged one, or one that is larger than the reader takes."""


class Kind(IntEnum):
    """How a block's body holds its content."""

    RAW = 0
    SINGLE = 1
    CODED = 2


@dataclass(frozen=True)
class Header:
    """What a block says of itself: its body is data[start:end] and becomes `size` bytes."""

    kind: Kind
    streams: int
    size: int
    start: int
    end: int


def encode_block(data: bytes, streams: int = 1) -> bytes:
    """A block with these bytes (1 or more): the smallest of the kinds, raw among equals.

    A coded body is in 1, 2, 4 or 8 streams. Raises ValueError for no data or another number of streams.
    """
    if not data or streams not in (1, 2, 4, 8):
        raise ValueError(f"{len(data)} bytes in {streams} streams; 1 or more go into 1, 2, 4 or 8")
    if data.count(data[0]) == len(data):
        return _sealed(Kind.SINGLE, 1, len(data), data[:1])
    lengths = code_lengths(data)
    coded = pack_lengths(lengths) + _streams(data, Codebook(lengths), streams)
    if len(coded) >= len(data):
        return _sealed(Kind.RAW, 1, len(data), data)
    return _sealed(Kind.CODED, streams, len(data), coded)


def code_lengths(data: bytes) -> bytes:
    """The best code lengths of at most MAX_BITS for data of two different bytes or more."""
    counts = [0] * 256
    for byte in data:
        counts[byte] += 1
    return limited_code_lengths(counts, MAX_BITS)


def _sealed(kind: Kind, streams: int, size: int, body: bytes) -> bytes:
    return pack_header(kind, size, body, streams) + body


def pack_header(
    kind: int, size: int, body: Bytes, streams: int, checksum: Callable[[Bytes, int], int] = crc32
) -> bytes:
    """What stands before a body: control, both sizes, and a checksum over all of it and the body."""
    control = kind | (streams.bit_length() - 1) << 2
    head = bytes([control]) + leb128(size) + leb128(len(body))
    return head + checksum(body, checksum(head, 0)).to_bytes(CHECKSUM_BYTES, "little")


def read_header(
    data: Bytes, at: int, *, limit: int, crc32: Callable[[Bytes, int], int] = crc32
) -> Header:
    """The header of the block at data[at:], its checksum compared; `limit` is the most content to take.

    Raises BlockError.
    """
    if at >= len(data):
        raise BlockError("no block where one should begin")
    control = data[at]
    size, place = read_leb128(data, at + 1)
    body_bytes, place = read_leb128(data, place)
    start = place + CHECKSUM_BYTES
    end = start + body_bytes
    if end > len(data):
        raise BlockError("the block ends too early")
    told = int.from_bytes(data[place:start], "little")
    view = memoryview(data)
    if crc32(view[start:end], crc32(view[at:place], 0)) != told:
        raise BlockError("its checksum differs")
    if control >> 4 or control & 3 > Kind.CODED or (control & 3 != Kind.CODED and control >> 2):
        raise BlockError(f"no block has control {control:#04x}; update this program")
    if not 1 <= size <= limit:
        raise BlockError(f"{size} bytes of content; 1 to {limit} are taken")
    return Header(Kind(control & 3), 1 << (control >> 2), size, start, end)


def decode_block(data: Bytes, at: int = 0, *, limit: int) -> tuple[bytes, int]:
    """(content, where the block ends) of the block at data[at:], of `limit` bytes at most.

    Raises BlockError; nothing is decoded before the checksum is known to be right.
    """
    header = read_header(data, at, limit=limit)
    body = bytes(data[header.start : header.end])
    if header.kind is Kind.CODED:
        return _decoded(body, header), header.end
    if len(body) != (1 if header.kind is Kind.SINGLE else header.size):
        raise BlockError("its body has another size than its content")
    return (body * header.size if header.kind is Kind.SINGLE else body), header.end


def pack_lengths(lengths: Sequence[int]) -> bytes:
    """256 code lengths as nibbles, low one first; runs of zeros and of the last length are shortened."""
    nibbles: list[int] = []
    symbol = 0
    while symbol < 256:
        run = 1
        while symbol + run < 256 and lengths[symbol + run] == lengths[symbol]:
            run += 1
        if not lengths[symbol] and run >= _MANY:
            run = min(run, _MANY + 255)
            nibbles += [_MANY_ZEROS, run - _MANY & 15, run - _MANY >> 4]
        elif not lengths[symbol] and run >= _FEW:
            nibbles += [_ZEROS, run - _FEW]
        elif symbol and lengths[symbol] == lengths[symbol - 1] and run >= _FEW:
            run = min(run, _FEW + 15)
            nibbles += [_AGAIN, run - _FEW]
        else:
            run = 1
            nibbles.append(lengths[symbol])
        symbol += run
    pairs = zip(nibbles[0::2], [*nibbles[1::2], 0], strict=False)
    return bytes(low | high << 4 for low, high in pairs)


def unpack_lengths(body: bytes) -> tuple[bytes, int]:
    """(256 code lengths, bytes that they took). Raises BlockError unless they make a whole code."""
    nibbles = (nibble for byte in body for nibble in (byte & 15, byte >> 4))
    lengths = bytearray()
    read = 0

    def take() -> int:
        nonlocal read
        read += 1
        nibble = next(nibbles, None)
        if nibble is None:
            raise BlockError("its code lengths end too early")
        return nibble

    while len(lengths) < 256:
        nibble = take()
        if nibble == _ZEROS:
            lengths += bytes(take() + _FEW)
        elif nibble == _MANY_ZEROS:
            lengths += bytes(take() + 16 * take() + _MANY)
        elif nibble == _AGAIN:
            if not lengths:
                raise BlockError("its code lengths begin with a repetition")
            lengths += lengths[-1:] * (take() + _FEW)
        else:
            lengths.append(nibble)
    if len(lengths) > 256 or (read % 2 and next(nibbles)):
        raise BlockError("its code lengths are too many")
    if max(lengths) > MAX_BITS:
        raise BlockError(f"a code is over {MAX_BITS} bits")
    shares_taken = sum(1 << MAX_BITS - length for length in lengths if length)
    if shares_taken != 1 << MAX_BITS or lengths.count(0) == 255:
        raise BlockError("its code lengths make no whole code")
    return bytes(lengths), (read + 1) // 2


def shares(size: int, streams: int) -> list[int]:
    """How many bytes of content each stream holds: a part each, rounded up, the last ones what is left."""
    share = -(-size // streams)
    return [max(0, min(share, size - stream * share)) for stream in range(streams)]


def _streams(data: bytes, book: Codebook, streams: int) -> bytes:
    pieces, at = [], 0
    for share in shares(len(data), streams):
        pieces.append(_write_stream(data[at : at + share], book))
        at += share
    sizes = b"".join(len(piece).to_bytes(_SIZE_BYTES, "little") for piece in pieces[:-1])
    return sizes + b"".join(pieces)


def _write_stream(data: bytes, book: Codebook) -> bytes:
    """The codes of data, filled up with zeros. Without a BitWriter: a call a byte would take the time."""
    codes, lengths = book.codes, book.lengths
    out = bytearray()
    ahead = have = 0
    for byte in data:
        ahead |= codes[byte] << have
        have += lengths[byte]
        if have >= _WORD:
            out += (ahead & _WORD_MASK).to_bytes(_WORD // 8, "little")
            ahead >>= _WORD
            have -= _WORD
    return bytes(out) + ahead.to_bytes((have + 7) // 8, "little")


def _decoded(body: bytes, header: Header) -> bytes:
    lengths, at = unpack_lengths(body)
    book = Codebook(lengths)
    table, at = at, at + _SIZE_BYTES * (header.streams - 1)
    content = bytearray()
    for number, share in enumerate(shares(header.size, header.streams)):
        end = len(body)
        if number < header.streams - 1:
            place = table + _SIZE_BYTES * number
            end = at + int.from_bytes(body[place : place + _SIZE_BYTES], "little")
        if not at <= end <= len(body):
            raise BlockError("its streams are longer than its body")
        content += _read_stream(body[at:end], book, share)
        at = end
    return bytes(content)


def _read_stream(stream: bytes, book: Codebook, size: int) -> bytes:
    """So many symbols of a stream, which must end with them."""
    table, mask, width = book.table, (1 << book.width) - 1, book.width
    content = bytearray(size)
    ahead = have = at = 0
    for place in range(size):
        if have < width and at < len(stream):
            piece = stream[at : at + _WORD // 8]
            ahead |= int.from_bytes(piece, "little") << have
            have += 8 * len(piece)
            at += len(piece)
        entry = table[ahead & mask]
        if entry is None or entry[1] > have:
            raise BlockError("a stream ends too early")
        content[place], length = entry
        ahead >>= length
        have -= length
    if at < len(stream) or have >= 8 or ahead:
        raise BlockError("a stream goes on behind its content")
    return bytes(content)


def leb128(value: int) -> bytes:
    """A number seven bits a byte, the lowest first; all bytes but the last have bit 7 set."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def read_leb128(data: Bytes, at: int) -> tuple[int, int]:
    """(number, where it ends); five bytes at most, the shortest form. Raises BlockError when it is none."""
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if shift and not byte:
                break
            return value, at
    raise BlockError("its sizes are no numbers")
